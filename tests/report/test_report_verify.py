"""A report's folder is damaged in every way that we could think of, by accident and on purpose: each is found."""

from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.report.proving import edit_json, faults, places, publish_into, rehash, small
from voc_pipeline import registry
from voc_pipeline.errors import VocError
from voc_pipeline.operations.verify import verify_report
from voc_pipeline.report.csv_tables import table_text
from voc_pipeline.report.manifest import MANIFEST
from voc_pipeline.report.reading_tables import read_table
from voc_pipeline.tables import CONTRACT_TABLES, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.operations.verdicts import Verdict
    from voc_pipeline.report.inputs import ReportInputs
    from voc_pipeline.tables import TableSpec

WORDS = "zyxxyz"


@pytest.fixture(scope="module")
def tiny(study: Callable[..., ReportInputs], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A study of five people with report.json as its only page: proved often."""
    only = tuple(plugin for plugin in registry.plugins("exporters") if plugin.name == "json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "plugins", lambda _group: only)
        yield publish_into(tmp_path_factory.mktemp("tiny") / "run", small(study()))


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny, tmp_path / "run")


@pytest.mark.parametrize("forged", [False, True])
def test_every_file_that_is_taken_away_is_missed(tiny: Path, tmp_path: Path, *, forged: bool) -> None:
    for path in sorted(tiny.iterdir()):
        if path.name != MANIFEST:
            folder = shutil.copytree(tiny, tmp_path / path.stem)
            (folder / path.name).unlink()
            if forged:
                rehash(folder)
            assert path.name in places(verify_report(folder))


def test_without_its_manifest_a_folder_is_no_report(copy: Path) -> None:
    (copy / MANIFEST).unlink()
    with pytest.raises(VocError, match="the manifest can't be read: No such file"):
        verify_report(copy)


def test_a_file_that_is_put_in_is_found_and_listed_even_if_the_manifest_is_forged(copy: Path) -> None:
    (copy / "sub").mkdir()
    (copy / "sub" / "more.csv").write_text("x")
    assert places(verify_report(copy)) == ["sub/more.csv"]
    rehash(copy)
    verdict = verify_report(copy)
    assert verdict.ok
    assert any(reason.startswith("sub/more.csv: nothing here makes it again") for reason in verdict.unchecked)


def cells() -> list[tuple[TableSpec, Column]]:
    site = Column("site")
    extra = {"participants": (site,)}
    return [(spec, column) for spec in CONTRACT_TABLES for column in (*spec.columns, *extra.get(spec.name, ()))]


@pytest.mark.parametrize(("spec", "column"), cells(), ids=lambda value: value.name)
def test_one_cell_of_each_column_is_found_although_the_manifest_is_forged(
    tiny: Path, tmp_path: Path, spec: TableSpec, column: Column
) -> None:
    folder = shutil.copytree(tiny, tmp_path / "run")
    frame = table(folder, spec)
    assert len(frame), "a table without rows proves nothing"
    corrupt(folder, spec, column.name, row=len(frame) // 2)
    verdict = verified(folder, forged=True)
    assert faults_in(verdict, spec), places(verdict)
    assert badly_told(verdict, column.name) == []


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_cell_is_found_with_and_without_a_forged_manifest(tiny: Path, tmp_path: Path, data: st.DataObject) -> None:
    spec, column = data.draw(st.sampled_from(cells()))
    folder = shutil.copytree(tiny, tmp_path / "run")
    try:
        rows = len(table(folder, spec))
        corrupt(folder, spec, column.name, row=data.draw(st.integers(0, rows - 1)))
        verdict = verified(folder, forged=data.draw(st.booleans()))
        assert faults_in(verdict, spec), places(verdict)
        assert badly_told(verdict, column.name) == []
    finally:
        shutil.rmtree(folder)


def table(folder: Path, spec: TableSpec) -> pd.DataFrame:
    return read_table((folder / f"{spec.name}.csv").read_bytes().decode(), spec)


def corrupt(folder: Path, spec: TableSpec, column: str, *, row: int) -> None:
    """Change one character of a text, or one number."""
    frame = table(folder, spec)
    cell: Any = frame[column].tolist()[row]
    frame[column] = frame[column].astype(object)
    if isinstance(cell, bool):
        changed: Any = not cell
    elif isinstance(cell, str):
        changed = f"{WORDS}{cell[1:]}" if cell else WORDS
    else:
        changed = 1 if str(cell) in {"nan", "<NA>"} else cell + 1
    frame.loc[row, column] = changed
    (folder / f"{spec.name}.csv").write_bytes(table_text(frame, spec).encode())


def verified(folder: Path, *, forged: bool) -> Verdict:
    if forged:
        rehash(folder)
    return verify_report(folder)


def faults_in(verdict: Verdict, spec: TableSpec) -> list[str]:
    return [fault.where for fault in faults(verdict) if fault.where.startswith(f"{spec.name}.csv")]


def badly_told(verdict: Verdict, column: str) -> list[str]:
    """List faults without a way out, and those that repeat what was said."""
    secret = column in {"text", "quote", "question", "label", "terms"}
    return [
        fault.where
        for fault in faults(verdict)
        if not fault.hint or (secret and WORDS in f"{fault.where} {fault.what} {fault.hint}")
    ]


@pytest.mark.parametrize(
    "case",
    [
        ("mentions", "quote", WORDS, "mentions.csv, mn_", "the words at the offsets are not the quote: found 6 "),
        ("mentions", "end", 3, "mentions.csv, mn_", "the words at the offsets are not the quote"),
        ("mentions", "participant_id", "P-99", "mentions.csv, mn_", "the turn is not of this participant and file"),
        ("mentions", "turn", 99, "mentions.csv, mn_", "the turn that is quoted is not in turns.csv"),
        ("mentions", "stage", "x", "mentions.csv, mn_", "stage is none of the codebook's or contract's"),
        ("turns", "record_start", 7, "turns.csv, tr_", "record_start is 7, the turns before it end at 0"),
        ("turns", "role_in_call", "boss", "turns.csv, tr_", "the role is none of the contract's"),
        ("transcripts", "words", 3, "transcripts.csv, tr_", "words: found 3, turns.csv has "),
        ("transcripts", "outcome", "refused", "turns.csv, tr_", "turns of a transcript that is not coded"),
        ("theme_by_segment", "mentions", 77, "theme_by_segment.csv, row 1 ((all) / (all) / ", "found 77, computed "),
        ("theme_by_segment", "share", 0.123, "theme_by_segment.csv, row 1 (", "found 0.123, computed "),
        ("nps", "nps", 99.0, "nps.csv, row 1, column nps", "found 99, computed "),
        ("questions", "last_answer", 44, "questions.csv, qu_", "the answer is given as 2 to 44; after "),
        ("scores", "score", 11.0, "scores.csv, P-01", "the score is not in 0 to 10"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tiny: Path, tmp_path: Path, case: tuple[str, str, Any, str, str]) -> None:
    file, column, change, where, what = case
    folder = shutil.copytree(tiny, tmp_path / "run")
    [spec] = [spec for spec in CONTRACT_TABLES if spec.name == file]
    frame = table(folder, spec)
    frame.loc[0, column] = change
    (folder / f"{file}.csv").write_bytes(table_text(frame, spec).encode())
    rehash(folder)
    said = [(fault.where, fault.what) for fault in faults(verify_report(folder))]
    assert [one for one in said if one[0].startswith(where) and one[1].startswith(what)], said


def test_a_quote_and_its_turn_forged_alike_are_found(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "run")
    quote = table(folder, next(spec for spec in CONTRACT_TABLES if spec.name == "mentions"))["quote"].tolist()[0]
    for name in ("turns", "mentions"):
        path = folder / f"{name}.csv"
        path.write_bytes(path.read_bytes().replace(quote.encode(), b"z" * len(quote.encode())))
    rehash(folder)
    found = places(verify_report(folder))
    assert {"turns.csv", "mentions.csv"} <= set(found)
    assert any(place.startswith("report.json, ") for place in found)


def test_a_row_that_is_taken_out_is_found(tiny: Path, tmp_path: Path) -> None:
    for spec in CONTRACT_TABLES:
        folder = shutil.copytree(tiny, tmp_path / "run")
        frame = table(folder, spec)
        (folder / f"{spec.name}.csv").write_bytes(table_text(frame.drop(index=len(frame) - 1), spec).encode())
        rehash(folder)
        assert any(place.startswith(f"{spec.name}.csv") for place in places(verify_report(folder))), spec.name
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("title",), "Another title"),
        (("status",), "released"),
        (("released_by",), "Ann"),
        (("small_base",), 6),
        (("quotes_per_theme",), 2),
        (("replaced",), 0),
        (("attributes",), ["region"]),
        (("attributes",), ["no such attribute"]),
        (("topics_examples",), []),
        (("uncovered",), ["no_such_theme"]),
        (("notes",), ["A forged note."]),
        (("method", 0, 1), "another codebook"),
        (("adverse_events",), "screened: none"),
        (("tables", "turns.csv"), "0" * 64),
        (("codebook", "themes", 0, "name"), "Another name"),
        (("codebook", "themes", 0, "definition"), "Another definition"),
        (("codebook", "families", 0, 1), "Another family"),
        (("codebook", "lenses"), []),
        (("codebook", "themes"), []),
        (("run_id",), None),
    ],
)
def test_every_value_of_inputs_is_found(
    tiny: Path, tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    folder = shutil.copytree(tiny, tmp_path / "run")
    edit_json(folder / "inputs.json", place, value)
    assert "inputs.json" in places(verify_report(folder))
    rehash(folder)
    assert not verify_report(folder).ok


@pytest.mark.parametrize(
    ("place", "value", "sealed"),
    [
        (("run_id",), "run_0", True),
        (("published_at",), "2020-01-01T00:00:00Z", True),
        (("status",), "other", True),
        (("adverse_events",), "screened", True),
        (("coverage", "refused"), 0, True),
        (("inputs",), {}, True),
        (("rows", "turns"), 3, True),
        (("contract_version",), 1, True),
        (("files", "turns.csv"), "0" * 64, True),
        (("files", "../turns.csv"), "0" * 64, True),
        (("settings_hash",), "1" * 64, False),
        (("model_hashes", "encoders.toml"), "2" * 64, False),
        (("stage_versions", "ingest"), 3, False),
        (("package_versions", "voc-pipeline"), "9", False),
        (("seal",), "0" * 64, False),
        (("more",), "x", False),
    ],
)
def test_every_value_of_the_manifest_is_found(
    tiny: Path, tmp_path: Path, place: tuple[str | int, ...], value: object, *, sealed: bool
) -> None:
    from voc_pipeline.report import manifest

    folder = shutil.copytree(tiny, tmp_path / "run")
    edit_json(folder / MANIFEST, place, value)
    assert not verify_report(folder).ok
    if sealed:  # by hand: what else the folder says gives it away
        told = json.loads((folder / MANIFEST).read_bytes())
        (folder / MANIFEST).write_bytes(manifest._sealed(told).encode())  # noqa: SLF001 (as a forger would)
        assert not verify_report(folder).ok


def test_another_contract_is_said_to_need_another_voc(copy: Path) -> None:
    edit_json(copy / MANIFEST, ("contract_version",), 99)
    verdict = verify_report(copy)
    [fault] = [fault for check in verdict.checks if check.name == "contract" for fault in check.faults]
    assert fault.what == "the contract's version is 99"
    assert "verify the report with the voc that wrote it" in fault.hint
    assert "quotes, numbers and renderings: not reached" in verdict.unchecked


def test_many_faults_are_counted_and_some_are_kept(copy: Path) -> None:
    path = copy / "turns.csv"
    path.write_bytes(path.read_bytes().replace(b'"interviewer"', b'"chair"').replace(b'"participant"', b'"guest"'))
    [check] = [check for check in verify_report(copy).checks if check.name == "turns"]
    assert len(check.faults) == 20
    assert check.more > 0


def test_a_released_report_proves_itself_too(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    inputs = dataclasses.replace(
        small(study()), status="released", released_by="Ann", released_at="2026-11-23T00:00:00Z"
    )
    assert faults(verify_report(publish_into(tmp_path / "run", inputs))) == []
