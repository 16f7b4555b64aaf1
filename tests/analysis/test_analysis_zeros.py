from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from voc_pipeline.analysis.zeros import highest_unheard_prevalence, miss_probability


def test_worked_examples() -> None:
    assert miss_probability(4) == pytest.approx(0.4096)
    assert miss_probability(7) == pytest.approx(0.2097, abs=1e-4)
    assert miss_probability(0) == 1.0
    assert miss_probability(5, 0.0) == 1.0
    assert miss_probability(5, 1.0) == 0.0


@pytest.mark.parametrize(("prevalence", "enough"), [(0.05, 32), (0.1, 16), (0.2, 8)])
def test_sample_sizes_for_a_power_of_80_percent(prevalence: float, enough: int) -> None:
    assert 1 - miss_probability(enough, prevalence) >= 0.8 > 1 - miss_probability(enough - 1, prevalence)


def test_rule_of_three() -> None:
    assert highest_unheard_prevalence(100) == pytest.approx(3 / 100, rel=0.02)
    assert highest_unheard_prevalence(0) == 1.0


@given(n=st.integers(1, 5000), confidence=st.floats(0.01, 0.99))
def test_upper_limit_is_clopper_pearsons_and_inverts_the_miss_probability(n: int, confidence: float) -> None:
    limit = highest_unheard_prevalence(n, confidence)
    assert limit == pytest.approx(float(beta.ppf(confidence, 1, n)), rel=1e-6)
    assert miss_probability(n, limit) == pytest.approx(1 - confidence, rel=1e-6)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="can't be negative, got -1"):
        miss_probability(-1)
    with pytest.raises(ValueError, match=r"prevalence must be in 0\.\.1, got 1\.5"):
        miss_probability(3, 1.5)
    with pytest.raises(ValueError, match="can't be negative, got -2"):
        highest_unheard_prevalence(-2)
    with pytest.raises(ValueError, match="confidence must be above 0 and below 1, got 1"):
        highest_unheard_prevalence(3, 1.0)
