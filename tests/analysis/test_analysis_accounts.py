from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.said import frame, mention, rows_of, seeds, shuffled
from voc_pipeline.analysis.accounts import accounts, amount
from voc_pipeline.signals import signal_themes
from voc_pipeline.tables import ACCOUNTS, PARTICIPANTS

LENS = {"relationship_health": {"goodwill": ("grace",), "advocacy_at_risk": ("political_capital", "advocacy")}}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("210000", 210_000), ("210000.0", 210_000), (" $1,250,000 ", 1_250_000), ("1,250,000.50", 1_250_000.5),
        ("1.250.000 EUR", 1_250_000), ("1.250,75", 1250.75), ("1'250'000", 1_250_000), ("340 k", 340_000),
        ("340K", 340_000), ("1.2m", 1_200_000), ("1,2 M", 1_200_000), ("$2M", 2_000_000), ("0.25m", 250_000),
        ("1.250m", 1_250_000), ("USD 96 000", 96_000), ("12,5", 12.5), ("0", 0), ("210,000", 210_000),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(cell: str, value: float) -> None:
    assert amount(cell) == pytest.approx(value)


@pytest.mark.parametrize(
    "cell",
    ["", None, math.nan, "n/a", "-5", "1.250", "1,250m", "1,2,3", "1.2.3", "12 to 15", "1e6", "9" * 400, "k", "."],
)
def test_what_is_no_amount_or_can_not_be_told(cell: object) -> None:
    assert math.isnan(amount(cell))


def test_the_codebooks_lens_says_which_themes_count() -> None:
    found = signal_themes(LENS | {"other": {"after_sale": ("no",)}})
    assert found["goodwill"] == {"grace"}
    assert found["political_capital"] == {"political_capital"}  # its part holds advocacy too
    assert found["abandonment"] == {"post_sale_abandonment", "support_responsiveness"}


def _people(**values: str) -> pd.DataFrame:
    return PARTICIPANTS.frame({"participant_id": who, "account_value": value} for who, value in values.items())


def test_strain_times_value() -> None:
    said = [
        mention("a", "grace", "negative"), mention("a", "grace", "negative"), mention("a", "grace", "neutral"),
        mention("a", "grace", "positive"), mention("a", "political_capital", "negative"),
        mention("a", "advocacy", "negative"),
        mention("b", "political_capital", "positive"), mention("c", "support_responsiveness", "negative"),
        mention("e", "grace", "negative", status="rejected"),
    ]  # fmt: skip
    rows = rows_of(accounts(frame(said), _people(e="", d="50k", c="unknown", b="1m", a="90,000"), LENS))
    assert [row["participant_id"] for row in rows] == ["a", "b", "d", "c"]  # e has neither signal nor value
    first, second, third, last = rows
    assert (first["goodwill"], first["political_capital"]) == (-0.25, -1.0)
    assert math.isnan(first["abandonment"])
    assert first["strain"] == pytest.approx(1.25 / 3)
    assert first["value_at_stake"] == pytest.approx(37_500)
    assert (second["strain"], second["value_at_stake"]) == (0, 0)  # praise is no strain, and offsets none
    assert (third["value"], third["strain"]) == (50_000, 0)
    assert math.isnan(last["value_at_stake"])


def test_the_column_in_dollars_goes_first() -> None:
    who = PARTICIPANTS.frame([{"participant_id": "a", "account_value": "1", "account_value_usd": "2"}])
    assert accounts(frame([]), who, {})["value"].tolist() == [2.0]
    assert accounts(frame([]), PARTICIPANTS.frame([{"participant_id": "a"}]), {}).empty


def test_where_nobody_could_hear_a_signal_nothing_is_known_of_what_is_at_stake() -> None:
    who = _people(a="10k", b="")
    silent = frame([mention("a", "price", "negative"), mention("b", "price")])
    for lenses in ({}, {"other": {"part": ("price",)}}):
        [row] = rows_of(accounts(silent, who, lenses))
        assert (row["participant_id"], row["value"]) == ("a", 10_000)
        assert math.isnan(row["value_at_stake"])
    assert accounts(silent, who, LENS)["value_at_stake"].tolist() == [0.0]  # the codebook has the themes
    heard = frame([mention("b", "political_capital", "negative")])
    assert rows_of(accounts(heard, who, {}))[0]["value_at_stake"] == 0


_said = st.lists(
    st.builds(
        mention,
        st.sampled_from("abcd"),
        st.sampled_from(["grace", "political_capital", "support_responsiveness"]),
        st.sampled_from(["positive", "negative", "neutral", "mixed"]),
    ),
    max_size=20,
)


@settings(max_examples=25)
@given(said=_said, seed=seeds, values=st.lists(st.sampled_from(["", "10k", "5,000"]), min_size=4, max_size=4))
def test_bounds_hold_in_any_order(said: list[dict[str, object]], seed: int, values: list[str]) -> None:
    who = _people(**dict(zip("abcd", values, strict=True)))
    table = accounts(frame(said), who, LENS)
    assert table.dtypes.astype(str).to_dict() == ACCOUNTS.frame([]).dtypes.astype(str).to_dict()
    again = accounts(shuffled(said, seed), who.sample(frac=1, random_state=seed), LENS)
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    assert ((table["strain"] >= 0) & (table["strain"] <= 1)).all()
    known = table["value_at_stake"].dropna()
    assert known.is_monotonic_decreasing
    assert table["value_at_stake"].iloc[: len(known)].notna().all()
