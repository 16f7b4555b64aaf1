from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline import tables
from voc_pipeline.errors import VocError
from voc_pipeline.report.csv_tables import shortest, table_text, write_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from voc_pipeline.report.view import ReportInputs


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_contract_file_is_written_and_reads_back(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    frames = study().tables
    written = write_tables(frames, tmp_path)
    assert [path.name for path in written] == [f"{spec.name}.csv" for spec in tables.CONTRACT_TABLES]
    for spec, path in zip(tables.CONTRACT_TABLES, written, strict=True):
        back = read(path)
        assert list(back.columns) == list(frames[spec.name].columns)
        for name in [column.name for column in spec.columns if column.dtype == "text"]:
            assert back[name].tolist() == frames[spec.name][name].tolist()


def test_north_america_is_no_missing_value(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    write_tables(study().tables, tmp_path)
    assert set(read(tmp_path / "participants.csv")["site"]) == {"NA"}


def test_quotes_of_the_files_resolve_in_the_files(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    write_tables(study().tables, tmp_path)
    turns = {(row["transcript_id"], row["turn"]): row["text"] for row in records(tmp_path / "turns.csv")}
    mentions = records(tmp_path / "mentions.csv")
    assert len(mentions) == 56
    for row in mentions:
        assert turns[row["transcript_id"], row["turn"]][int(row["start"]) : int(row["end"])] == row["quote"]


def test_the_bytes_are_as_the_contract_says() -> None:
    row: dict[str, Any] = dict.fromkeys(tables.MENTIONS.names, "=1+1") | {
        "turn": 3, "start": 0, "end": None, "score": 0.1 + 0.2, "sentiment_score": float("nan"), "prompted": True,
        "quote": 'He said "no",\nthen left',
    }  # fmt: skip
    head, body = table_text(tables.MENTIONS.frame([row]), tables.MENTIONS).split("\n", 1)
    assert head.startswith('"mention_id","transcript_id",')
    assert body == (
        '"=1+1","=1+1","=1+1","=1+1",3,0,,"He said ""no"",\nthen left","=1+1","=1+1","=1+1","=1+1",0.3,"=1+1",'
        '"=1+1",,"=1+1","=1+1","true"\n'
    )


def test_there_is_no_mark_at_the_start_and_no_carriage_return(
    study: Callable[..., ReportInputs], tmp_path: Path
) -> None:
    for path in write_tables(study().tables, tmp_path):
        data = path.read_bytes()
        assert data.startswith(b'"')
        assert b"\r" not in data
        assert data.endswith(b"\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.25, "0.25"), (7.0, "7"), (1 / 3, "0.333333"), (-1e-9, "0"), (100.0, "100"), (12, "12"), (-0.5, "-0.5")],
)
def test_numbers_are_as_short_as_they_can_be(value: float, text: str) -> None:
    assert shortest(value) == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")), min_size=1))
def test_any_text_survives(values: list[str]) -> None:
    from io import StringIO

    frame = tables.PARTICIPANTS.frame([{"participant_id": value, "region": value} for value in values])
    back = pd.read_csv(StringIO(table_text(frame, tables.PARTICIPANTS), newline=""), dtype=str, keep_default_na=False)
    assert back["participant_id"].tolist() == values
    assert back["region"].tolist() == values


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"participant_id": None}, "scores.participant_id: a cell is NoneType, the column holds text"),
        ({"score": float("inf")}, "scores.score: a cell is float, the column holds float"),
    ],
)
def test_a_cell_of_the_wrong_kind_is_an_error(cells: Mapping[str, object], message: str) -> None:
    row = dict.fromkeys(tables.SCORES.names, "") | {"turn": 1, "start": 0, "end": 1, "score": 1.0} | dict(cells)
    with pytest.raises(ValueError, match=message):
        table_text(tables.SCORES.frame([row]), tables.SCORES)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(VocError, match=r"the table 'transcripts' is missing\. Given: none"):
        write_tables({}, tmp_path)
