from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc_pipeline.analysis.crosstabs import theme_by_segment
from voc_pipeline.analysis.testing import false_discovery_rates
from voc_pipeline.tables import MENTIONS, PARTICIPANTS, THEME_BY_SEGMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

THEMES = [("price", "Price"), ("audit", "Audit trail")]


def _mention(participant: str, theme: str, sentiment: str = "neutral", **others: object) -> dict[str, object]:
    row: dict[str, object] = {
        "mention_id": "mn", "transcript_id": "tr", "source_file": "a.txt", "participant_id": participant, "turn": 1,
        "start": 0, "end": 1, "quote": "x", "theme_id": theme, "theme_name": theme, "coder": "c", "coder_version": "1",
        "score": 0.9, "status": "machine", "sentiment": sentiment, "sentiment_score": 0.0, "stage": "", "type": "",
        "prompted": False,
    }  # fmt: skip
    return row | others


def _people(**values: Sequence[str]) -> pd.DataFrame:
    """Make participants p0, p1, ... with the attributes given as columns."""
    count = len(next(iter(values.values()), ()))
    rows = [{"participant_id": f"p{n}"} | {name: cells[n] for name, cells in values.items()} for n in range(count)]
    return PARTICIPANTS.frame(rows)


def _table(mentions: list[dict[str, object]], people: pd.DataFrame, *attributes: str) -> pd.DataFrame:
    return theme_by_segment(MENTIONS.frame(mentions), people, THEMES, attributes, small_base=3)


def _row(table: pd.DataFrame, theme: str, attribute: str = "(all)", value: str = "(all)") -> dict[str, Any]:
    (row,) = [
        {str(name): cell for name, cell in row.items()}
        for row in table.to_dict("records")
        if (row["theme_id"], row["segment_attribute"], row["segment_value"]) == (theme, attribute, value)
    ]
    return row


def test_columns_dtypes_and_order_are_the_contract() -> None:
    people = _people(role=["User", "Buyer", "", "Buyer"], region=["NA", "EU", "EU", "NA"])
    table = _table([_mention("p1", "audit")], people, "region", "role")
    assert table.columns.tolist() == list(THEME_BY_SEGMENT.names)
    assert table.dtypes.astype(str).to_dict() == THEME_BY_SEGMENT.frame([]).dtypes.astype(str).to_dict()
    keys = table[["segment_attribute", "segment_value", "theme_id"]].to_numpy().tolist()
    segments = [
        ["(all)", "(all)"], ["region", "EU"], ["region", "NA"], ["role", "Buyer"], ["role", "User"],
        ["role", "(not given)"],
    ]  # fmt: skip
    assert keys == [[*segment, theme] for segment in segments for theme in ("price", "audit")]


def test_counts_are_of_people_and_zeros_are_rows() -> None:
    people = _people(role=["User", "User", "Buyer"])
    mentions = [
        _mention("p0", "price", prompted=True), _mention("p0", "price", prompted=False),
        _mention("p1", "price", prompted=True), _mention("p2", "audit"),
    ]  # fmt: skip
    table = _table(mentions, people, "role")
    price = _row(table, "price")
    assert [price[name] for name in ("participants", "base", "mentions", "volunteered_participants")] == [2, 3, 3, 1]
    assert price["share"] == pytest.approx(2 / 3)
    assert not price["small_base"]
    nobody = _row(table, "price", "role", "Buyer")
    assert [nobody[name] for name in ("participants", "base", "mentions", "share", "ci_low")] == [0, 1, 0, 0.0, 0.0]
    assert math.isnan(nobody["net_sentiment"])
    assert nobody["small_base"]
    assert _row(table, "audit")["theme_name"] == "Audit trail"


def test_rejected_mentions_and_other_themes_count_nowhere() -> None:
    people = _people(role=["User"])
    mentions = [_mention("p0", "price", status="rejected"), _mention("p0", "retired theme")]
    assert _table(mentions, people)["mentions"].tolist() == [0, 0]


