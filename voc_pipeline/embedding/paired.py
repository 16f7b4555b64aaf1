"""Two encoders' vectors side by side: both trained for the same themes, or one that no training has narrowed."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voc_pipeline.protocols import FloatMatrix, SentenceEncoder, SpeechEncoder
    from voc_pipeline.speech import Speech


class TwoReaders:
    """Encodes speeches with two trained encoders, as `SpeechEncoder` says; a vector is both vectors as they come.

    The second reads without the question: what only one of them finds, or finds only behind a question, weighs less.

    Args:
        first: Reads speeches whole; the key begins with its key.
        second: Reads answers alone.
    """

    def __init__(self, first: SpeechEncoder, second: SpeechEncoder) -> None:
        self._first, self._second = first, second
        self.key = f"{first.key} beside {second.key}"
        self.dimension = first.dimension + second.dimension

    @property
    def broad(self) -> SentenceEncoder:
        """The first one's."""
        return self._first.broad

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        """Encode speeches: (sentences, dimension) each."""
        alone = self._second.encode([replace(speech, question=None) for speech in speeches])
        sides = zip(self._first.encode(speeches), alone, strict=True)
        return [np.concatenate(pair, axis=1) for pair in sides]

    def words(self, speech: Speech, sentence: int) -> tuple[list[tuple[int, int]], FloatMatrix]:
        """Take a sentence apart as `SpeechEncoder` says: the words as the first read them, then as the second did."""
        spans, rows = self._first.words(speech, sentence)
        again, more = self._second.words(replace(speech, question=None), sentence)
        both = np.zeros((len(rows) + len(more), self.dimension), dtype=np.float32)
        both[: len(rows), : self._first.dimension] = rows
        both[len(rows) :, self._first.dimension :] = more
        return [*spans, *again], both


class PairedEncoder:
    """Encodes speeches with two encoders, as `SentenceEncoder` says; a vector is both vectors, each of length 1.

    Args:
        first: One encoder.
        load_second: Makes the other one, when it is first needed.
    """

    def __init__(self, first: SentenceEncoder, load_second: Callable[[], SentenceEncoder]) -> None:
        self._first = first
        self._load_second = load_second

    @cached_property
    def _second(self) -> SentenceEncoder:
        return self._load_second()

    @property
    def key(self) -> str:
        """Both keys."""
        return f"{self._first.key} beside {self._second.key}"

    @property
    def dimension(self) -> int:
        """Length of both vectors together."""
        return self._first.dimension + self._second.dimension

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        """Encode speeches: (sentences, dimension) each."""
        sides = zip(self._first.encode(speeches), self._second.encode(speeches), strict=True)
        return [np.concatenate([_unit_rows(one), _unit_rows(two)], axis=1) for one, two in sides]


def _unit_rows(vectors: FloatMatrix) -> FloatMatrix:
    rows: FloatMatrix = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return rows
