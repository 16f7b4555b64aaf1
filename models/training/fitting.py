"""Fits heads on frozen vectors, calibrates them and chooses thresholds. Needs scikit-learn; everything is seeded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from voc_pipeline.coding.heads import LinearHead
from voc_pipeline.coding.views import encode_turns, sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    import numpy.typing as npt

    from models.training.data import Statement
    from voc_pipeline.coding.views import Span, TurnVectors
    from voc_pipeline.protocols import Encoder, FloatMatrix

    Head: TypeAlias = Callable[[FloatMatrix], FloatMatrix]
    Fit: TypeAlias = Callable[["Rows"], Head]

_FOLDS = 4
_OVERLAP = 0.3  # share of the shorter of view and evidence that makes a view an example of the theme


@dataclass(frozen=True, slots=True)
class Corpus:
    """Statements with their vectors and labels: ``labels`` is (statements, themes), 0 or 1."""

    statements: Sequence[Statement]
    turns: Sequence[TurnVectors]
    themes: tuple[str, ...]
    labels: npt.NDArray[np.int8]
    groups: npt.NDArray[np.str_]

    def subset(self, chosen: npt.NDArray[np.bool_]) -> Corpus:
        """Keep the chosen statements."""
        rows = np.flatnonzero(chosen).tolist()
        return Corpus(
            [self.statements[row] for row in rows],
            [self.turns[row] for row in rows],
            self.themes,
            self.labels[rows],
            self.groups[rows],
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Training rows of the heads: one a view of a passage."""

    vectors: FloatMatrix
    labels: npt.NDArray[np.int8]
    weights: FloatMatrix


def corpus(statements: Sequence[Statement], encoder: Encoder, themes: tuple[str, ...]) -> Corpus:
    """Encode statements."""
    turns = list(encode_turns(encoder, [statement.unit for statement in statements]))
    kept = [row for row, turn in enumerate(turns) if turn.views]
    labels = [[theme in statements[row].themes for theme in themes] for row in kept]
    return Corpus(
        [statements[row] for row in kept],
        [turns[row] for row in kept],
        themes,
        np.array(labels, dtype=np.int8),
        np.array([statements[row].group for row in kept]),
    )


def rows_of(data: Corpus) -> Rows:
    """Turn every view into a row: its labels are the themes whose evidence it shares.

    The rows of one statement weigh together as much as the square root of their number, so that long statements
    count for more, but not in proportion.
    """
    vectors, labels, weights = [], [], []
    for statement, turn in zip(data.statements, data.turns, strict=True):
        spans: list[Span] = []
        for view, sentence_vectors, passage, context in zip(
            turn.views, turn.sentences, turn.passages, turn.contexts, strict=True
        ):
            spans += [view.passage, view.context, *view.sentences]
            vectors += [passage[None], context[None], sentence_vectors]
        labels += [_labels(statement, span, data.themes) for span in spans]
        weights += [len(spans) ** -0.5] * len(spans)
    return Rows(np.concatenate(vectors), np.array(labels, dtype=np.int8), np.array(weights, dtype=np.float32))


def _labels(statement: Statement, span: Span, themes: Sequence[str]) -> list[bool]:
    shared = set()
    for code in statement.codes:
        overlap = min(span[1], code.end) - max(span[0], code.start)
        if overlap > _OVERLAP * min(span[1] - span[0], code.end - code.start):
            shared.add(code.theme)
    return [theme in shared for theme in themes]


def fit_linear(rows: Rows, *, strength: float) -> LinearHead:
    """Fit one logistic regression a theme: what the shipped network is compared with.

    Args:
        rows: What to learn from.
        strength: scikit-learn's C (larger = less regularised).
    """
    weights, biases = [], []
    for labels in rows.labels.T:
        model = LogisticRegression(C=strength, max_iter=300)
        model.fit(rows.vectors, labels, sample_weight=rows.weights)
        weights.append(model.coef_[0])
        biases.append(model.intercept_[0])
    return LinearHead(np.array(weights, dtype=np.float32).T.copy(), np.array(biases, dtype=np.float32))


def turn_logits(data: Corpus, head: Head) -> FloatMatrix:
    """Score turns as the product does: the best passage counts. Shape (statements, themes)."""
    return np.stack([turn.passage_scores(head).max(axis=0) for turn in data.turns])


