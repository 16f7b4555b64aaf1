"""Typed rows read from the contract's frames, with every kind of missing value as None."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from voc_pipeline.errors import VocError
from voc_pipeline.records import MentionStatus
from voc_pipeline.tables import ALL_SEGMENTS, CONTRACT_TABLES, NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from voc_pipeline.ids import ThemeId
    from voc_pipeline.tables import TableSpec


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """A file of the inbox (transcripts.csv)."""

    transcript_id: str
    source_file: str
    interview_date: str
    turns: int | None
    words: int | None
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn and its text of record (turns.csv)."""

    transcript_id: str
    source_file: str
    turn: int
    speaker: str
    role_in_call: str
    participant_id: str
    start_seconds: float | None
    text: str


@dataclass(frozen=True, slots=True)
class MentionRow:
    """One theme in one turn (mentions.csv, review_queue.csv)."""

    mention_id: str
    transcript_id: str
    source_file: str
    participant_id: str
    turn: int
    start: int
    end: int
    quote: str
    theme_id: str
    score: float
    status: str
    sentiment: str
    stage: str
    type: str
    prompted: bool

    @property
    def checked(self) -> bool:
        """Whether a person confirmed or corrected it."""
        return self.status in {MentionStatus.CONFIRMED, MentionStatus.CORRECTED}


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One theme in one segment (theme_by_segment.csv). Shares in 0..1."""

    segment_attribute: str
    segment_value: str
    theme_id: ThemeId
    participants: int
    base: int
    share: float | None
    ci_low: float | None
    ci_high: float | None
    mentions: int
    volunteered_participants: int
    net_sentiment: float | None
    sentiment_ci_low: float | None
    sentiment_ci_high: float | None
    p_value: float | None
    q_value: float | None
    small_base: bool


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A discovered topic (topics.csv)."""

    label: str
    passages: int
    participants: int
    stability: float | None
    terms: str
    examples: str


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A likelihood to recommend (scores.csv)."""

    participant_id: str
    transcript_id: str
    turn: int | None
    score: float
    source: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A difference between segments or a lean in tone, the firmest first (findings.csv)."""

    rank: int
    kind: str
    theme_id: ThemeId
    segment_attribute: str
    segment_value: str
    participants: int
    base: int
    others: int | None
    others_base: int | None
    effect: float | None
    effect_ci_low: float | None
    effect_ci_high: float | None
    p_value: float | None
    q_value: float | None
    stands: bool
    needed: int | None


@dataclass(frozen=True, slots=True)
class LensRow:
    """One part of a lens (lenses.csv). Shares in 0..1."""

    lens: str
    part: str
    participants: int
    base: int
    share: float | None
    ci_low: float | None
    ci_high: float | None
    negative: int
    mixed: int
    neutral: int
    positive: int
    net_sentiment: float | None


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """One theme in one journey stage (journey.csv)."""

    stage: str
    theme_id: ThemeId
    participants: int
    base: int
    share: float | None
    ci_low: float | None
    ci_high: float | None
    mentions: int
    negative: int
    mixed: int
    neutral: int
    positive: int
    net_sentiment: float | None


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two themes of the same participants (cooccurrence.csv)."""

    theme_id: ThemeId
    other_theme_id: ThemeId
    participants: int
    expected: float
    base: int
    turns: int
    p_value: float | None
    q_value: float | None


@dataclass(frozen=True, slots=True)
class NpsRow:
    """The net promoter score, -100..100 (nps.csv)."""

    answered: int
    promoters: int
    passives: int
    detractors: int
    nps: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class AdvocacyTableRow:
    """One theme among promoters and detractors (advocacy.csv)."""

    theme_id: ThemeId
    promoters: int
    promoters_base: int
    promoters_ci_low: float | None
    promoters_ci_high: float | None
    detractors: int
    detractors_base: int
    detractors_ci_low: float | None
    detractors_ci_high: float | None
    net_promoters: float | None
    net_detractors: float | None
    p_value: float | None
    q_value: float | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account's signals (net sentiments, -1..1) and value (accounts.csv)."""

    participant_id: str
    value: float | None
    goodwill: float | None
    political_capital: float | None
    abandonment: float | None
    strain: float | None
    value_at_stake: float | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One asking of a question and the turns that answer it (questions.csv)."""

    question_id: str
    question: str
    source: str
    transcript_id: str
    turn: int
    participant_id: str
    first_answer: int | None
    last_answer: int | None


@dataclass(frozen=True, slots=True)
class SaturationRow:
    """What the last interviews of a segment still added (saturation.csv). Shares in 0..1."""

    segment_attribute: str
    segment_value: str
    interviews: int
    themes: int
    base_interviews: int | None
    run_interviews: int | None
    new_information: float | None
    next_interview: float | None


Row = TypeVar(
    "Row", TranscriptRow, TurnRow, MentionRow, ShareRow, TopicRow, ScoreRow, FindingRow, LensRow, JourneyRow, PairRow,
    NpsRow, AdvocacyTableRow, AccountRow, QuestionRow, SaturationRow,
)  # fmt: skip


def _read(frame: pd.DataFrame, kind: type[Row]) -> tuple[Row, ...]:
    names = [field.name for field in fields(kind)]
    return tuple(kind(*values) for values in zip(*(cells(frame[name]) for name in names), strict=True))


def cells(column: pd.Series[Any]) -> list[Any]:
    """Give a column's cells as plain Python values, every kind of missing value as None."""
    return column.astype(object).where(column.notna(), None).tolist()


