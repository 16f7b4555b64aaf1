"""Calibrates a trained coder and chooses its threshold on the validation interviews. Needs scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from voc_pipeline.coding.speeches import sentences_of, sigmoid, speech_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from models.training.data import Statement
    from voc_pipeline.coding.heads import LinearHead
    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder

_GRID = np.linspace(0.05, 0.9, 171, dtype=np.float32)
_RIGHT = 0.9  # of the mentions that are published
_MOST = 0.05  # of micro-F1, that this may cost


@dataclass(frozen=True, slots=True)
class Scored:
    """Turns as the product scores them: logits and labels (turns, themes), and the interview of each."""

    logits: FloatMatrix
    labels: npt.NDArray[np.int8]
    groups: npt.NDArray[np.str_]

    def of(self, chosen: npt.NDArray[np.bool_]) -> Scored:
        """Take some turns."""
        return Scored(self.logits[chosen], self.labels[chosen], self.groups[chosen])


def scored(
    statements: Sequence[Statement], encoder: SpeechEncoder, head: LinearHead, themes: tuple[str, ...]
) -> Scored:
    """Score turns: the best codable sentence counts. Turns without one are left out."""
    sentences = [sentences_of(statement.unit) for statement in statements]
    kept = [number for number, found in enumerate(sentences) if any(one.codable for one in found)]
    vectors = encoder.encode([speech_of(statements[number].unit, sentences[number]) for number in kept])
    logits = [
        head(matrix[[one.codable for one in sentences[number]]]).max(axis=0)
        for number, matrix in zip(kept, vectors, strict=True)
    ]
    labels = [[theme in statements[number].themes for theme in themes] for number in kept]
    return Scored(
        np.stack(logits), np.array(labels, dtype=np.int8), np.array([statements[number].group for number in kept])
    )


def calibrate(data: Scored) -> tuple[float, float]:
    """Fit slope and intercept over all themes (Platt 1999, Probabilistic outputs for support vector machines)."""
    model = LogisticRegression(C=1e6).fit(data.logits.reshape(-1, 1), data.labels.ravel())
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


def best_threshold(labels: npt.NDArray[np.int8], scores: FloatMatrix) -> float:
    """Give the lowest threshold at which nine mentions of ten are right: as much as may be published, and no more.

    Where that would cost more than 0.05 of micro-F1, or is never so, it is the threshold with the best micro-F1, the
    highest of equals.
    """
    found = [scores >= threshold for threshold in _GRID]
    f1 = np.array([micro_f1(labels, chosen) for chosen in found])
    right = np.array([int((labels * chosen).sum()) / max(1, int(chosen.sum())) for chosen in found])
    enough = _GRID[(right >= _RIGHT) & (f1 >= f1.max() - _MOST)]
    return float(enough[0] if len(enough) else _GRID[f1 == f1.max()].max())


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Turns decided with a calibration and a threshold that were fitted without their interviews."""

    scores: FloatMatrix
    chosen: npt.NDArray[np.bool_]


def decided(data: Scored, others: Scored) -> HeldOut:
    """Decide turns by what other interviews say; their own labels have no say."""
    calibration = calibrate(others)
    threshold = best_threshold(others.labels, probabilities(others.logits, calibration))
    scores = probabilities(data.logits, calibration)
    return HeldOut(scores, scores >= threshold)


def held_out(data: Scored) -> HeldOut:
    """Decide every interview by what the others say."""
    scores, chosen = np.zeros_like(data.logits), np.zeros(data.labels.shape, dtype=np.bool_)
    for group in np.unique(data.groups):
        own = data.groups == group
        found = decided(data.of(own), data.of(~own))
        scores[own], chosen[own] = found.scores, found.chosen
    return HeldOut(scores, chosen)
