from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.said import THEMES, cells, frame, mention, mentions, people, raised, rows_of, seeds, shuffled
from voc_pipeline.analysis.crosstabs import theme_by_segment
from voc_pipeline.analysis.findings import findings
from voc_pipeline.analysis.testing import fisher_power
from voc_pipeline.tables import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Sequence


def _table(said: Sequence[dict[str, object]], who: pd.DataFrame, *attributes: str, small_base: int = 5) -> pd.DataFrame:
    return findings(frame(said), who, THEMES, attributes, small_base=small_base)


def test_one_segment_against_all_others() -> None:
    """9 of 10 against 3 of 10: Newcombe 1998, table II (b); Fisher's p is 2 (45 + 1200) of C(20, 12) = 125970."""
    who = people(role=["buyer"] * 10 + ["user"] * 10)
    [row] = rows_of(_table(raised("price", [*range(9), 10, 11, 12]), who, "role"))
    assert (row["rank"], row["kind"], row["theme_name"]) == (1, "segment", "Price")
    assert (row["segment_attribute"], row["segment_value"]) == ("role", "buyer")  # the mirror, user, says the same
    assert [row[name] for name in ("participants", "base", "others", "others_base")] == [9, 10, 3, 10]
    assert row["effect"] == pytest.approx(0.6)
    assert (round(row["effect_ci_low"], 4), round(row["effect_ci_high"], 4)) == (0.1705, 0.8090)
    p_value = 2 * (45 + 1200) / 125_970
    assert row["p_value"] == pytest.approx(p_value)
    assert row["q_value"] == pytest.approx(3 * p_value)  # three themes, each twice
    assert row["stands"]
    assert row["needed"] == 12
    assert fisher_power(0.9, 0.3, n=12) > 0.8 > fisher_power(0.9, 0.3, n=11)


def test_the_correction_is_for_the_comparisons_of_all_attributes() -> None:
    who = people(role=["buyer"] * 10 + ["user"] * 10, region=["n", "s"] * 10, team=["x", "y"] * 9 + ["z", "z"])
    said = raised("price", [*range(9), 10, 11, 12])
    p_value = 2 * (45 + 1200) / 125_970
    for attributes, tests in ((["role"], 3), (["role", "region"], 6), (["role", "region", "team"], 15)):
        first = rows_of(_table(said, who, *attributes))[0]
        assert (first["theme_id"], first["segment_value"]) == ("price", "buyer")
        assert first["q_value"] == pytest.approx(tests * p_value)  # three themes by one, two and five comparisons
        assert first["stands"] == (tests == 3)


def test_who_has_no_value_is_in_no_group() -> None:
    who = people(role=["a"] * 5 + ["b"] * 5 + ["", " ", "  "])
    [row] = rows_of(_table(raised("price", [0, 1, 2, 3, 4, 10, 11]), who, "role"))
    assert [row[name] for name in ("participants", "base", "others", "others_base")] == [5, 5, 0, 5]
    assert _table(raised("price", [0]), people(role=["a", "", ""]), "role", "unknown").query("kind == 'segment'").empty


def test_of_three_values_lower_shares_are_told_too() -> None:
    who = people(role=["a"] * 6 + ["b"] * 6 + ["c"] * 6)
    rows = rows_of(_table(raised("price", range(12)), who, "role"))
    assert {row["segment_value"]: round(row["effect"], 3) for row in rows} == {"a": 0.5, "b": 0.5, "c": -1.0}
    assert [row["segment_value"] for row in rows] == ["c", "a", "b"]


def test_a_small_group_never_stands() -> None:
    who = people(role=["a"] * 4 + ["b"] * 40)
    said = raised("price", range(4))
    assert not rows_of(_table(said, who, "role"))[0]["stands"]
    assert rows_of(_table(said, who, "role", small_base=4))[0]["stands"]
    others = people(role=["a"] * 40 + ["b"] * 4)
    assert not rows_of(_table(raised("price", range(40)), others, "role"))[0]["stands"]


def test_a_tone_is_of_those_who_lean() -> None:
    said = [
        *raised("price", range(6), "negative"), mention("p6", "price", "positive"), mention("p7", "price", "mixed"),
        mention("p8", "price", "positive"), mention("p8", "price", "negative"),
    ]  # fmt: skip
    [row] = rows_of(_table(said, people(role=["x"] * 12)))
    assert (row["kind"], row["segment_attribute"], row["segment_value"]) == ("tone", "(all)", "(all)")
    assert [row[name] for name in ("participants", "base", "others", "others_base")] == [6, 7, 0, 0]
    assert row["effect"] == pytest.approx(-5 / 9)
    assert row["p_value"] == pytest.approx(2 * 8 / 128)
    assert not row["stands"]
    assert row["needed"] == 15  # 12 or more of 15 at 6/7 each: 0.85; of 14, 0.69


