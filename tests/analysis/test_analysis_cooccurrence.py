from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings

from tests.analysis.said import THEMES, frame, mention, mentions, people, raised, rows_of, seeds, shuffled
from voc_pipeline.analysis.cooccurrence import cooccurrence
from voc_pipeline.tables import COOCCURRENCE


def test_convicts_and_twins_of_fisher_1935() -> None:
    """Of 30 criminals' twins 13 are monozygotic, 12 convicted, 10 both: p = 619 / 1330665, 5.2 expected."""
    said = [*raised("audit", range(13)), *raised("price", [*range(10), 20, 21])]
    [row] = rows_of(cooccurrence(frame(said), people(role=["x"] * 30), THEMES))
    assert (row["theme_id"], row["other_theme_id"], row["other_theme_name"]) == ("price", "audit", "Audit trail")
    assert (row["participants"], row["base"], row["turns"]) == (10, 30, 10)
    assert row["expected"] == pytest.approx(5.2)
    assert row["p_value"] == row["q_value"] == pytest.approx(619 / 1_330_665)


def test_turns_are_answers_in_which_both_stand() -> None:
    said = [
        mention("p0", "price", turn=1), mention("p0", "audit", turn=1), mention("p0", "audit", turn=2),
        mention("p0", "price", turn=3), mention("p0", "audit", turn=3), mention("p1", "price", turn=1),
        mention("p1", "audit", turn=2), mention("p1", "support", turn=2),
        mention("p2", "audit", turn=1, status="rejected"), mention("p2", "price", turn=1),
    ]  # fmt: skip
    [row] = rows_of(cooccurrence(frame(said), people(role=["x"] * 4), THEMES))
    assert (row["participants"], row["turns"], row["expected"]) == (2, 2, 1.5)
    assert row["p_value"] == pytest.approx(0.5)


def test_pairs_that_do_not_meet_are_compared_but_not_listed() -> None:
    said = [*raised("price", range(4)), *raised("audit", range(4)), *raised("support", [6, 7])]
    [row] = rows_of(cooccurrence(frame(said), people(role=["x"] * 8), THEMES))
    assert row["p_value"] == pytest.approx(1 / 70)
    assert row["q_value"] == pytest.approx(3 / 70)  # three pairs were compared


def test_nobody_meets_nobody() -> None:
    assert cooccurrence(frame([]), people(), THEMES).empty


@settings(max_examples=25)
@given(said=mentions, seed=seeds)
def test_bounds_hold_in_any_order(said: list[dict[str, object]], seed: int) -> None:
    who = people(role=["x"] * 8)
    table = cooccurrence(frame(said), who, THEMES)
    assert table.dtypes.astype(str).to_dict() == COOCCURRENCE.frame([]).dtypes.astype(str).to_dict()
    pd.testing.assert_frame_equal(cooccurrence(shuffled(said, seed), who, THEMES), table, check_exact=True)
    assert ((table["participants"] >= 2) & (table["participants"] <= table["base"])).all()
    assert ((table["p_value"] > 0) & (table["p_value"] <= table["q_value"] + 1e-12)).all()
    turned = cooccurrence(frame(said), who, THEMES[::-1])
    assert sorted(turned["expected"]) == sorted(table["expected"])