def test_missing_values_are_not_given() -> None:
    people = PARTICIPANTS.frame([
        {"participant_id": "p0", "role": " User "}, {"participant_id": "p1", "role": "  "},
        {"participant_id": "p2", "role": None}, {"participant_id": "p3", "role": math.nan},
    ])  # fmt: skip
    table = _table([], people, "role", "unknown")
    assert _row(table, "price", "role", "User")["base"] == 1
    assert _row(table, "price", "role", "(not given)")["base"] == 3
    lone = _row(table, "price", "unknown", "(not given)")
    assert lone["base"] == 4
    assert math.isnan(lone["p_value"])  # nobody to compare with
    assert math.isnan(lone["q_value"])


def test_who_has_no_value_is_neither_compared_nor_compared_with() -> None:
    people = _people(role=["a"] * 5 + ["b"] * 5 + [""] * 3, site=["x"] * 4 + [""] * 9)
    table = _table([_mention(f"p{n}", "price") for n in (0, 1, 2, 3, 4, 10, 11)], people, "role", "site")
    for value in "ab":  # 5 of 5 against 0 of 5, as a finding has it; price and audit, a and b: four tests
        row = _row(table, "price", "role", value)
        assert (row["p_value"], row["q_value"]) == (pytest.approx(2 / 252), pytest.approx(2 / 252 * 4 / 2))
    for attribute, value in (("role", "(not given)"), ("site", "x"), ("site", "(not given)")):
        row = _row(table, "price", attribute, value)
        assert math.isnan(row["p_value"])
        assert math.isnan(row["q_value"])


def test_a_study_without_participants_has_totals_of_nothing() -> None:
    table = _table([], PARTICIPANTS.frame([]), "role")
    assert table["base"].tolist() == [0, 0]
    assert table[["share", "ci_low", "ci_high", "p_value"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_newcombe_1998_table_1(count: int, base: int, low: float, high: float) -> None:
    people = _people(role=["User"] * base)
    row = _row(_table([_mention(f"p{n}", "price") for n in range(count)], people), "price")
    assert (round(row["ci_low"], 4), round(row["ci_high"], 4)) == (low, high)


def test_the_p_value_of_fishers_tea_tasting() -> None:
    people = _people(cup=["milk"] * 4 + ["tea"] * 4)
    mentions = [_mention(participant, "price") for participant in ("p0", "p1", "p2", "p4")]
    table = _table(mentions, people, "cup")
    assert _row(table, "price", "cup", "milk")["p_value"] == pytest.approx(34 / 70)
    assert _row(table, "price", "cup", "tea")["p_value"] == pytest.approx(34 / 70)
    assert math.isnan(_row(table, "price")["p_value"])


def test_q_values_reject_the_four_of_benjamini_and_hochberg_1995() -> None:
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ]  # fmt: skip
    q_values = false_discovery_rates([*p_values, math.nan])
    assert [q <= 0.05 for q in q_values[:15]] == [True] * 4 + [False] * 11
    assert q_values[:5] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625, 0.0603])
    assert math.isnan(q_values[15])


def test_q_values_are_made_within_the_attribute() -> None:
    people = _people(role=["a"] * 6 + ["b"] * 6, region=["x", "y"] * 6)
    mentions = [_mention(f"p{n}", "price") for n in range(6)]
    alone, beside = _table(mentions, people, "role"), _table(mentions, people, "region", "role")
    # price: p = 2 / 924 twice; audit: p = 1 twice
    assert _row(alone, "price", "role", "a")["q_value"] == pytest.approx(2 / 924 * 4 / 2)
    assert _row(beside, "price", "role", "a")["q_value"] == pytest.approx(2 / 924 * 4 / 2)


def test_net_sentiment_weighs_people_not_mentions() -> None:
    people = _people(role=["User"] * 4)
    mentions = [_mention("p0", "price", "positive")] * 5 + [
        _mention("p1", "price", "negative"), _mention("p1", "price", "mixed"), _mention("p2", "price", "negative"),
    ]  # fmt: skip
    row = _row(_table(mentions, people), "price")
    assert row["net_sentiment"] == pytest.approx((1 - 0.5 - 1) / 3)
    assert -1 <= row["sentiment_ci_low"] < row["net_sentiment"] < row["sentiment_ci_high"] <= 1


