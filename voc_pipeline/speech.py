"""Records of what is said: an answer as encoders read it, and a likelihood to recommend that somebody speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc_pipeline.ids import ParticipantId, TranscriptId


@dataclass(frozen=True, slots=True)
class Speech:
    """What a contextual encoder reads: a text, the spans of its sentences in order, and what was asked before."""

    text: str
    sentences: tuple[tuple[int, int], ...]
    question: str | None = None


@dataclass(frozen=True, slots=True)
class SpokenScore:
    """A likelihood to recommend (0-10) that a participant said, with its span."""

    transcript_id: TranscriptId
    participant_id: ParticipantId
    turn: int
    start: int
    end: int
    quote: str
    score: float

    def __post_init__(self) -> None:
        if not (0 <= self.start < self.end and 0.0 <= self.score <= 10.0):  # noqa: PLR2004 (NPS scale)
            msg = "a likelihood to recommend is in 0..10, and its span is not empty"
            raise ValueError(msg)
