"""Frozen records that stages hand to each other, validated when they are made.

Offsets are Unicode code points, end exclusive, relative to the turn's text of record.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voc_pipeline.ids import MentionId, ParticipantId, PassageId, ThemeId, TopicId, TranscriptId


class Outcome(StrEnum):
    """What became of a file of the inbox."""

    CODED = "coded"
    ATTENTION = "attention"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"


class Role(StrEnum):
    """Part played in the call. Only participants are coded."""

    INTERVIEWER = "interviewer"
    PARTICIPANT = "participant"
    OBSERVER = "observer"


class Sentiment(StrEnum):
    """The respondent's stance towards the theme's object."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    MIXED = "mixed"


class ExampleKind(StrEnum):
    """How a codebook's example stands to its theme."""

    TYPICAL = "typical"
    ATYPICAL = "atypical"
    CLOSE_BUT_NO = "close_but_no"


class MentionStatus(StrEnum):
    """How far a person has looked at a mention."""

    MACHINE = "machine"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REJECTED = "rejected"


def _require(ok: bool, message: str) -> None:  # noqa: FBT001 (an assertion reads best with its condition first)
    if not ok:
        raise ValueError(message)


def _require_span(start: int, end: int, what: str) -> None:
    _require(0 <= start < end, f"{what}: offsets must satisfy 0 <= start < end, got {start}:{end}")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the inbox at one moment: posix path relative to the inbox, SHA-256 (hex) and size of its bytes."""

    path: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        _require(len(self.sha256) == 64, "sha256 must be 64 hex digits")  # noqa: PLR2004 (SHA-256 in hex)
        _require(self.size >= 0, "size must not be negative")


@dataclass(frozen=True, slots=True)
class Utterance:
    """A piece of speech as a reader finds it: label as written or None, seconds from the recording's start or None."""

    speaker: str | None
    text: str
    start_seconds: float | None = None

    def __post_init__(self) -> None:
        _require(self.start_seconds is None or math.isfinite(self.start_seconds), "start_seconds must be finite")


JSON_PATH = re.compile(r"(?:[^.\[\]\s][^.\[\]]*|(?=\[))(?:\[\d*\])*(?:\.[^.\[\]]+(?:\[\d*\])*)*")
"""Names parted by dots, each with ``[]`` (every item of a list) or ``[0]`` (one of them) behind it."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a study's tables and JSON files are laid out, where readers could not guess it: plain, picklable data.

    Columns hold header names, the first one that a table has counts. JSON paths are as `JSON_PATH` says;
    ``json_turns`` leads to the list of turns ("" = the file itself), the others start at one turn.
    """

    text_columns: tuple[str, ...] = ()
    speaker_columns: tuple[str, ...] = ()
    start_columns: tuple[str, ...] = ()
    json_turns: str = ""
    json_text: str = ""
    json_speaker: str = ""
    json_start: str = ""
    milliseconds: bool | None = None
    """Whether bare numbers in times are milliseconds (or else seconds); None: told by how fast people speak."""

    def __post_init__(self) -> None:
        for path in (self.json_turns, self.json_text, self.json_speaker, self.json_start):
            _require(not path or JSON_PATH.fullmatch(path) is not None, "a JSON path is written a.b[].c")
        other = self.json_turns or self.json_speaker or self.json_start
        _require(bool(self.json_text) or not other, "a JSON path map needs json_text")


NO_OPTIONS = ReadingOptions()


@dataclass(frozen=True, slots=True)
class LossReport:
    """What a reader did with a file's lines: ``dropped`` pairs a reason (never text) with a count of lines."""

    lines_seen: int = 0
    lines_attributed: int = 0
    dropped: tuple[tuple[str, int], ...] = ()
    inferred_speakers: int = 0


