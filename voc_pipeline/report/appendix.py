"""The parts around the themes: topics, scores, coverage, and the method with its limits."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from voc_pipeline.ids import PassageId
from voc_pipeline.records import Outcome
from voc_pipeline.report import wording
from voc_pipeline.report.shapes import CoverageLine, Fact, ScoreColumn, ScoreSection, TopicSection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.report.quotes import QuoteMaker
    from voc_pipeline.report.rows import ScoreRow, Tables, TranscriptRow

Place = tuple[str, int, int, int]
_PROMOTER, _PASSIVE = 9, 7
_KINDS = {
    Outcome.CODED: "Coded",
    Outcome.ATTENTION: "Needs attention",
    Outcome.REFUSED: "Could not be read",
    Outcome.DUPLICATE: "Duplicate",
    Outcome.SUPERSEDED: "Superseded",
}
_ACTIONS = {
    Outcome.CODED: "",
    Outcome.ATTENTION: "Settle what the reason names, then run again; voc roster proposes who speaks.",
    Outcome.REFUSED: "Replace the file with a readable one, then run again.",
    Outcome.DUPLICATE: "Nothing to do: the same content counts once.",
    Outcome.SUPERSEDED: "Nothing to do: a newer version of this file counts.",
}
_URGENCY = (Outcome.REFUSED, Outcome.ATTENTION, Outcome.CODED, Outcome.SUPERSEDED, Outcome.DUPLICATE)


def topics(tables: Tables, places: Mapping[PassageId, Place], quotes: QuoteMaker) -> tuple[TopicSection, ...]:
    """Make the sections of discovered topics; example ids without a place are left out."""
    return tuple(
        TopicSection(
            label=row.label,
            terms=row.terms,
            size=(
                f"{wording.counted(row.passages, 'passage')} from {wording.counted(row.participants, 'participant')}"
            ),
            stability="" if row.stability is None else f"{row.stability:.2f}",
            quotes=tuple(
                quotes.of_passage(key, place)
                for key in row.examples.split()
                if (place := places.get(PassageId(key))) is not None
            ),
        )
        for row in tables.topics
    )


def topics_note(found: Sequence[TopicSection]) -> str:
    """Say how to take the topics, or that there are none."""
    if not found:
        return (
            "Nothing outside the codebook was said often enough to form a topic. With few interviews that is common: "
            "it says that no new pattern repeated, not that nothing new was said."
        )
    return (
        "Clusters of what no theme of the codebook covers, found by machine. Read the quotes before believing the "
        "label; stability (0 to 1) says how alike the cluster comes out when the search is repeated."
    )


def scores(rows: Sequence[ScoreRow]) -> ScoreSection | None:
    """Summarise likelihood to recommend: one score a participant, the roster's before what was said last."""
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: (row.source == "roster", row.transcript_id, row.turn or 0))
    latest = {row.participant_id: row for row in ordered}
    values = [row.score for row in latest.values()]
    groups = {name: sum(_group(value) == name for value in values) for name in ("detractor", "passive", "promoter")}
    counts = [sum(int(value) == score for value in values) for score in range(11)]
    fullest = max(counts)
    spoken = sum(row.source == "speech" for row in latest.values())
    return ScoreSection(
        sentence=(
            f"{wording.counted(len(values), 'participant')} gave a likelihood to recommend from 0 to 10; "
            f"the median is {median(values):g}."
        ),
        columns=tuple(
            ScoreColumn(score, count, round(100 * count / fullest, 2), _group(score))
            for score, count in enumerate(counts)
        ),
        groups=(
            Fact("Detractors", str(groups["detractor"]), "0 to 6"),
            Fact("Passives", str(groups["passive"]), "7 and 8"),
            Fact("Promoters", str(groups["promoter"]), "9 and 10"),
        ),
        note=(
            f"{_sources(spoken, len(values) - spoken)} One score a participant; the roster's counts where both exist."
        ),
    )


def _sources(spoken: int, listed: int) -> str:
    if not spoken or not listed:
        return "All from the roster." if listed else "All said in the interview."
    return f"{spoken} said in the interview, {listed} from the roster."