def test_the_sentiment_interval_needs_three_people() -> None:
    people = _people(role=["User"] * 3)
    two = [_mention("p0", "price", "positive"), _mention("p1", "price", "negative")]
    assert math.isnan(_row(_table(two, people), "price")["sentiment_ci_low"])
    three = [*two, _mention("p2", "price", "negative")]
    assert _row(_table(three, people), "price")["sentiment_ci_low"] == -1.0


def test_the_bootstrap_agrees_with_the_exact_distribution() -> None:
    """Of 4 people, 2 at 1 and 2 at -1, the mean of a resample is (B - 2) / 2, B binomial(4, 1/2): P(0) = 1/16."""
    people = _people(role=["User"] * 4)
    mentions = [_mention(f"p{n}", "price", "positive" if n < 2 else "negative") for n in range(4)]
    row = _row(_table(mentions, people), "price")
    assert (row["sentiment_ci_low"], row["sentiment_ci_high"]) == (-1.0, 1.0)


def test_unknown_or_doubled_participants_are_refused() -> None:
    people = _people(role=["User", "Buyer"])
    with pytest.raises(ValueError, match="mentions of 1 people who are not among the participants"):
        _table([_mention("stranger", "price")], people)
    with pytest.raises(ValueError, match="2 participant_id values stand more than once"):
        _table([], pd.concat([people, people]))


_mentions = st.lists(
    st.builds(
        _mention,
        st.sampled_from(["p0", "p1", "p2", "p3", "p4"]),
        st.sampled_from(["price", "audit"]),
        st.sampled_from(["positive", "negative", "neutral", "mixed"]),
        prompted=st.booleans(),
        status=st.sampled_from(["machine", "corrected", "rejected"]),
    ),
    max_size=25,
)
_cells = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=5, max_size=5)


@settings(max_examples=40, deadline=None)
@given(mentions=_mentions, role=_cells, region=_cells, seed=st.integers(0, 99))
def test_bounds_hold_and_order_changes_nothing(
    mentions: list[dict[str, object]], role: list[str], region: list[str], seed: int
) -> None:
    people = _people(role=role, region=region)
    table = _table(mentions, people, "role", "region")
    _assert_bounds(table)
    shuffled = np.random.default_rng(seed).permutation(len(mentions)).tolist()
    again = _table([mentions[n] for n in shuffled], people.sample(frac=1, random_state=seed), "role", "region")
    pd.testing.assert_frame_equal(again, table, check_exact=True)


def _assert_bounds(table: pd.DataFrame) -> None:
    assert ((table["ci_low"] >= 0) & (table["ci_low"] <= table["share"])).all()
    assert ((table["share"] <= table["ci_high"]) & (table["ci_high"] <= 1)).all()
    assert (table["participants"] <= table["mentions"]).all()
    assert (table["volunteered_participants"] <= table["participants"]).all()
    assert (table["net_sentiment"].isna() == (table["participants"] == 0)).all()
    assert (table["sentiment_ci_low"].isna() == (table["participants"] < 3)).all()
    felt = table.dropna(subset=["sentiment_ci_low"])
    assert (felt["sentiment_ci_low"] <= felt["net_sentiment"] + 1e-12).all()
    assert (felt["net_sentiment"] <= felt["sentiment_ci_high"] + 1e-12).all()
    tested = table.dropna(subset=["p_value"])
    assert ((tested["p_value"] > 0) & (tested["p_value"] <= tested["q_value"] + 1e-12) & (tested["q_value"] <= 1)).all()
    for _, block in table.groupby(["segment_attribute", "theme_id"]):
        totals = table[(table["segment_attribute"] == "(all)") & (table["theme_id"] == block["theme_id"].iloc[0])]
        for name in ("participants", "base", "mentions"):
            assert block[name].sum() == totals[name].iloc[0]
