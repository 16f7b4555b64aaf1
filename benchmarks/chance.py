"""What chance alone does to quality figures of a few interviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.coding.scoring import calibration_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voc_pipeline.coding.scoring import Coded

_DRAWS = 2000
_SEED = 20261123


def f1_interval(found: Iterable[Coded], gold: Iterable[Coded], interviews: Sequence[str]) -> tuple[float, float]:
    """Give the 2.5th and 97.5th percentile of micro-F1 when interviews are drawn again (percentile bootstrap).

    Codes of one interview stand or fall together, so interviews are drawn, not codes (Davison and Hinkley 1997, 3.8).

    Args:
        found: Accepted mentions.
        gold: What should have been found.
        interviews: Names of all interviews, those without a code too.
    """
    cells, gold_cells = {one[:3] for one in found}, {one[:3] for one in gold}
    right = np.array([sum(one[0] == name for one in cells & gold_cells) for name in interviews])
    listed = np.array([sum(one[0] == name for cell in (cells, gold_cells) for one in cell) for name in interviews])
    drawn = np.random.default_rng(_SEED).integers(len(interviews), size=(_DRAWS, len(interviews)))
    drawn_f1 = 2 * right[drawn].sum(axis=1) / np.maximum(1, listed[drawn].sum(axis=1))
    low, high = np.percentile(drawn_f1, [2.5, 97.5])
    return float(low), float(high)


def calibration_by_chance(scores: Sequence[float]) -> float:
    """Give the mean calibration error of a coder whose scores are exactly right, with so many mentions.

    Bins of few mentions are off by chance: with ten mentions of a score of 0.8 in each, by 0.1 on average.

    Args:
        scores: Probabilities of emitted mentions, (n,).
    """
    chance = np.random.default_rng(_SEED)
    draws = [calibration_error(scores, (chance.random(len(scores)) < scores).tolist()) for _ in range(_DRAWS // 10)]
    return float(np.mean(draws))
