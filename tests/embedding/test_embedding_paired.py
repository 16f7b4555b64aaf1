from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.coding.made_up import WordEncoder
from voc_pipeline.embedding.paired import PairedEncoder, TwoReaders
from voc_pipeline.speech import Speech

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.protocols import FloatMatrix


class Lengths:
    """Gives each sentence its length as the first of its numbers, and a 1 that may be left out."""

    key = "lengths@1"

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        return [self._encoded(speech) for speech in speeches]

    def _encoded(self, speech: Speech) -> FloatMatrix:
        made = np.zeros((len(speech.sentences), self.dimension), dtype=np.float32)
        made[:, 0] = [end - start for start, end in speech.sentences]
        made[:, 1:] = (made[:, :1] > 0) * 1.0
        return made


def test_a_vector_is_both_vectors_each_of_length_one() -> None:
    loads: list[int] = []

    def second() -> Lengths:
        loads.append(1)
        return Lengths(1)

    pair = PairedEncoder(Lengths(2), second)
    assert loads == []
    speeches = [Speech("Far, far away. Yes.", ((0, 14), (15, 19))), Speech("", ())]
    long, none = pair.encode(speeches)
    assert long.shape == (2, 3)
    assert long[0].tolist() == [pytest.approx(one) for one in (14 / np.hypot(14, 1), 1 / np.hypot(14, 1), 1.0)]
    assert none.shape == (0, 3)
    assert (pair.dimension, pair.key) == (3, "lengths@1 beside lengths@1")
    pair.encode(speeches)
    assert loads == [1]


def test_a_sentence_without_tokens_stays_zero() -> None:
    [rows] = PairedEncoder(Lengths(2), lambda: Lengths(2)).encode([Speech("x", ((0, 0), (0, 1)))])
    assert rows[0].tolist() == [0.0] * 4
    assert np.linalg.norm(rows[1]) == pytest.approx(np.sqrt(2))


class Asked(WordEncoder):
    """Remembers with which question it took sentences apart."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words)
        self.asked: list[str | None] = []

    def words(self, speech: Speech, sentence: int) -> tuple[list[tuple[int, int]], FloatMatrix]:
        self.asked.append(speech.question)
        return super().words(speech, sentence)


def test_two_readers_read_side_by_side_the_second_without_the_question() -> None:
    first, second = WordEncoder(("late", "help")), Asked(("late",))
    both = TwoReaders(first, second)
    assert (both.dimension, both.key) == (3, "word-encoder beside word-encoder")
    assert both.broad is first
    speech = Speech("Late again. No help.", ((0, 11), (12, 20)), question="How late was the help?")
    [vectors], none = both.encode([speech]), both.encode([])
    assert none == []
    assert vectors.tolist() == [[0.5, 0, 0.5], [0, 0.5, 0]]
    assert [[one.question for one in reader.calls[0]] for reader in (first, second)] == [[speech.question], [None]]
    second.asked.clear()
    spans, rows = both.words(speech, 0)
    assert second.asked == [None]
    assert spans == [(0, 4), (5, 10)] * 2
    assert rows.tolist() == [[0.5, 0, 0], [0, 0, 0], [0, 0, 0.5], [0, 0, 0]]
