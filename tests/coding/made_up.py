"""A made-up encoder and turns for tests of coders: vectors that a test can foresee."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.ids import ParticipantId, ThemeId, TranscriptId, passage_id
from voc_pipeline.records import Codebook, CodingUnit, Passage, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.protocols import FloatMatrix
    from voc_pipeline.speech import Speech

TRANSCRIPT = TranscriptId("tr_1")


class WordEncoder:
    """A sentence is the mean of its words; a word is 1 where it is one of those it knows. Remembers what it read."""

    key = "word-encoder"

    def __init__(self, words: Sequence[str]) -> None:
        self.dimension = len(words)
        self.calls: list[list[Speech]] = []
        self._words = words

    @property
    def broad(self) -> WordEncoder:
        return self

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        self.calls.append(list(speeches))
        return [
            np.array(
                [self.words(speech, number)[1].sum(axis=0) for number in range(len(speech.sentences))], dtype=np.float32
            ).reshape(-1, self.dimension)
            for speech in speeches
        ]

    def words(self, speech: Speech, sentence: int) -> tuple[list[tuple[int, int]], FloatMatrix]:
        start, end = speech.sentences[sentence]
        spans = [match.span() for match in re.compile(r"\w+").finditer(speech.text, start, end)]
        known = [[float(speech.text[left:right].lower() == word) for word in self._words] for left, right in spans]
        rows: FloatMatrix = np.array(known, dtype=np.float32).reshape(-1, self.dimension)
        rows /= max(1, len(spans))
        return spans, rows


def codebook(*themes: str, stages: Sequence[str] = (), types: Sequence[str] = ()) -> Codebook:
    listed = tuple(Theme(ThemeId(name), name.title(), "", f"All of {name}.") for name in themes)
    return Codebook("test", 1, "0" * 64, {}, listed, dict.fromkeys(stages, ""), dict.fromkeys(types, ""))


def unit(
    *passages: Sequence[str], turn: int = 2, question: str | None = None, fillers: Sequence[int] = ()
) -> CodingUnit:
    """Make a turn of passages, each of sentences."""
    text = "".join(sentence for sentences in passages for sentence in sentences)
    made, position = [], 0
    for number, sentences in enumerate(passages):
        spans = []
        for sentence in sentences:
            spans.append((position, position + len(sentence)))
            position += len(sentence)
        start, end = spans[0][0], spans[-1][1]
        identity = passage_id(TRANSCRIPT, turn, start, end)
        made.append(Passage(identity, TRANSCRIPT, turn, start, end, tuple(spans), codable=number not in fillers))
    return CodingUnit(TRANSCRIPT, turn, ParticipantId("P-1"), text, tuple(made), question)
