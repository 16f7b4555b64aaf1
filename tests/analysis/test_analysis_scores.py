from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.analysis.scores import NpsSummary, nps_summary, score_table
from voc_pipeline.tables import PARTICIPANTS, SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def _spoken(*rows: tuple[str, int, float]) -> pd.DataFrame:
    return SCORES.frame(
        {
            "participant_id": participant, "transcript_id": "tr_a", "turn": turn, "start": 0, "end": 4, "quote": "nine",
            "score": score, "source": "speech",
        }
        for participant, turn, score in rows
    )  # fmt: skip


def _people(scores: Mapping[str, str]) -> pd.DataFrame:
    return PARTICIPANTS.frame({"participant_id": name, "nps": score} for name, score in scores.items())


def test_roster_scores_stand_beside_spoken_ones() -> None:
    table = score_table(_spoken(("b", 7, 8.5), ("a", 3, 9)).drop(columns="source"), _people({"a": "10", "b": ""}))
    assert table.columns.tolist() == list(SCORES.names)
    assert table["source"].tolist() == ["roster", "speech", "speech"]
    assert table["participant_id"].tolist() == ["a", "a", "b"]
    assert table["score"].tolist() == [10.0, 9.0, 8.5]
    assert table["turn"].isna().tolist() == [True, False, False]
    assert table["transcript_id"].tolist() == ["", "tr_a", "tr_a"]
    assert table["turn"].dtype == "Int64"


@pytest.mark.parametrize("cell", ["11", "-1", "8.5", "high", "", "9/10", "1e1", None])
def test_only_whole_numbers_of_0_to_10_are_scores(cell: str | None) -> None:
    people = PARTICIPANTS.frame([{"participant_id": "a", "nps": cell}])
    assert score_table(_spoken(), people).empty


@pytest.mark.parametrize(("cell", "score"), [("0", 0.0), (" 10 ", 10.0), ("9.0", 9.0)])
def test_scores_as_spreadsheets_write_them(cell: str, score: float) -> None:
    assert score_table(_spoken(), _people({"a": cell}))["score"].tolist() == [score]


def test_a_roster_without_the_column_gives_none() -> None:
    assert len(score_table(_spoken(("a", 1, 5)), PARTICIPANTS.frame([{"participant_id": "a"}]))) == 1


def test_net_promoter_score_counts_each_participant_once() -> None:
    spoken = _spoken(("a", 2, 3), ("a", 9, 10), ("b", 1, 8), ("c", 1, 9), ("d", 4, 6.5))
    scores = score_table(spoken, _people({"a": "", "b": "", "c": "2", "d": "", "e": "7"}))
    expected = NpsSummary(promoters=1, passives=2, detractors=2, score=-20.0, n=5)
    assert nps_summary(scores) == expected
    assert nps_summary(scores.sample(frac=1, random_state=3)) == expected


@pytest.mark.parametrize(
    ("score", "kind"), [(10, "promoters"), (9, "promoters"), (8.5, "passives"), (7, "passives"), (6.5, "detractors")]
)
def test_bands(score: float, kind: str) -> None:
    assert getattr(nps_summary(_spoken(("a", 1, score))), kind) == 1


def test_nobody_has_no_net_promoter_score() -> None:
    assert nps_summary(_spoken()) == NpsSummary(promoters=0, passives=0, detractors=0, score=None, n=0)