def _group(score: float) -> str:
    return "promoter" if score >= _PROMOTER else "passive" if score >= _PASSIVE else "detractor"


def coverage(rows: Sequence[TranscriptRow]) -> tuple[CoverageLine, ...]:
    """List every file, those that need a person first."""
    order = {outcome.value: rank for rank, outcome in enumerate(_URGENCY)}
    return tuple(
        CoverageLine(
            source_file=row.source_file,
            outcome=_KINDS[Outcome(row.outcome)],
            kind=row.outcome,
            size=_size(row),
            reason=row.reason,
            action=_ACTIONS[Outcome(row.outcome)],
        )
        for row in sorted(rows, key=lambda row: (order[row.outcome], row.source_file))
    )


def _size(row: TranscriptRow) -> str:
    if not row.turns or row.words is None:
        return ""
    return f"{wording.counted(row.turns, 'turn')}, {wording.counted(row.words, 'word')}"


def coverage_sentences(rows: Sequence[TranscriptRow], participants: int) -> tuple[str, str]:
    """Say what was read, and what is therefore not in the numbers (empty when nothing is)."""
    counts = {outcome: sum(row.outcome == outcome for row in rows) for outcome in Outcome}
    read = wording.counted(counts[Outcome.CODED], "interview")
    whole = f"Based on {read} with {wording.counted(participants, 'participant')}."
    missing = []
    if counts[Outcome.REFUSED]:
        missing.append(f"{wording.counted(counts[Outcome.REFUSED], 'file')} could not be read")
    if counts[Outcome.ATTENTION]:
        needs = "needs" if counts[Outcome.ATTENTION] == 1 else "need"
        missing.append(f"{wording.counted(counts[Outcome.ATTENTION], 'file')} {needs} attention")
    if not missing:
        return whole, ""
    return whole, f"{wording.listing(missing)}: not in these numbers."


def principles(*, small_base: int, waiting: int, replaced: int) -> tuple[Fact, ...]:
    """Say how the numbers come about and how far they carry."""
    return (
        Fact(
            "Participants are the base",
            "Every share counts people, not sentences. A person who raises a theme ten times counts once.",
        ),
        Fact(
            "Intervals",
            "95% Wilson intervals. They describe the uncertainty of a sample this size; interviewees are chosen, not "
            "drawn at random, so read them as the least uncertainty there is.",
        ),
        Fact(
            "Segment differences",
            "Each segment is compared with all others that have a value of its attribute. q-values correct for the "
            "many comparisons (Benjamini-Hochberg): among the findings for those of all attributes together, in a "
            "theme's own table for those of the one attribute, so that q is often smaller there. Only the findings' "
            "decides: above 0.10 a difference is a pattern to test, not a finding. Segments of fewer than "
            f"{small_base} participants are marked.",
        ),
        Fact(
            "Prompted and volunteered",
            "A mention is prompted when the question just before raised the theme. A participant volunteered a theme "
            "when at least one of their mentions was not prompted.",
        ),
        Fact(
            "Net sentiment",
            "The mean over participants of (positive - negative) / mentions, from \N{MINUS SIGN}1 to +1. It is the "
            "stance towards the theme's object, judged by machine on all sentences of an answer that carry the theme.",
        ),
        Fact(
            "Quotes",
            "Chosen by machine: the most typical first, then the other side, then other people and other segments. All "
            "others stand behind them, and what speaks against a theme's lean is shown as such. No quote carries two "
            "findings.",
        ),
        Fact(
            "Machine-coded",
            "Themes, sentiment, stages and statement types were assigned by trained models and not checked by a person "
            f"unless a quote says so. {wording.counted(waiting, 'mention')} below the confidence floor "
            f"{'waits' if waiting == 1 else 'wait'} in review_queue.csv and {'counts' if waiting == 1 else 'count'} "
            "nowhere. Quotes are verbatim: each can be found at its turn in turns.csv.",
        ),
        Fact(
            "Pseudonymised, not anonymous",
            f"{wording.counted(replaced, 'name or detail', 'names and details')} were replaced by placeholders such as "
            "[PERSON_7F3A]. Detection is not perfect, and a quote together with its segments can still point to a "
            "person: keep this report internal.",
        ),
    )
