from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings

from tests.analysis.said import THEMES, frame, mention, mentions, people, raised, rows_of, seeds, shuffled
from voc_pipeline.analysis.crosstabs import theme_by_segment
from voc_pipeline.analysis.journey import journey
from voc_pipeline.analysis.lenses import lens_table
from voc_pipeline.tables import JOURNEY, LENSES

LENS: dict[str, dict[str, tuple[str, ...]]] = {
    "fits": {"money": ("price", "audit"), "help": ("support",), "none": ("never",)},
    "one": {"money": ("price",)},
}


def test_a_part_counts_people_once_over_its_themes() -> None:
    said = [
        mention("p0", "price", "positive"), mention("p0", "audit", "negative"), mention("p0", "audit", "mixed"),
        mention("p1", "audit", "negative"), mention("p2", "support", "neutral"),
        mention("p3", "price", "positive", status="rejected"),
    ]  # fmt: skip
    money, helped, none, alone = rows_of(lens_table(frame(said), people(role=["x"] * 20), LENS))
    assert (money["lens"], money["part"], alone["lens"], alone["part"]) == ("fits", "money", "one", "money")
    assert [money[name] for name in ("participants", "base", "share")] == [2, 20, 0.1]
    assert [money[name] for name in ("mentions", "negative", "mixed", "neutral", "positive")] == [4, 2, 1, 0, 1]
    assert money["net_sentiment"] == pytest.approx((0 - 1) / 2)
    assert (helped["participants"], helped["net_sentiment"]) == (1, 0.0)
    assert (none["participants"], none["mentions"], round(none["ci_high"], 4)) == (0, 0, 0.1611)  # Newcombe 1998
    assert math.isnan(none["net_sentiment"])
    assert alone["participants"] == 1


def test_a_codebook_without_lenses_has_no_rows() -> None:
    assert lens_table(frame([mention("p0", "price")]), people(role=["x"]), {}).empty
    assert math.isnan(rows_of(lens_table(frame([]), people(), LENS))[0]["share"])


@settings(max_examples=25)
@given(said=mentions, seed=seeds)
def test_a_part_of_one_theme_is_that_theme(said: list[dict[str, object]], seed: int) -> None:
    who = people(role=["x"] * 8)
    table = lens_table(shuffled(said, seed), who, {"all": {theme: (theme,) for theme, _ in THEMES}})
    assert table.dtypes.astype(str).to_dict() == LENSES.frame([]).dtypes.astype(str).to_dict()
    totals = theme_by_segment(frame(said), who, THEMES, [], small_base=5)
    names = ["participants", "base", "share", "ci_low", "ci_high", "mentions", "net_sentiment"]
    pd.testing.assert_frame_equal(table[names], totals[names])
    assert (table[["negative", "mixed", "neutral", "positive"]].sum(axis=1) == table["mentions"]).all()


def test_stages_stand_in_the_codebooks_order_with_their_totals() -> None:
    said = [
        mention("p0", "audit", "positive", stage="use"), mention("p0", "price", "negative", stage="use"),
        mention("p1", "audit", "positive", stage="use"), mention("p1", "audit", stage=""),
        mention("p2", "audit", "mixed", stage="retired"),
    ]  # fmt: skip
    rows = rows_of(journey(frame(said), people(role=["x"] * 4), THEMES, ["buy", "use"]))
    assert [(row["stage"], row["theme_id"]) for row in rows] == [
        ("buy", "(all)"), ("use", "(all)"), ("use", "price"), ("use", "audit"),
    ]  # fmt: skip
    nobody, whole, price, audit = rows
    assert (nobody["participants"], nobody["base"], nobody["mentions"]) == (0, 4, 0)
    assert math.isnan(nobody["net_sentiment"])
    assert (whole["participants"], whole["mentions"], whole["net_sentiment"]) == (2, 3, 0.5)
    assert (price["negative"], audit["theme_name"], audit["participants"]) == (1, "Audit trail", 2)


@settings(max_examples=25)
@given(said=mentions, seed=seeds)
def test_the_journey_adds_up_in_any_order(said: list[dict[str, object]], seed: int) -> None:
    who = people(role=["x"] * 8)
    table = journey(frame(said), who, THEMES, ["use", "buy"])
    assert table.dtypes.astype(str).to_dict() == JOURNEY.frame([]).dtypes.astype(str).to_dict()
    again = journey(shuffled(said, seed), who.sample(frac=1, random_state=seed), THEMES, ["use", "buy"])
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    for _, stage in table.groupby("stage"):
        whole, parts = stage.iloc[0], stage.iloc[1:]
        assert whole["theme_id"] == "(all)"
        for name in ("mentions", "negative", "mixed", "neutral", "positive"):
            assert parts[name].sum() == whole[name]
        assert (parts["participants"] <= whole["participants"]).all()


def test_raised_by_nobody_is_still_a_stage() -> None:
    assert journey(frame(raised("price", [])), people(), THEMES, ["use"])["base"].tolist() == [0]
