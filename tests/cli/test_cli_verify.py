from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from tests.report.conftest import make_study
from tests.report.proving import edit_json, genuine, publish_into, rehash, small
from voc_pipeline.cli.main import app
from voc_pipeline.errors import UsageError, VocError
from voc_pipeline.report.manifest import DRAFT, Latest, write_latest

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of reports that stands in no study."""
    folder = tmp_path_factory.mktemp("delivered") / "reports"
    publish_into(folder / "run-1", small(genuine(make_study())))
    write_latest(folder, Latest("run-1", "2026-11-22T04:10:00+00:00", DRAFT))
    return folder


@pytest.fixture
def report(reports: Path, tmp_path: Path) -> Path:
    import shutil

    return shutil.copytree(reports / "run-1", tmp_path / "run-1")


def voc(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.mark.parametrize("place", [".", "reports", "reports/run-1"])
def test_a_report_is_proved_from_its_folder_or_one_around_it(reports: Path, place: str) -> None:
    done = voc("verify", reports.parent / place)
    assert done.exit_code == 0, done.stdout
    lines = done.stdout.splitlines()
    assert lines[0].startswith("run-1: ")
    assert " quotes, " in lines[0]
    assert " numbers, 23 files: all as recomputed" in lines[0]
    assert lines[1] == "Not checked:"
    assert len(lines) < 20


def test_a_forged_report_ends_with_3_and_says_where_and_what_to_do(report: Path) -> None:
    path = report / "turns.csv"
    path.write_bytes(path.read_bytes().replace(b'"interviewer"', b'"chair"'))
    rehash(report)
    done = voc("verify", report)
    assert done.exit_code == 3
    assert done.stdout.startswith("run-1: NOT PROVED, ")
    assert "turns.csv, tr_" in done.stdout
    assert "the role is none of the contract's" in done.stdout
    assert "publish again with 'voc run'" in done.stdout
    assert "more: --json lists them" in done.stdout
    assert len(done.stdout.splitlines()) < 20


def test_a_single_fault_is_one(report: Path) -> None:
    edit_json(report / "report.json", ("title",), "Another")
    rehash(report)
    done = voc("verify", report)
    assert "run-1: NOT PROVED, 1 fault\n  report.json, title: it is not what the tables give\n" in done.stdout


def test_as_json_every_check_is_listed(report: Path) -> None:
    told = json.loads(voc("verify", report, "--json").stdout)
    assert told["proved"] is True
    assert {check["name"] for check in told["checks"]} >= {"files", "tables", "quotes", "numbers", "renderings"}
    assert all(check["ok"] and check["checked"] for check in told["checks"])
    (report / "report.html").unlink()
    done = voc("verify", report, "--json")
    assert done.exit_code == 3
    faults = [fault for check in json.loads(done.stdout)["checks"] for fault in check["faults"]]
    assert [fault["where"] for fault in faults] == ["report.html", "report.html"]


def test_where_there_is_no_report_it_says_so(tmp_path: Path) -> None:
    done = voc("verify", tmp_path)
    assert isinstance(done.exception, UsageError)
    assert "there is no report" in done.exception.what
    assert "voc verify DIR" in done.exception.hint


def test_a_manifest_that_cant_be_read_ends_with_3(report: Path) -> None:
    (report / "manifest.json").write_text("{")
    done = voc("verify", report)
    assert isinstance(done.exception, VocError)
    assert done.exception.exit_code == 3
    assert "the manifest is not as it was written" in done.exception.what


def test_sources_need_the_study(reports: Path) -> None:
    done = voc("verify", reports / "run-1", "--sources")
    assert isinstance(done.exception, UsageError)
    assert "does not stand in a study" in done.exception.what


def test_of_an_outside_edition_the_files_are_proved(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "shares.csv").write_text("x")
    files = {"shares.csv": hashlib.sha256(b"x").hexdigest()}
    (tmp_path / "manifest.json").write_text(json.dumps({"edition": "outside", "files": files}))
    done = voc("verify", tmp_path)
    assert done.exit_code == 0
    assert "2 files: all as recomputed" in done.stdout
    assert "an outside edition was proved" in done.stdout
    (tmp_path / "shares.csv").write_text("y")
    assert voc("verify", tmp_path).exit_code == 3
