from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc_pipeline.analysis import testing


def test_fishers_tea_tasting() -> None:
    assert testing.fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert testing.more_together([3], [4], [4], base=8)[0] == pytest.approx(17 / 70)
    assert math.isnan(testing.fisher(0, 0, 1, 2))


def test_fishers_twins_of_criminals() -> None:
    """Fisher 1935, The logic of inductive inference: 10 of 13 against 2 of 17 convicted, one-sided 619 / 1330665."""
    assert testing.more_together([10], [12], [13], base=30)[0] == pytest.approx(619 / 1_330_665)


def test_the_sign_test_of_darwins_plants() -> None:
    """Fisher 1935, The Design of Experiments: 13 of 15 crossed plants were taller; two-sided 242 / 32768."""
    assert testing.sign_test(13, 2) == pytest.approx(242 / 32_768)
    assert testing.sign_test(2, 13) == testing.sign_test(13, 2)


@pytest.mark.parametrize(("one", "other", "p_value"), [(5, 0, 1 / 16), (0, 6, 1 / 32), (3, 3, 1.0), (1, 0, 1.0)])
def test_small_sign_tests(one: int, other: int, p_value: float) -> None:
    assert testing.sign_test(one, other) == pytest.approx(p_value)


def test_no_signs_are_no_test() -> None:
    assert math.isnan(testing.sign_test(0, 0))


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_sign_test_is_scipys(one: int, other: int) -> None:
    from scipy.stats import binomtest

    if one + other:
        assert testing.sign_test(one, other) == pytest.approx(binomtest(one, one + other).pvalue)


@settings(max_examples=15)
@given(st.integers(2, 9), st.sampled_from([0.0, 0.1, 0.35, 0.5]), st.sampled_from([0.2, 0.6, 0.85, 1.0]))
def test_power_is_that_of_all_tables_one_by_one(n: int, share: float, other_share: float) -> None:
    from scipy.stats import binom, fisher_exact

    rejected = [
        (x, y)
        for x in range(n + 1)
        for y in range(n + 1)
        if fisher_exact(np.array([[x, n - x], [y, n - y]])).pvalue <= 0.05 + 1e-12
    ]
    power = sum(binom.pmf(x, n, share) * binom.pmf(y, n, other_share) for x, y in rejected)
    assert testing.fisher_power(share, other_share, n=n) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize(("share", "other", "n"), [(0.0, 1.0, 4), (1.0, 0.0, 4), (0.2, 0.8, 12), (0.5, 0.5, None)])
def test_participants_needed_for_a_difference(share: float, other: float, n: int | None) -> None:
    assert testing.participants_for_difference(share, other) == n
    if n is not None:
        assert testing.fisher_power(share, other, n=n) >= 0.8 > testing.fisher_power(share, other, n=n - 1)


def test_participants_needed_for_a_tone() -> None:
    """All one way: 2 / 2^6 = 0.03 is the first p-value below 0.05. Four of five: 20, by summing the binomial."""
    assert testing.participants_for_sign_test(1.0) == 6
    assert testing.participants_for_sign_test(0.8) == 20
    assert testing.participants_for_sign_test(0.5) is None


def test_q_values_reject_the_four_of_benjamini_and_hochberg_1995() -> None:
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
                0.7590, 1.0]  # fmt: skip
    q_values = testing.false_discovery_rates([math.nan, *p_values])
    assert math.isnan(q_values[0])
    assert sum(q <= 0.05 for q in q_values[1:]) == 4
