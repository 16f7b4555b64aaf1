from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from tests.analysis.said import THEMES, cells, frame, mention, mentions, people, raised, rows_of, seeds, shuffled
from voc_pipeline.analysis.saturation import new_information, orders, saturation
from voc_pipeline.tables import SATURATION


def test_one_order_by_the_recipe_of_guest_namey_and_chen_2020() -> None:
    """37 themes in the first four interviews: the next two bring 3 / 37, the two after the fifth 2 / 37."""
    heard = np.zeros((7, 41), dtype=bool)
    heard[np.arange(37) % 4, np.arange(37)] = True
    heard[4, [0, 37, 38]] = heard[5, [1, 39]] = heard[6, [2, 40, 37]] = True
    assert new_information(heard[:6], np.arange(6)[None]) == pytest.approx(3 / 37)
    assert new_information(heard, np.arange(7)[None]) == pytest.approx(2 / 37)


def test_every_order_counts_up_to_seven_interviews() -> None:
    themes = [(f"t{n}", f"T{n}") for n in range(12)]
    each_its_own = [mention(f"p{n // 2}", f"t{n}") for n in range(12)]
    [row] = rows_of(saturation(frame(each_its_own), people(role=["x"] * 6), themes, []))
    assert row["new_information"] == pytest.approx(4 / 8)  # whatever the order
    assert (row["interviews"], row["themes"], row["base_interviews"], row["run_interviews"]) == (6, 12, 4, 2)
    # one theme of all, one of a single participant: new only if that one is in the run, 1/3 of all orders
    said = [*raised("price", range(6)), mention("p2", "audit")]
    assert rows_of(saturation(frame(said), people(role=["x"] * 6), THEMES, []))[0]["new_information"] == pytest.approx(
        1 / 3
    )
    assert len(orders(6, seed=0)) == 720


def test_drawn_orders_come_near_to_all() -> None:
    heard = np.random.default_rng(1).random((8, 30)) < 0.25
    every = np.asarray(list(permutations(range(8))))
    assert new_information(heard, orders(8, seed=0)) == pytest.approx(new_information(heard, every), rel=0.1)
    drawn = orders(8, seed=0)
    assert drawn.shape == (500, 8)
    assert (np.sort(drawn, axis=1) == np.arange(8)).all()
    assert (drawn == orders(8, seed=0)).all()
    assert (drawn != orders(8, seed=1)).any()


def test_below_six_interviews_nothing_is_told_of_the_last() -> None:
    said = [*raised("price", [0, 1, 2]), *raised("audit", [0])]
    [row] = rows_of(saturation(frame(said), people(role=["x"] * 5), THEMES, []))
    assert math.isnan(row["new_information"])
    assert row["next_interview"] == pytest.approx(1 / 5)  # Good-Turing: one of two themes was heard once


def test_the_next_interview_can_bring_no_more_than_the_codebook_has_left() -> None:
    said = [mention("p0", "price"), mention("p0", "audit")]
    [row] = rows_of(saturation(frame(said), people(role=["x"]), THEMES, []))
    assert row["next_interview"] == 1.0
    full = [*said, mention("p0", "support")]
    assert rows_of(saturation(frame(full), people(role=["x"]), THEMES, []))[0]["next_interview"] == 0.0


def test_good_turing_is_unbiased_for_the_interviews_before() -> None:
    """Chao et al. 2009: E[f1] / n is what the n-th interview adds on average: leave each out, and count what is new."""
    heard = np.random.default_rng(2).random((9, 40)) < 0.2
    left_out = [int((heard[n] & ~np.delete(heard, n, axis=0).any(axis=0)).sum()) for n in range(9)]
    themes = [(f"t{n}", "") for n in range(60)]
    said = [mention(f"p{row}", f"t{column}") for row, column in zip(*np.nonzero(heard), strict=True)]
    [row] = rows_of(saturation(frame(said), people(role=["x"] * 9), themes, []))
    assert row["next_interview"] == pytest.approx(sum(left_out) / 9)


def test_segments_stand_by_themselves_and_who_has_no_value_in_none() -> None:
    who = people(role=["b"] * 2 + ["a"] * 6 + [""])
    rows = rows_of(saturation(frame(raised("price", range(8))), who, THEMES, ["role"]))
    assert [(row["segment_attribute"], row["segment_value"], row["interviews"]) for row in rows] == [
        ("(all)", "(all)", 9), ("role", "a", 6), ("role", "b", 2),
    ]  # fmt: skip
    assert rows[1]["new_information"] == 0.0


def test_silence_has_no_ratio() -> None:
    [row] = rows_of(saturation(frame([]), people(role=["x"] * 6), THEMES, []))
    assert math.isnan(row["new_information"])
    [row] = rows_of(saturation(frame([]), people(), THEMES, []))
    assert math.isnan(row["next_interview"])


@settings(max_examples=15)
@given(said=mentions, role=cells, seed=seeds)
def test_bounds_hold_in_any_order(said: list[dict[str, object]], role: list[str], seed: int) -> None:
    who = people(role=role)
    table = saturation(frame(said), who, THEMES, ["role"])
    assert table.dtypes.astype(str).to_dict() == SATURATION.frame([]).dtypes.astype(str).to_dict()
    again = saturation(shuffled(said, seed), who.sample(frac=1, random_state=seed), THEMES, ["role"])
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    assert ((table["next_interview"] >= 0) & (table["next_interview"] <= len(THEMES) - table["themes"])).all()
    assert (table["new_information"].dropna() >= 0).all()
