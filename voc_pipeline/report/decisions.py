"""What needs a person: each with what to do, so that nobody has to look for the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.records import Outcome
from voc_pipeline.report import wording
from voc_pipeline.report.panels import Decision
from voc_pipeline.report.saturation import most_expected, segment_name, themes_text
from voc_pipeline.tables import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voc_pipeline.report.inputs import ReportInputs
    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import TopicRow

RELEASED = "released"
NAMES, TOPICS = 3, 3
LEAST_VOICES, LEAST_STABILITY = 3, 0.5  # of a topic that may be worth a theme


def decisions(material: Material, inputs: ReportInputs) -> tuple[Decision, ...]:
    """List what waits for a person: first what keeps the report from being right, then what would make it better."""
    return (
        *_files(material),
        *_review(material),
        *_uncovered(inputs),
        *_release(inputs),
        *_small_segments(material),
        *_next_interview(material),
        *_topics(material.tables.topics),
    )


def _release(inputs: ReportInputs) -> Iterator[Decision]:
    if inputs.status != RELEASED:
        yield Decision("This is a draft: nobody has signed it.", "Read it, then: voc release --by 'Your Name'", "")


def _files(material: Material) -> Iterator[Decision]:
    waiting = {
        Outcome.REFUSED: ("could not be read", "Replace with readable files, then: voc run"),
        Outcome.ATTENTION: ("needs a person", "See what each one needs, then: voc run"),
    }
    for outcome, (what, action) in waiting.items():
        names = [row.source_file for row in material.tables.transcripts if row.outcome == outcome]
        if names:
            said = what.replace("needs", "need") if len(names) > 1 else what
            yield Decision(f"{wording.counted(len(names), 'file')} {said}: {_some(names)}.", action, "coverage")


def _review(material: Material) -> Iterator[Decision]:
    waiting = len(material.tables.waiting)
    if waiting:
        wait, count = ("waits", "counts") if waiting == 1 else ("wait", "count")
        yield Decision(
            f"{wording.counted(waiting, 'mention')} below the confidence floor {wait} for review and {count} nowhere.",
            "Read review_queue.csv beside this report",
            "",
        )


def _uncovered(inputs: ReportInputs) -> Iterator[Decision]:
    names = [theme.name for theme in inputs.codebook.themes if theme.theme_id in inputs.uncovered]
    if names:
        was = "was not looked for" if len(names) == 1 else "were not looked for"
        yield Decision(
            f"{wording.counted(len(names), 'theme')} of the codebook {was}, since the coder does not know "
            f"{'it' if len(names) == 1 else 'them'}: {_some(names)}.",
            "Write a definition and examples in codebook.yaml, then: voc codebook test",
            "",
        )


def _small_segments(material: Material) -> Iterator[Decision]:
    for attribute in material.attributes:
        bases = {row.segment_value: row.base for row in material.tables.by_attribute.get(attribute, ())}
        small = [value for value, base in bases.items() if value != NOT_GIVEN and base < material.small_base]
        if small:
            yield Decision(
                f"{wording.label(attribute)}: {_some(small)} {'has' if len(small) == 1 else 'have'} fewer than "
                f"{material.small_base} participants{' each' if len(small) > 1 else ''}, too few to compare.",
                "Read them as individual voices, merge them in the roster, or interview more",
                "segments" if material.links else "",
            )


def _next_interview(material: Material) -> Iterator[Decision]:
    row = most_expected(material.tables.saturation)
    if row is not None and row.next_interview and material.links:
        yield Decision(
            f"Who to talk to next: one more interview with {segment_name(row)} is expected to bring "
            f"{themes_text(row.next_interview)} not yet heard from them, the most of all segments.",
            "See where little new is heard",
            "saturation",
        )


def _topics(rows: Sequence[TopicRow]) -> Iterator[Decision]:
    worth = [
        row
        for row in rows
        if row.participants >= LEAST_VOICES and (row.stability is None or row.stability >= LEAST_STABILITY)
    ]
    for row in worth[:TOPICS]:
        yield Decision(
            f"No theme covers \N{LEFT DOUBLE QUOTATION MARK}{row.label}\N{RIGHT DOUBLE QUOTATION MARK}, raised by "
            f"{wording.counted(row.participants, 'participant')}.",
            "Read the quotes; if it matters, make it a theme in codebook.yaml, then: voc run",
            "topics",
        )


def _some(names: Sequence[str]) -> str:
    """Name the first few and count the rest."""
    if len(names) <= NAMES:
        return wording.listing(names)
    return f"{', '.join(names[:NAMES])} and {len(names) - NAMES} more"


def status_note(material: Material, inputs: ReportInputs) -> str:
    """Say what draft or released means for whoever reads on."""
    mentions = len(material.tables.mentions)
    checked = sum(row.checked for row in material.tables.mentions)
    looked = f" A person checked {checked} of its {wording.counted(mentions, 'mention')}." if checked else ""
    if inputs.status != RELEASED:
        return (
            f"A machine coded this; nobody has signed it yet.{looked} Once you have read it: "
            "voc release --by 'Your Name'"
        )
    when = f" on {wording.long_date(inputs.released_at)}" if inputs.released_at else ""
    told = f"{inputs.released_by} released this{when} and answers for it." if inputs.released_by else "Released."
    return f"{told} A machine coded it.{looked}"
