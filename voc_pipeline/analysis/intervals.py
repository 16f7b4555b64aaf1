"""Intervals, all two-sided at 95 %: of a share, of a difference between two shares, of a mean, of a promoter score."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.ids import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIDENCE = 0.95
LEAST_FOR_BOOTSTRAP = 3
_RESAMPLES = 2000
_PSEUDO_SHARE, _PSEUDO_ANSWERS = 0.75, 3.0  # Rocks 2016
_NOTHING = (math.nan, math.nan)


def wilson(count: int, base: int) -> tuple[float, float]:
    """Give the score interval of a share, 0..1 (Wilson 1927); NaN of nobody.

    It is (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), p = count / base, n = base.
    """
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 (2 s; only a report needs it)

    if base == 0:
        return _NOTHING
    low, high = proportion_confint(count, base, alpha=1 - CONFIDENCE, method="wilson")
    share = count / base  # the formula may miss 0 and 1 by a rounding error
    return float(min(max(low, 0.0), share)), float(max(min(high, 1.0), share))


def share_of(count: int, base: int) -> dict[str, float]:
    """Give the columns of a share: participants, base, share (0..1) and its Wilson interval; NaN of nobody."""
    low, high = wilson(count, base)
    share = count / base if base else math.nan
    return {"participants": count, "base": base, "share": share, "ci_low": low, "ci_high": high}


def newcombe(count: int, base: int, *, others: int, others_base: int) -> tuple[float, float]:
    """Give the hybrid score interval, -1..1, of ``count / base - others / others_base``; NaN where a base is 0.

    Method 10 of Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions.
    Statistics in Medicine 17, 873-890: d - sqrt((p1-l1)^2 + (u2-p2)^2) to d + sqrt((u1-p1)^2 + (p2-l2)^2), with l and u
    the Wilson intervals of the two shares.
    """
    if base == 0 or others_base == 0:
        return _NOTHING
    share, others_share = count / base, others / others_base
    (low, high), (others_low, others_high) = wilson(count, base), wilson(others, others_base)
    difference = share - others_share
    return (
        max(difference - math.hypot(share - low, others_high - others_share), -1.0),
        min(difference + math.hypot(high - share, others_share - others_low), 1.0),
    )


def bootstrapped_mean(values: Sequence[float], *, seed: int) -> tuple[float, float]:
    """Give the percentile interval of a mean (Efron 1979), drawn with a seed that is made from the sorted values.

    Values are one a participant, so that the mentions of one person, which are not independent, stay together. NaN
    below three values; of no width where all agree.
    """
    if len(values) < LEAST_FOR_BOOTSTRAP:
        return _NOTHING
    ordered = sorted(values)
    random = np.random.default_rng(int(digest("net sentiment", seed, *(repr(value) for value in ordered)), 16))
    draws = random.integers(len(ordered), size=(_RESAMPLES, len(ordered)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.asarray(ordered)[draws].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)


def net_promoter(promoters: int, detractors: int, *, answered: int) -> tuple[float, float]:
    """Give the adjusted Wald interval of a net promoter score, -100..100; NaN of nobody.

    Rocks, B. (2016). Interval estimation for the "Net Promoter Score". The American Statistician 70(4), 365-372: the
    Wald interval of a difference of two shares of one trinomial sample, with three answers added, three quarters of
    one a promoter and as much a detractor: p = (promoters + 3/4) / (n + 3), d likewise, and
    p - d -+ z sqrt((p + d - (p - d)^2) / (n + 3)). It is cut at -100 and 100 and, of a single answer, widened to
    hold the score itself.
    """
    if answered == 0:
        return _NOTHING
    n = answered + _PSEUDO_ANSWERS
    share, against = (promoters + _PSEUDO_SHARE) / n, (detractors + _PSEUDO_SHARE) / n
    net = share - against
    half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * math.sqrt((share + against - net**2) / n)
    score = 100 * (promoters - detractors) / answered
    return min(max(100 * (net - half), -100.0), score), max(min(100 * (net + half), 100.0), score)
