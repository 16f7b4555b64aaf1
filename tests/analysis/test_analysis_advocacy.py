from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.said import THEMES, frame, mention, mentions, people, raised, rows_of, seeds, shuffled
from voc_pipeline.analysis.advocacy import advocacy, nps_table
from voc_pipeline.tables import ADVOCACY, NPS, SCORES

if TYPE_CHECKING:
    from collections.abc import Sequence


def _scores(values: Sequence[float | None]) -> pd.DataFrame:
    return SCORES.frame(
        {"participant_id": f"p{n}", "transcript_id": "", "turn": pd.NA, "start": pd.NA, "end": pd.NA, "quote": "",
         "score": value, "source": "roster"}
        for n, value in enumerate(values) if value is not None
    )  # fmt: skip


def test_the_score_with_its_interval() -> None:
    [row] = rows_of(nps_table(_scores([10, 9, 9, 10, 9, 9, 8, 0, 6])))
    assert [row[name] for name in ("answered", "promoters", "passives", "detractors")] == [9, 6, 1, 2]
    assert row["nps"] == pytest.approx(400 / 9)
    assert (round(row["ci_low"], 2), round(row["ci_high"], 2)) == (-13.34, 80.01)  # as in the tests of intervals


def test_nobody_answered() -> None:
    table = nps_table(_scores([]))
    assert table.dtypes.astype(str).to_dict() == NPS.frame([]).dtypes.astype(str).to_dict()
    [row] = rows_of(table)
    assert row["answered"] == 0
    assert all(math.isnan(row[name]) for name in ("nps", "ci_low", "ci_high"))


def test_promoters_against_detractors_as_fishers_tea_tasting() -> None:
    said = [*raised("price", [0, 1, 2, 4], "negative"), mention("p0", "price", "positive"), *raised("audit", [8])]
    who, scores = people(role=["x"] * 9), _scores([9, 10, 9, 9, 0, 3, 6, 6.5, 7])
    [row] = rows_of(advocacy(frame(said), who, scores, THEMES))  # only a passive speaks of the audit trail
    assert [row[name] for name in ("promoters", "promoters_base", "detractors", "detractors_base")] == [3, 4, 1, 4]
    assert row["p_value"] == row["q_value"] == pytest.approx(34 / 70)
    assert (row["net_promoters"], row["net_detractors"]) == (pytest.approx(-2 / 3), -1.0)


def test_without_detractors_there_is_no_test() -> None:
    [row] = rows_of(advocacy(frame(raised("price", [0])), people(role=["x"]), _scores([10]), THEMES))
    assert (row["promoters"], row["detractors_base"]) == (1, 0)
    assert all(math.isnan(row[name]) for name in ("net_detractors", "p_value", "q_value"))
    assert advocacy(frame(raised("price", [0])), people(role=["x"]), _scores([]), THEMES).empty


@settings(max_examples=25)
@given(said=mentions, seed=seeds, values=st.lists(st.none() | st.integers(0, 10), min_size=8, max_size=8))
def test_bounds_hold_in_any_order(said: list[dict[str, object]], seed: int, values: list[int | None]) -> None:
    who, scores = people(role=["x"] * 8), _scores(values)
    table = advocacy(frame(said), who, scores, THEMES)
    assert table.dtypes.astype(str).to_dict() == ADVOCACY.frame([]).dtypes.astype(str).to_dict()
    again = advocacy(shuffled(said, seed), who, scores.sample(frac=1, random_state=seed), THEMES)
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    assert (table["promoters"] <= table["promoters_base"]).all()
    assert (table["detractors"] <= table["detractors_base"]).all()
    [row] = rows_of(nps_table(scores))
    assert row["promoters"] + row["passives"] + row["detractors"] == row["answered"]
