"""Two encoders' vectors side by side: one that was trained for some themes, and one that no training has narrowed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voc_pipeline.protocols import FloatMatrix, SentenceEncoder
    from voc_pipeline.speech import Speech


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