def test_a_clear_tone_stands_and_its_effect_is_the_crosstabs() -> None:
    said = [*raised("price", range(9), "positive"), mention("p0", "price", "negative"), *raised("audit", [3], "mixed")]
    who = people(role=["x"] * 12)
    [row] = rows_of(_table(said, who))
    total = rows_of(theme_by_segment(frame(said), who, THEMES, [], small_base=5))[0]
    names = ("net_sentiment", "sentiment_ci_low", "sentiment_ci_high")
    assert [row[name] for name in ("effect", "effect_ci_low", "effect_ci_high")] == [total[name] for name in names]
    assert row["q_value"] == row["p_value"] == pytest.approx(2 / 256)  # nobody leans on the others: one test
    assert row["stands"]
    assert row["needed"] == 6


def test_a_tone_whose_mean_points_the_other_way_does_not_stand() -> None:
    weak = [
        row for n in range(9) for row in [*raised("price", [n], "neutral") * 9, mention(f"p{n}", "price", "negative")]
    ]
    said = [*weak, mention("p9", "price", "positive")]
    [row] = rows_of(_table(said, people(role=["x"] * 12)))
    assert row["p_value"] == pytest.approx(22 / 1024)
    assert row["effect"] == pytest.approx(0.01)
    assert not row["stands"]


def test_what_is_not_worth_telling_is_left_out() -> None:
    who = people(role=["a", "b"] * 6)
    assert _table(raised("price", range(12)), who, "role").empty
    assert _table([], who, "role").empty
    assert _table([], people(), "role").empty


def test_at_most_thirty_rows() -> None:
    values = [f"v{n:02}" for n in range(20)]
    who = people(role=values, region=values[::-1])
    table = _table(
        [*raised("price", range(7)), *raised("audit", range(5)), *raised("support", range(3))], who, "role", "region"
    )
    assert table["rank"].tolist() == list(range(1, 31))


def test_rejected_mentions_count_nowhere() -> None:
    assert _table(raised("price", range(9), "negative", status="rejected"), people(role=["a"] * 9)).empty


@settings(max_examples=30)
@given(said=mentions, role=cells, region=cells, seed=seeds)
def test_order_changes_nothing_and_bounds_hold(
    said: list[dict[str, object]], role: list[str], region: list[str], seed: int
) -> None:
    who = people(role=role, region=region)
    table = findings(frame(said), who, THEMES, ["role", "region"], small_base=2)
    assert table.dtypes.astype(str).to_dict() == FINDINGS.frame([]).dtypes.astype(str).to_dict()
    again = findings(
        shuffled(said, seed), who.sample(frac=1, random_state=seed), THEMES, ["role", "region"], small_base=2
    )
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    for row in rows_of(table):
        assert 0 <= row["participants"] <= row["base"]
        assert 0 <= row["others"] <= row["others_base"]
        assert 0 < row["p_value"] <= row["q_value"] + 1e-12 <= 1 + 2e-12
        assert row["p_value"] <= 0.25 or abs(row["effect"]) >= 0.25
        assert not row["stands"] or (row["q_value"] < 0.1 and row["base"] >= 2)
    stands = table["stands"].tolist()
    assert stands == sorted(stands, reverse=True)


@settings(max_examples=20)
@given(said=mentions, role=st.lists(st.sampled_from(["a", "b"]), min_size=8, max_size=8))
def test_where_everybody_has_a_value_the_numbers_are_the_crosstabs(
    said: list[dict[str, object]], role: list[str]
) -> None:
    who = people(role=role)
    crossed = theme_by_segment(frame(said), who, THEMES, ["role"], small_base=5)
    known = {(row["segment_value"], row["theme_id"]): row for row in rows_of(crossed)}
    for row in rows_of(findings(frame(said), who, THEMES, ["role"], small_base=5)):
        if row["kind"] == "segment":
            other = known[row["segment_value"], row["theme_id"]]
            assert (row["participants"], row["base"], row["p_value"]) == (
                other["participants"],
                other["base"],
                other["p_value"],
            )
            assert row["q_value"] == pytest.approx(other["q_value"])
