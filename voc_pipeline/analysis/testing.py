"""Exact tests on counts of participants, the correction for many of them, and how many participants would do."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from voc_pipeline.protocols import FloatMatrix

SIGNIFICANCE, POWER = 0.05, 0.8
MOST_NEEDED = 200
_ROUNDING = 1 + 1e-9  # p-values are sums of floats


@functools.lru_cache(maxsize=8192)
def fisher(count: int, base: int, others: int, others_base: int) -> float:
    """Give the p-value of Fisher's exact test, two-sided, that two shares are one; NaN where a base is 0.

    Fisher, R. A. (1935). The logic of inductive inference. JRSS 98, 39-82: the probability, margins fixed, of all
    tables that are no likelier than the one seen.
    """
    from scipy.stats import fisher_exact  # noqa: PLC0415 (2 s; only a report needs it)

    if base == 0 or others_base == 0:
        return math.nan
    result = fisher_exact(np.array([[count, base - count], [others, others_base - others]]))
    return min(float(result.pvalue), 1.0)


def more_together(
    both: Sequence[int], first: Sequence[int], second: Sequence[int], *, base: int
) -> npt.NDArray[np.float64]:
    """Give p-values of Fisher's exact test, one-sided, that two things meet more often than chance makes them.

    Each is P(X >= both), X hypergeometric: of ``base`` participants ``first`` have one thing, ``second`` the other.
    """
    from scipy.stats import hypergeom  # noqa: PLC0415 (as above)

    counts = [np.asarray(values, dtype=np.int64) for values in (both, first, second)]
    p_values = hypergeom.sf(counts[0] - 1, base, counts[1], counts[2])
    return np.minimum(np.asarray(p_values, dtype=np.float64), 1.0)


def sign_test(one: int, other: int) -> float:
    """Give the p-value of the exact sign test, two-sided: is it as often one way as the other? NaN of no signs.

    Dixon, W. J. & Mood, A. M. (1946). The statistical sign test. JASA 41, 557-566. Ties are left out beforehand.
    """
    signs = one + other
    if signs == 0:
        return math.nan
    return min(1.0, 2 * math.fsum(_binomial(signs, 0.5)[: min(one, other) + 1]))


def false_discovery_rates(p_values: Sequence[float]) -> list[float]:
    """Give the q-value of each p-value (Benjamini & Hochberg 1995); NaN for NaN, which counts as no test."""
    from scipy.stats import false_discovery_control  # noqa: PLC0415 (as above)

    values = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(values)
    if tested.any():
        values[tested] = false_discovery_control(values[tested], method="bh")
    return [float(value) for value in values]


def participants_for_difference(share: float, other_share: float) -> int | None:
    """Find how many participants a group would let Fisher's exact test see a difference as large as this.

    The smallest n, equal in both groups, at which the test rejects at p <= 0.05, two-sided, with a probability of 80 %
    or more if the shares are those given. Power is added up over all (n + 1)^2 tables, nothing is approximated. As of
    any exact test it goes up and down by a little with n.

    Returns:
        2..200, None if 200 a group are too few.
    """
    for n in range(2, MOST_NEEDED + 1):
        if fisher_power(share, other_share, n=n) >= POWER:
            return n
    return None


def fisher_power(share: float, other_share: float, *, n: int) -> float:
    """Give the probability, 0..1, that Fisher's exact test of two groups of ``n`` has p <= 0.05, two-sided."""
    return float(_binomial(n, share) @ _rejected(n) @ _binomial(n, other_share))


def participants_for_sign_test(share: float) -> int | None:
    """Find how many leaning participants would let the sign test see a lean as clear as this.

    The smallest n at which it rejects at p <= 0.05, two-sided, with a probability of 80 % or more if ``share`` of all
    who lean are on one side; exact, as above.

    Returns:
        6..200, None if 200 are too few.
    """
    for n in range(2, MOST_NEEDED + 1):
        tail = 2 * np.cumsum(_binomial(n, 0.5)) <= SIGNIFICANCE * _ROUNDING
        seen = _binomial(n, share)
        if float(seen[tail].sum() + seen[::-1][tail].sum()) >= POWER:
            return n
    return None


def _binomial(n: int, share: float) -> npt.NDArray[np.float64]:
    """Give the probabilities of 0..n successes."""
    successes = np.arange(n + 1)
    if share in {0.0, 1.0}:
        return np.asarray(successes == round(share * n), dtype=np.float64)
    logarithm = _log_choose(n) + successes * math.log(share) + (n - successes) * math.log1p(-share)
    return np.asarray(np.exp(logarithm), dtype=np.float64)


@functools.cache
def _log_choose(n: int) -> npt.NDArray[np.float64]:
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    return np.asarray(factorials[-1] - factorials - factorials[::-1], dtype=np.float64)


@functools.cache
def _rejected(n: int) -> FloatMatrix:
    """Mark the tables of two groups of ``n`` that Fisher's test rejects: 1 at (successes here, successes there).

    With equal groups the hypergeometric distribution is symmetric with one peak, so that the tables no likelier than
    one seen are its tail and the mirrored tail. The tail of (x, y) is its own probability and the tail of
    (x - 1, y + 1).
    """
    chosen = _log_choose(n)
    successes = np.arange(n + 1)
    table = np.exp(chosen[:, None] + chosen[None, :] - _log_choose(2 * n)[successes[:, None] + successes[None, :]])
    for x in range(1, n + 1):
        table[x, :-1] += table[x - 1, 1:]
    below = (2 * table <= SIGNIFICANCE * _ROUNDING) & (successes[:, None] < successes[None, :])
    return np.asarray(below | below.T, dtype=np.float32)
