"""Reporting guidelines, filled in from the run where a machine knows, left blank where a person must write."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.records import Outcome, Role
from voc_pipeline.report import wording
from voc_pipeline.report.guidelines import COREQ, COREQ_SOURCE, SRQR, SRQR_SOURCE
from voc_pipeline.report.panels import Checklist, ChecklistItem
from voc_pipeline.report.recordings import recording_link
from voc_pipeline.report.saturation import line_sentence
from voc_pipeline.tables import ALL_SEGMENTS, NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voc_pipeline.report.inputs import ReportInputs
    from voc_pipeline.report.material import Material

GUIDE = "guide"
FEW_VOICES = 2


def checklists(material: Material, inputs: ReportInputs, findings: str) -> tuple[Checklist, ...]:
    """Fill in COREQ and SRQR; ``findings`` is the sentence of the first screen."""
    known = _Known(material, inputs)
    return (
        _filled("COREQ", COREQ_SOURCE, COREQ, _coreq(known)),
        _filled("SRQR", SRQR_SOURCE, SRQR, _srqr(known, findings)),
    )


def _filled(name: str, source: str, items: Mapping[str, str], answers: Mapping[str, str]) -> Checklist:
    return Checklist(
        name, source, tuple(ChecklistItem(number, item, answers.get(number, "")) for number, item in items.items())
    )


def _coreq(known: _Known) -> dict[str, str]:
    return {
        "12": known.sample_size(),
        "15": known.observers(),
        "16": known.sample(),
        "17": known.guide(),
        "18": known.repeats(),
        "19": known.recordings(),
        "21": known.durations(),
        "22": known.saturation(),
        "24": known.coders(),
        "25": known.coding_tree(),
        "26": known.derivation(),
        "27": known.software(),
        "29": known.quotations(),
        "30": known.consistency(),
        "31": known.major_themes(),
        "32": known.minor_themes(),
    }


def _srqr(known: _Known, findings: str) -> dict[str, str]:
    return {
        "S10": known.dates(),
        "S11": known.guide(),
        "S12": " ".join(filter(None, (known.sample_size(), known.sample()))),
        "S13": known.processing(),
        "S14": " ".join(filter(None, (known.derivation(), known.coders()))),
        "S15": known.consistency(),
        "S16": findings if known.has_mentions else "",
        "S17": known.quotations(),
        "S19": known.limits(),
    }


class _Known:
    """What the run's tables tell. Each answer is empty where they tell nothing."""

    def __init__(self, material: Material, inputs: ReportInputs) -> None:
        self._material = material
        self._inputs = inputs
        self._tables = material.tables
        self._coded = [row for row in material.tables.transcripts if row.outcome == Outcome.CODED]
        self.has_mentions = bool(material.tables.mentions)

    def sample_size(self) -> str:
        people = wording.counted(self._tables.base, "participant")
        return f"{people} in {wording.counted(len(self._coded), 'interview')}." if self._tables.base else ""

    def observers(self) -> str:
        """Tell of observers who speak; of silent ones a transcript knows nothing."""
        heard = {turn.transcript_id for turn in self._tables.turns if turn.role_in_call == Role.OBSERVER}
        if not heard:
            return ""
        return f"Observers speak in {len(heard)} of {wording.counted(len(self._coded), 'interview')}."

    def sample(self) -> str:
        told = []
        for attribute in self._material.attributes:
            counts = Counter(self._tables.members(attribute).values())
            values = sorted(counts, key=lambda value: (value == NOT_GIVEN, value))
            told.append(f"{wording.label(attribute)}: {', '.join(f'{value} {counts[value]}' for value in values)}.")
        return " ".join(told) if self._tables.base else ""

    def guide(self) -> str:
        asked = {row.question_id for row in self._tables.questions if row.source == GUIDE}
        if not asked:
            return ""
        were = "was" if len(asked) == 1 else "were"
        return f"{wording.counted(len(asked), 'question')} of the study's guide {were} found in the interviews."

    def repeats(self) -> str:
        spoke: dict[str, set[str]] = {}
        for turn in self._tables.turns:
            if turn.role_in_call == Role.PARTICIPANT:
                spoke.setdefault(turn.participant_id, set()).add(turn.transcript_id)
        if not spoke:
            return ""
        again = sum(len(transcripts) > 1 for transcripts in spoke.values())
        if not again:
            return "None: each participant speaks in one interview."
        return f"{wording.counted(again, 'participant')} {'speaks' if again == 1 else 'speak'} in more than one."

    def recordings(self) -> str:
        people = self._tables.attributes.values()
        named = sum(bool(recording_link(values.get("recording", ""), None)) for values in people)
        return (
            f"The roster names recordings of {named} of {wording.counted(len(people), 'participant')}." if named else ""
        )

    def durations(self) -> str:
        """Tell when the last turns began: the least that the interviews lasted."""
        ends: dict[str, float] = {}
        for turn in self._tables.turns:
            if turn.start_seconds is not None:
                ends[turn.transcript_id] = max(turn.start_seconds, ends.get(turn.transcript_id, 0.0))
        if not ends:
            return ""
        low, high = (round(value / 60) for value in (min(ends.values()), max(ends.values())))
        span = f"{low}" if low == high else f"{low} to {high}"
        timed = f"{len(ends)} of {wording.counted(len(self._coded), 'transcript')}"
        return f"The last turn began after {span} minutes ({timed} carry times)."

    def saturation(self) -> str:
        rows = [row for row in self._tables.saturation if row.segment_attribute == ALL_SEGMENTS and row.interviews]
        return line_sentence(rows[0]) if rows and self.has_mentions else ""

    def coders(self) -> str:
        if not self._tables.coders:
            return ""
        mentions = self._tables.mentions
        checked = sum(row.checked for row in mentions)
        told = f"A person checked {checked} of {wording.counted(len(mentions), 'mention')}."
        looked = told if checked else "No person has checked them."
        return f"Coded by machine: {wording.listing(self._tables.coders)}. {looked}"

    def coding_tree(self) -> str:
        codebook = self._inputs.codebook
        return (
            f"The codebook {codebook.name}, version {codebook.version}: "
            f"{wording.counted(len(codebook.themes), 'theme')} in "
            f"{wording.counted(len(codebook.families), 'family', 'families')}, "
            "each with its definition and what it takes in and leaves out; this report prints those that were heard."
        )

    def derivation(self) -> str:
        topics = len(self._tables.topics)
        found = f"{wording.counted(topics, 'topic')} came" if topics else "No topic came"
        return (
            f"Themes were fixed beforehand in the codebook. {found} from the data, by clustering what no theme covers."
        )

    def software(self) -> str:
        named = "; ".join(f"{name}: {value}" for name, value in self._inputs.method.items())
        return f"voc-pipeline{f' ({named})' if named else ''}."

    def quotations(self) -> str:
        if not self.has_mentions:
            return ""
        return "Every quote is verbatim and names its participant, segments, file, turn and, where known, time."

    def consistency(self) -> str:
        if not self.has_mentions:
            return ""
        return (
            "Every number opens the quotes behind it, quotes against a theme's lean are shown, and voc verify "
            "recomputes quotes and numbers from the files beside this report."
        )

    def major_themes(self) -> str:
        heard = len(self._material.links)
        return f"{wording.counted(heard, 'theme')} heard, ranked by how many raise them." if heard else ""

    def minor_themes(self) -> str:
        few = sum(self._tables.totals[theme].participants <= FEW_VOICES for theme in self._material.links)
        if not self.has_mentions:
            return ""
        return (
            f"Themes of few voices are shown like the others ({few} of one or two participants), and what was not "
            "heard is named."
        )

    def dates(self) -> str:
        dates = sorted({row.interview_date for row in self._coded if row.interview_date})
        if not dates:
            return ""
        span = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        return f"Interviews, as transcripts; dated {span}."

    def processing(self) -> str:
        if not self._coded:
            return ""
        replaced = wording.counted(self._inputs.replaced, "name or detail", "names and details")
        return f"{replaced} were replaced by placeholders before anything was stored; no raw text is kept."

    def limits(self) -> str:
        if not self.has_mentions:
            return ""
        waiting = wording.counted(len(self._tables.waiting), "mention")
        return (
            f"Interviewees are chosen, not drawn at random; coding is by machine; {waiting} below the confidence floor "
            f"count nowhere; segments of fewer than {self._inputs.small_base} are marked."
        )