class Tables:
    """The contract's tables of one run as typed rows, checked for completeness.

    Args:
        frames: Every table of ``voc_pipeline.tables.CONTRACT_TABLES`` by name.

    Raises:
        VocError: A table or column is missing.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        for spec in CONTRACT_TABLES:
            require_columns(frames, spec)
        self.transcripts = _read(frames["transcripts"], TranscriptRow)
        self.turns = _read(frames["turns"], TurnRow)
        self.shares = _read(frames["theme_by_segment"], ShareRow)
        self.topics = _read(frames["topics"], TopicRow)
        self.scores = _read(frames["scores"], ScoreRow)
        self.waiting = _read(frames["review_queue"], MentionRow)
        rejected = MentionStatus.REJECTED
        self.mentions = tuple(row for row in _read(frames["mentions"], MentionRow) if row.status != rejected)
        self.findings = _read(frames["findings"], FindingRow)
        self.lenses = _read(frames["lenses"], LensRow)
        self.journey = _read(frames["journey"], JourneyRow)
        self.pairs = _read(frames["cooccurrence"], PairRow)
        self.nps = _read(frames["nps"], NpsRow)
        self.advocacy = _read(frames["advocacy"], AdvocacyTableRow)
        self.accounts = _read(frames["accounts"], AccountRow)
        self.questions = _read(frames["questions"], QuestionRow)
        self.saturation = _read(frames["saturation"], SaturationRow)
        self._participants = frames["participants"]
        mentions = frames["mentions"]
        coders = zip(cells(mentions["coder"]), cells(mentions["coder_version"]), strict=True)
        self.coders = tuple(sorted({f"{coder} {version}".strip() for coder, version in coders}))

    @cached_property
    def attributes(self) -> dict[str, dict[str, str]]:
        """Attributes of each participant."""
        names = [str(name) for name in self._participants.columns]
        rows = zip(*(cells(self._participants[name]) for name in names), strict=True)
        people = (dict(zip(names, row, strict=True)) for row in rows)
        return {person["participant_id"]: {name: value or "" for name, value in person.items()} for person in people}

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """Columns of the participants."""
        return tuple(map(str, self._participants.columns))

    @cached_property
    def by_theme(self) -> dict[str, tuple[MentionRow, ...]]:
        """Mentions by theme, the most typical (highest score) first."""
        found: dict[str, list[MentionRow]] = {}
        for mention in sorted(self.mentions, key=lambda row: (-row.score, row.mention_id)):
            found.setdefault(mention.theme_id, []).append(mention)
        return {theme: tuple(rows) for theme, rows in found.items()}

    def members(self, attribute: str) -> dict[str, str]:
        """Give each participant's segment value of an attribute, as theme_by_segment names it."""
        people = self.attributes.items()
        return {person: values.get(attribute, "").strip() or NOT_GIVEN for person, values in people}

    @cached_property
    def totals(self) -> dict[str, ShareRow]:
        """The row over all participants, by theme."""
        return {row.theme_id: row for row in self.shares if row.segment_attribute == ALL_SEGMENTS}

    @cached_property
    def by_attribute(self) -> dict[str, tuple[ShareRow, ...]]:
        """Rows of segments, by attribute."""
        found: dict[str, list[ShareRow]] = {}
        for row in self.shares:
            if row.segment_attribute != ALL_SEGMENTS:
                found.setdefault(row.segment_attribute, []).append(row)
        return {attribute: tuple(rows) for attribute, rows in found.items()}

    @cached_property
    def base(self) -> int:
        """How many participants the shares over all are taken of."""
        return max((row.base for row in self.totals.values()), default=len(self._participants))


def require_columns(frames: Mapping[str, pd.DataFrame], spec: TableSpec) -> None:
    """Check that a table is there with its columns in the contract's order.

    Raises:
        VocError: It is not.
    """
    if spec.name not in frames:
        given = ", ".join(sorted(frames)) or "none"
        raise VocError(f"the table {spec.name!r} is missing", where="report", hint=f"Given: {given}")
    names = tuple(map(str, frames[spec.name].columns))
    expected = spec.names
    fits = names[: len(expected)] == expected if spec.open_ended else names == expected
    if not fits:
        raise VocError(
            f"the table {spec.name!r} has the columns {', '.join(names)}",
            where="report",
            hint=f"The contract says {', '.join(expected)}",
        )
