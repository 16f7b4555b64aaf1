"""Records of what is said: an answer as encoders read it, and a likelihood to recommend that somebody speaks.

A study's key must not change what its interviews mean: encoders read a placeholder as words a person might have said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc_pipeline.ids import ParticipantId, TranscriptId

PLACEHOLDER = re.compile(r"\[([A-Z]+)_[0-9A-F]{6}\]")
_STAND_INS = {"PERSON": "Alex", "LOCATION": "our town", "DATE": "that day", "EMAIL": "an address", "PHONE": "a number"}


def plain(text: str) -> str:
    """Put plain words for placeholders."""
    return PLACEHOLDER.sub(stand_in, text)


def stand_in(found: re.Match[str]) -> str:
    """Give the plain words for a placeholder that `PLACEHOLDER` found."""
    return _STAND_INS.get(found[1], "that")


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
