"""What the heads look at: each passage by itself, among its neighbours, and sentence by sentence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voc_pipeline.protocols import Encoder, FloatMatrix
    from voc_pipeline.records import CodingUnit

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PassageView:
    """A codable passage of a turn: its own span, that of it and its neighbours, and those of its sentences.

    Spans are relative to the turn's text, without whitespace at their ends, never empty.
    """

    passage: Span
    context: Span
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class TurnVectors:
    """A turn's vectors, one of everything a passage; ``question`` is None when nothing was asked."""

    views: tuple[PassageView, ...]
    passages: FloatMatrix
    contexts: FloatMatrix
    sentences: tuple[FloatMatrix, ...]
    question: FloatMatrix | None

    def passage_scores(self, head: Callable[[FloatMatrix], FloatMatrix]) -> FloatMatrix:
        """Apply heads to every view: the mean of passage, context and best sentence.

        Args:
            head: Maps vectors (n, dimension) to one score a theme (n, themes).

        Returns:
            Array of shape (passages, themes).
        """
        best = np.stack([head(vectors).max(axis=0) for vectors in self.sentences])
        scores: FloatMatrix = (head(self.passages) + head(self.contexts) + best) / 3
        return scores


def passage_views(unit: CodingUnit) -> tuple[PassageView, ...]:
    """List the views of a turn's codable passages, in order."""
    views = []
    for number, passage in enumerate(unit.passages):
        own = trimmed(unit.text, passage.start, passage.end)
        sentences = [trimmed(unit.text, start, end) for start, end in passage.sentences]
        spoken = tuple((start, end) for start, end in sentences if start < end)
        if passage.codable and spoken:
            first = unit.passages[max(0, number - 1)]
            last = unit.passages[min(len(unit.passages) - 1, number + 1)]
            views.append(PassageView(own, trimmed(unit.text, first.start, last.end), spoken))
    return tuple(views)


def encode_turns(encoder: Encoder, units: Sequence[CodingUnit]) -> Iterator[TurnVectors]:
    """Encode all views of all turns in one call; turns without a codable passage are left out of the call.

    Yields:
        One TurnVectors a unit, in order.
    """
    views = [passage_views(unit) for unit in units]
    texts = [_texts(unit, turn_views) for unit, turn_views in zip(units, views, strict=True)]
    vectors = encoder.encode([text for turn_texts in texts for text in turn_texts])
    position = 0
    for unit, turn_views, turn_texts in zip(units, views, texts, strict=True):
        yield _turn_vectors(unit, turn_views, vectors[position : position + len(turn_texts)])
        position += len(turn_texts)


def _texts(unit: CodingUnit, views: Sequence[PassageView]) -> list[str]:
    if not views:
        return []
    spans = [view.passage for view in views] + [view.context for view in views]
    spans += [span for view in views for span in view.sentences]
    question = [unit.question] if unit.question else []
    return [unit.text[start:end] for start, end in spans] + question


def _turn_vectors(unit: CodingUnit, views: tuple[PassageView, ...], vectors: FloatMatrix) -> TurnVectors:
    count = len(views)
    starts = np.cumsum([2 * count, *(len(view.sentences) for view in views)])
    return TurnVectors(
        views=views,
        passages=vectors[:count],
        contexts=vectors[count : 2 * count],
        sentences=tuple(vectors[start:end] for start, end in pairwise(starts.tolist())),
        question=vectors[-1:] if views and unit.question else None,
    )


def trimmed(text: str, start: int, end: int) -> Span:
    """Give the span of ``text[start:end]`` without whitespace at its ends; empty at ``start`` if it is all space."""
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    return (left, left + len(piece.strip())) if piece.strip() else (start, start)


def sigmoid(logits: FloatMatrix) -> FloatMatrix:
    """Map logits to probabilities, without overflow."""
    shares: FloatMatrix = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return shares