def held_out_logits(data: Corpus, fit: Fit) -> FloatMatrix:
    """Score each author's statements with heads that were fitted on other authors', in four folds."""
    logits = np.zeros(data.labels.shape, dtype=np.float32)
    for fold in range(_FOLDS):
        held_out = np.isin(data.groups, np.unique(data.groups)[fold::_FOLDS])
        if held_out.any():
            logits[held_out] = turn_logits(data.subset(held_out), fit(rows_of(data.subset(~held_out))))
    return logits


def calibrate(parts: Sequence[tuple[FloatMatrix, npt.NDArray[np.int8]]]) -> tuple[float, float]:
    """Fit Platt's slope and intercept over all themes; each part (logits, labels) weighs the same.

    Source: Platt 1999, Probabilistic outputs for support vector machines.
    """
    logits = np.concatenate([part.ravel() for part, _ in parts])
    labels = np.concatenate([part.ravel() for _, part in parts])
    weights = np.concatenate([np.full(part.size, 1 / part.size) for part, _ in parts]) * len(labels)
    model = LogisticRegression(C=1e6).fit(logits[:, None], labels, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def probabilities(logits: FloatMatrix, calibration: tuple[float, float]) -> FloatMatrix:
    """Apply a calibration."""
    slope, intercept = calibration
    return sigmoid(slope * logits + intercept)


def micro_f1(labels: npt.NDArray[np.int8], chosen: npt.NDArray[np.bool_]) -> float:
    """Micro-F1 over all cells, 0..1."""
    total = int(labels.sum() + chosen.sum())
    return 2 * int((labels * chosen).sum()) / total if total else 0.0


def macro_f1(labels: npt.NDArray[np.int8], chosen: npt.NDArray[np.bool_]) -> float:
    """Mean F1 over the themes that occur, 0..1."""
    return float(np.mean([micro_f1(labels[:, k], chosen[:, k]) for k in np.flatnonzero(labels.any(axis=0))]))


_GRID = np.linspace(0.05, 0.8, 151, dtype=np.float32)


def best_threshold(labels: npt.NDArray[np.int8], scores: FloatMatrix) -> float:
    """Give the one threshold with the best micro-F1: the middle of the longest run of near-best grid points."""
    f1 = np.array([micro_f1(labels, scores >= threshold) for threshold in _GRID])
    near_best = _GRID[f1 >= f1.max() - 0.005]
    return float(np.median(near_best))


@dataclass(frozen=True, slots=True)
class ThresholdData:
    """What thresholds are chosen from: calibrated held-out scores of the exemplars and of validation interviews."""

    exemplar_labels: npt.NDArray[np.int8]
    exemplar_scores: FloatMatrix
    labels: npt.NDArray[np.int8]
    scores: FloatMatrix


def thresholds(data: ThresholdData, *, own_share: float) -> FloatMatrix:
    """Choose one threshold a theme.

    The level comes from the validation interviews (all themes together). How far a theme lies from it comes from
    the exemplars, where each has about a hundred examples, and is shrunk: ``own_share`` 0 is one threshold for all.
    """
    level = _logit(best_threshold(data.labels, data.scores))
    middle = _logit(best_threshold(data.exemplar_labels, data.exemplar_scores))
    exemplars = zip(data.exemplar_labels.T, data.exemplar_scores.T, strict=True)
    own = [_logit(best_threshold(labels, scores)) for labels, scores in exemplars]
    return sigmoid(np.array([level + own_share * (theme - middle) for theme in own], dtype=np.float32))


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))


def held_out_decisions(data: ThresholdData, groups: npt.NDArray[np.str_], *, own_share: float) -> npt.NDArray[np.bool_]:
    """Decide each validation interview with thresholds that were chosen without it."""
    chosen = np.zeros(data.labels.shape, dtype=np.bool_)
    for group in np.unique(groups):
        rest = groups != group
        without = ThresholdData(data.exemplar_labels, data.exemplar_scores, data.labels[rest], data.scores[rest])
        chosen[~rest] = data.scores[~rest] >= thresholds(without, own_share=own_share)
    return chosen
