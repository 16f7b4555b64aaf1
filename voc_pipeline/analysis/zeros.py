"""Honest zeros: what it means that nobody of a few spoke of something.

Fugard, A. J. B. & Potts, H. W. W. (2015). Supporting thinking on sample sizes for thematic analyses: a quantitative
tool. International Journal of Social Research Methodology 18(6), 669-684, doi 10.1080/13645579.2015.1005453. It takes
participants as independent draws from the population.
"""

from __future__ import annotations

import math

PREVALENCE = 0.2


def miss_probability(n: int, prevalence: float = PREVALENCE) -> float:
    """Give the probability (0..1) that none of ``n`` participants voices what a share ``prevalence`` of all holds.

    Args:
        n: Participants asked, 0 or more.
        prevalence: Share in the population, 0..1.

    Raises:
        ValueError: ``n`` is negative or ``prevalence`` is not in 0..1.
    """
    _require_count(n)
    if not 0.0 <= prevalence <= 1.0:
        msg = f"prevalence must be in 0..1, got {prevalence}"
        raise ValueError(msg)
    return float((1.0 - prevalence) ** n)


def highest_unheard_prevalence(n: int, confidence: float = 0.95) -> float:
    """Give the largest share (0..1) of the population that ``n`` participants without a mention leave plausible.

    It is the exact one-sided upper limit of 0 of n (Clopper & Pearson 1934), about 3 / n at 95 % ("rule of three").

    Args:
        n: Participants asked, 0 or more.
        confidence: Above 0 and below 1.

    Raises:
        ValueError: ``n`` is negative or ``confidence`` is out of bounds.
    """
    _require_count(n)
    if not 0.0 < confidence < 1.0:
        msg = f"confidence must be above 0 and below 1, got {confidence}"
        raise ValueError(msg)
    return 1.0 if n == 0 else -math.expm1(math.log1p(-confidence) / n)


def _require_count(n: int) -> None:
    if n < 0:
        msg = f"a number of participants can't be negative, got {n}"
        raise ValueError(msg)
