from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.analysis.intervals import bootstrapped_mean, net_promoter, newcombe, wilson


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_differences_are_those_of_newcombe_1998_table_2_method_10(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    count, base, others, others_base = counts
    found = newcombe(count, base, others=others, others_base=others_base)
    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


def test_the_adjusted_wald_interval_adds_three_answers_as_rocks_2016_does() -> None:
    """Of 9 answers 6 and 2: p = 6.75 / 12, d = 2.75 / 12, net 1/3, variance (19/24 - 1/9) / 12."""
    half = NormalDist().inv_cdf(0.975) * math.sqrt((19 / 24 - 1 / 9) / 12)
    low, high = net_promoter(6, 2, answered=9)
    assert low == pytest.approx(100 * (1 / 3 - half))
    assert high == pytest.approx(100 * (1 / 3 + half))


def test_with_many_answers_it_is_the_rule_of_thumb_of_engelhardt() -> None:
    """A third each of promoters, passives and detractors: the interval is 320 / sqrt(n) points wide."""
    low, high = net_promoter(10_000, 10_000, answered=30_000)
    assert high - low == pytest.approx(320 / math.sqrt(30_000), rel=0.001)


def test_intervals_of_net_promoter_scores_cover_what_they_promise() -> None:
    """Rocks 2016 asks for the coverage of true scores over all samples; here exactly, of 12 answers."""
    n, worst = 12, 1.0
    for promoters in (0.2, 0.4, 0.6):
        for detractors in (0.1, 0.2, 0.3):
            passives, true = 1 - promoters - detractors, 100 * (promoters - detractors)
            covered = 0.0
            for p in range(n + 1):
                for d in range(n + 1 - p):
                    low, high = net_promoter(p, d, answered=n)
                    ways = math.comb(n, p) * math.comb(n - p, d)
                    if low <= true <= high:
                        covered += ways * promoters**p * detractors**d * passives ** (n - p - d)
            worst = min(worst, covered)
    assert worst > 0.93


def test_of_nobody_there_is_no_interval() -> None:
    found = [*wilson(0, 0), *newcombe(0, 0, others=1, others_base=2), *newcombe(1, 2, others=0, others_base=0)]
    assert all(math.isnan(one) for one in [*found, *net_promoter(0, 0, answered=0), *bootstrapped_mean([], seed=0)])


@given(counts=st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)).filter(lambda c: sum(c) > 0))
def test_net_promoter_intervals_hold_the_score_and_mirror(counts: tuple[int, int, int]) -> None:
    promoters, passives, detractors = counts
    n = promoters + passives + detractors
    low, high = net_promoter(promoters, detractors, answered=n)
    assert -100 <= low <= 100 * (promoters - detractors) / n <= high <= 100
    assert net_promoter(detractors, promoters, answered=n) == pytest.approx((-high, -low))


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_difference_intervals_hold_the_difference_and_mirror(base: int, others_base: int, data: st.DataObject) -> None:
    count, others = data.draw(st.integers(0, base)), data.draw(st.integers(0, others_base))
    low, high = newcombe(count, base, others=others, others_base=others_base)
    difference = count / base - others / others_base
    assert -1 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1
    mirrored = newcombe(others, others_base, others=count, others_base=base)
    assert mirrored == pytest.approx((-high, -low))
