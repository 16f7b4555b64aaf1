from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.errors import VocError
from voc_pipeline.report.csv_tables import write_tables
from voc_pipeline.report.inputs import ReportInputs
from voc_pipeline.report.inputs_json import FINGERPRINT, INPUTS, changed_tables, read_inputs, write_inputs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def folder(study: Callable[..., ReportInputs], tmp_path: Path) -> Path:
    inputs = study(uncovered=("th_x",), notes=("One note.",), released_by="Ann", released_at="2026-11-23T00:00:00Z")
    write_tables(inputs.tables, tmp_path)
    write_inputs(tmp_path, inputs)
    return tmp_path


def test_all_but_the_tables_comes_back_as_it_was(study: Callable[..., ReportInputs], folder: Path) -> None:
    inputs = study(uncovered=("th_x",), notes=("One note.",), released_by="Ann", released_at="2026-11-23T00:00:00Z")
    read = read_inputs(folder)
    for field in dataclasses.fields(ReportInputs):
        if field.name not in {"tables", "method"}:
            assert getattr(read, field.name) == getattr(inputs, field.name), field.name
    assert list(read.method.items())[:-1] == list(inputs.method.items())
    assert list(read.codebook.families) == list(inputs.codebook.families)
    assert list(read.codebook.lenses) == list(inputs.codebook.lenses)


def test_it_is_written_the_same_again(folder: Path, tmp_path: Path) -> None:
    first = (folder / INPUTS).read_bytes()
    write_inputs(folder, read_inputs(folder))
    assert (tmp_path / INPUTS).read_bytes() == first


def test_the_fingerprint_follows_from_every_table(folder: Path) -> None:
    before = read_inputs(folder).method[FINGERPRINT]
    assert changed_tables(folder) == ()
    path = folder / "topics.csv"
    path.write_text(path.read_text().replace("0.82", "0.83"))
    assert read_inputs(folder).method[FINGERPRINT] != before
    assert changed_tables(folder) == ("topics.csv",)


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        (("title",), 7, "inputs.json, title: Input should be a valid string"),
        (("small_base",), "5", "inputs.json, small_base: Input should be a valid integer"),
        (("replaced",), -1, "inputs.json, replaced: Input should be greater than or equal to 0"),
        (("more",), "x", "inputs.json, more: Extra inputs are not permitted"),
        (
            ("codebook", "themes", 3, "name"),
            None,
            "inputs.json, codebook.themes.3.name: Input should be a valid string",
        ),
        (
            ("codebook", "themes", 0, "examples"),
            {},
            "inputs.json, codebook.themes.0.examples: Input should be a valid array",
        ),
        (("method", 0), ["only one"], "inputs.json, method.0.1: Field required"),
        (("topics_examples", 0, 2), "1", "inputs.json, topics_examples.0.2: Input should be a valid integer"),
    ],
)
def test_what_it_does_not_hold_is_refused_with_its_place(
    folder: Path, place: tuple[Any, ...], value: object, expected: str
) -> None:
    data = json.loads((folder / INPUTS).read_text())
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    (folder / INPUTS).write_text(json.dumps(data))
    with pytest.raises(VocError) as caught:
        read_inputs(folder)
    assert str(caught.value).startswith(expected)
    assert "publish again" in caught.value.hint


@pytest.mark.parametrize("change", [lambda text: text[:-10], lambda _: "", lambda _: "[]"])
def test_a_damaged_file_is_refused(folder: Path, change: Callable[[str], str]) -> None:
    text = (folder / INPUTS).read_text()
    (folder / INPUTS).write_text(change(text))
    with pytest.raises(VocError, match=r"^inputs\.json"):
        read_inputs(folder)


def test_a_key_that_stands_twice_is_no_silent_choice(folder: Path) -> None:
    text = (folder / INPUTS).read_text()
    (folder / INPUTS).write_text(text.replace("{\n", '{\n "title": "Another",\n', 1))
    with pytest.raises(VocError, match="the layout of the file is not as it was written"):
        read_inputs(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / INPUTS).unlink()
    with pytest.raises(VocError, match=r"inputs\.json: the file can't be read: No such file"):
        read_inputs(folder)


def test_hashes_need_tables(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    with pytest.raises(VocError, match=r"transcripts\.csv: the file is missing"):
        write_inputs(tmp_path, study())