@dataclass(frozen=True, slots=True)
class RawTranscript:
    """A transcript before roles and pseudonymisation. Lives in memory only: raw text is never stored."""

    utterances: tuple[Utterance, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    loss: LossReport = LossReport()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplacedSpan:
    """Where a placeholder stands in a turn's text of record, and what kind of thing it replaced."""

    start: int
    end: int
    placeholder: str
    kind: str

    def __post_init__(self) -> None:
        _require_span(self.start, self.end, "replaced span")
        _require(self.end - self.start == len(self.placeholder), "a replaced span is as long as its placeholder")


@dataclass(frozen=True, slots=True)
class Turn:
    """One uninterrupted speech of one speaker. ``number`` counts from 1; ``text`` is its text of record."""

    number: int
    speaker: str
    role_in_call: Role
    text: str
    record_start: int
    participant_id: ParticipantId | None = None
    start_seconds: float | None = None
    replaced: tuple[ReplacedSpan, ...] = ()

    def __post_init__(self) -> None:
        _require(self.number >= 1, "turns are numbered from 1")
        _require(self.record_start >= 0, "record_start must not be negative")
        _require(
            (self.role_in_call is Role.PARTICIPANT) == (self.participant_id is not None),
            "a participant's turn, and only that, has a participant_id",
        )
        for span in self.replaced:
            _require(self.text[span.start : span.end] == span.placeholder, "a replaced span must show its placeholder")


@dataclass(frozen=True, slots=True)
class Transcript:
    """One interview, pseudonymised. ``source_file`` is the published (pseudonymised) name."""

    transcript_id: TranscriptId
    source_file: str
    sha256: str
    turns: tuple[Turn, ...]
    version: int = 1
    interview_date: str = ""
    language: str = "en"
    loss: LossReport = LossReport()

    def __post_init__(self) -> None:
        _require(self.version >= 1, "versions count from 1")
        position = 0
        for number, turn in enumerate(self.turns, start=1):
            _require(turn.number == number, f"turn {number} is numbered {turn.number}")
            _require(turn.record_start == position, f"turn {number} must start at {position} of the record")
            position += len(turn.text) + 1  # turns are joined by one "\n"

    @property
    def words(self) -> int:
        """Count whitespace-separated words over all turns."""
        return sum(len(turn.text.split()) for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Participant:
    """A respondent and what is known of them: attribute name to value, all strings."""

    participant_id: ParticipantId
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is coded: 1-3 consecutive sentences of one turn. Sentence spans partition ``start:end``.

    ``codable`` is false for fillers and back-channels, which are never coded.
    """

    passage_id: PassageId
    transcript_id: TranscriptId
    turn: int
    start: int
    end: int
    sentences: tuple[tuple[int, int], ...]
    codable: bool = True

    def __post_init__(self) -> None:
        _require_span(self.start, self.end, "passage")
        _require(bool(self.sentences), "a passage has at least one sentence")
        position = self.start
        for start, end in self.sentences:
            _require(start == position and end > start, "sentence spans must partition their passage")
            position = end
        _require(position == self.end, "sentence spans must partition their passage")


@dataclass(frozen=True, slots=True)
class CodingUnit:
    """A participant's turn, ready to be coded: its text of record, its passages and what was asked just before."""

    transcript_id: TranscriptId
    turn: int
    participant_id: ParticipantId
    text: str
    passages: tuple[Passage, ...]
    question: str | None = None


@dataclass(frozen=True, slots=True)
class ThemeHit:
    """A theme that a coder finds in a turn, with the sentence(s) that carry it.

    ``score`` is in 0..1; ``accepted`` is false below the confidence floor; ``why`` is a short reason in plain words.
    ``coder`` and ``coder_version`` name the engine when it is another than the coder that was asked.
    """

    transcript_id: TranscriptId
    turn: int
    theme_id: ThemeId
    start: int
    end: int
    score: float
    accepted: bool
    prompted: bool
    why: str
    coder: str = ""
    coder_version: str = ""

    def __post_init__(self) -> None:
        _require_span(self.start, self.end, "theme hit")
        _require(0.0 <= self.score <= 1.0, f"score must be in 0..1, got {self.score}")


@dataclass(frozen=True, slots=True)
class Stance:
    """A judgement on one hit: sentiment with a score in -1..1, journey stage and statement type."""

    sentiment: Sentiment
    sentiment_score: float
    stage: str
    type: str

    def __post_init__(self) -> None:
        _require(-1.0 <= self.sentiment_score <= 1.0, f"sentiment_score must be in -1..1, got {self.sentiment_score}")


@dataclass(frozen=True, slots=True)
class Mention:
    """One theme applied in one turn, with evidence and provenance. ``turn text[start:end] == quote``."""

    mention_id: MentionId
    transcript_id: TranscriptId
    participant_id: ParticipantId
    turn: int
    start: int
    end: int
    quote: str
    theme_id: ThemeId
    coder: str
    coder_version: str
    score: float
    stance: Stance
    prompted: bool
    accepted: bool
    why: str
    status: MentionStatus = MentionStatus.MACHINE

    def __post_init__(self) -> None:
        _require_span(self.start, self.end, "mention")
        _require(len(self.quote) == self.end - self.start, "a quote is as long as its span")
        _require(0.0 <= self.score <= 1.0, f"score must be in 0..1, got {self.score}")


@dataclass(frozen=True, slots=True)
class Topic:
    """A discovered cluster of passages that no theme covers.

    ``stability`` (0..1) is the mean best Jaccard index over seeded resamples; ``terms`` come most telling first.
    """

    topic_id: TopicId
    label: str
    terms: tuple[str, ...]
    passages: tuple[PassageId, ...]
    examples: tuple[PassageId, ...]
    stability: float


@dataclass(frozen=True, slots=True)
class ThemeExample:
    """A statement that carries a theme (``code``), or doesn't though it might seem to."""

    text: str
    code: bool
    kind: ExampleKind


@dataclass(frozen=True, slots=True)
class Theme:
    """A code of the codebook."""

    theme_id: ThemeId
    name: str
    family: str
    definition: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    examples: tuple[ThemeExample, ...] = ()


@dataclass(frozen=True, slots=True)
class Codebook:
    """Themes with their families, scales and lenses, as one version of a codebook file holds them."""

    name: str
    version: int
    sha256: str
    families: Mapping[str, str]
    themes: tuple[Theme, ...]
    journey_stages: Mapping[str, str]
    statement_types: Mapping[str, str]
    lenses: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    """Names of products and vendors that are never pseudonymised."""

    def theme(self, theme_id: str) -> Theme:
        """Find a theme by id.

        Raises:
            KeyError: The codebook has no such theme.
        """
        for theme in self.themes:
            if theme.theme_id == theme_id:
                return theme
        raise KeyError(theme_id)
