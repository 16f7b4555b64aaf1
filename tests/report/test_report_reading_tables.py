from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline import tables
from voc_pipeline.errors import VocError
from voc_pipeline.report.csv_tables import table_text, write_tables
from voc_pipeline.report.reading_tables import read_table, read_tables
from voc_pipeline.tables import Column, TableSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voc_pipeline.report.inputs import ReportInputs

SPEC = TableSpec(
    "things",
    (Column("name"), Column("count", "int"), Column("share", "float"), Column("kept", "bool")),
    open_ended=True,
)
HEAD = '"name","count","share","kept"\n'
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["NA", "None", "nan", "", "007", "1e5", "true", '"', '""', "a\nb", "a\r\nb", "a,b", "\ufeff", " x ", "\x00", "=1"]
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": TEXTS,
            "count": st.none() | st.integers(-(2**63), 2**63 - 1),
            "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "kept": st.booleans(),
            "more": TEXTS,
        }
    )
)


@given(ROWS)
def test_what_is_written_is_read_and_written_again_the_same(rows: list[dict[str, Any]]) -> None:
    written = table_text(SPEC.frame(rows), SPEC)
    read = read_table(written, SPEC)
    assert table_text(read, SPEC) == written
    assert read["name"].tolist() == [row["name"] for row in rows]
    assert [None if cell is pd.NA else cell for cell in read["count"]] == [row["count"] for row in rows]
    assert read["kept"].tolist() == [row["kept"] for row in rows]
    assert [math.isnan(cell) for cell in read["share"]] == [row["share"] is None for row in rows]


def test_every_table_of_a_study_comes_back_with_its_dtypes(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    frames = study().tables
    write_tables(frames, tmp_path)
    read = read_tables(tmp_path)
    assert list(read) == [spec.name for spec in tables.CONTRACT_TABLES]
    for spec in tables.CONTRACT_TABLES:
        path = tmp_path / f"{spec.name}.csv"
        assert table_text(read[spec.name], spec).encode() == path.read_bytes()
        assert read[spec.name].dtypes.tolist() == frames[spec.name].dtypes.tolist()


def test_an_empty_table_keeps_all_its_columns() -> None:
    read = read_table('"name","count","share","kept","site"\n', SPEC)
    assert list(read.columns) == ["name", "count", "share", "kept", "site"]
    assert len(read) == 0


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ('word,1,0.5,"true"', "name", "found 4 characters without quotes"),
        ('"word","1",0.5,"true"', "count", "found a quoted text of 1 characters"),
        ('"word",1.0,0.5,"true"', "count", "found 1.0"),
        ('"word",01,0.5,"true"', "count", "found 01"),
        ('"word",9223372036854775808,0.5,"true"', "count", "found 9223372036854775808"),
        ('"word",secret,0.5,"true"', "count", "found 6 characters without quotes"),
        ('"word",1,0.50,"true"', "share", "found 0.50"),
        ('"word",1,nan,"true"', "share", "found nan"),
        ('"word",1,-0,"true"', "share", "found -0"),
        ('"word",1,0.1234567,"true"', "share", "found 0.1234567"),
        ('"word",1,5e-1,"true"', "share", "found 5e-1"),
        ('"word",1,0.5,true', "kept", "found true"),
        ('"word",1,0.5,"True"', "kept", "found a quoted text of 4 characters"),
        ('"word",1,0.5,', "kept", "found nothing"),
    ],
)
def test_a_field_of_another_kind_is_named_with_its_place(row: str, column: str, found: str) -> None:
    with pytest.raises(VocError) as caught:
        read_table(f'{HEAD}"a\nb",,,"false"\n{row}\n', SPEC)
    assert caught.value.where == f"things.csv, line 4, column {column}"
    assert caught.value.what == found
    assert caught.value.hint.startswith("Accepted: ")
    assert "word" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", "line 1", "the file is empty"),
        (f'{HEAD}"a",1,0.5,"true"', "line 2", "field 4 of the row does not end"),
        (f'{HEAD}"a",1,', "line 2", "cut off"),
        (f'{HEAD}"a",1,0.5,"true"\r\n', "line 2", "field 4 of the row does not end"),
        (f'{HEAD}"a",1,0.5\n', "line 2", "the row has 3 fields, the table has 4 columns"),
        (f'{HEAD}"a"b,1,0.5,"true"\n', "line 2", "field 1 of the row"),
        (f"\ufeff{HEAD}", "line 1", "field 1 of the row"),
        ('"name","count","kept","share"\n', "line 1", "the head of the table is not the contract's (column 3)"),
        ('"name","count","share"\n', "line 1", "the head of the table is not the contract's (column 4)"),
        ('"name","count","share","kept","a","a"\n', "line 1", "the head of the table"),
        ("name,count,share,kept\n", "line 1", "the head of the table"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_its_line(text: str, where: str, what: str) -> None:
    with pytest.raises(VocError) as caught:
        read_table(text, SPEC)
    assert caught.value.where == f"things.csv, {where}"
    assert what in caught.value.what


def test_a_file_that_is_missing_or_not_utf_8_is_named(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    write_tables(study().tables, tmp_path)
    (tmp_path / "turns.csv").write_bytes(b'"caf\xe9"\n')
    with pytest.raises(VocError, match=r"turns\.csv: byte 5 is not UTF-8"):
        read_tables(tmp_path)
    (tmp_path / "turns.csv").unlink()
    with pytest.raises(VocError, match=r"turns\.csv: the file can't be read: No such file"):
        read_tables(tmp_path)
