"""A whole report with every page proves itself, and no page of it can be changed."""

from __future__ import annotations

import io
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.report.proving import edit_json, faults, genuine, places, publish_into, rehash
from voc_pipeline.errors import VocError
from voc_pipeline.operations.verify import require_proof, verify_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voc_pipeline.report.inputs import ReportInputs

PAGES = ("report.html", "report.json", "report.pptx", "report.xlsx")
WORDS = "zyxxyz"


@pytest.fixture(scope="module")
def whole(study: Callable[..., ReportInputs], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole study with every page."""
    return publish_into(tmp_path_factory.mktemp("whole") / "run", genuine(study()))


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "run")


def test_a_report_as_it_was_published_proves_itself(whole: Path) -> None:
    verdict = verify_report(whole)
    assert faults(verdict) == []
    assert verdict.ok
    assert verdict.checked("files") == len(list(whole.iterdir()))
    assert verdict.checked("quotes") > 56 * 3
    assert verdict.checked("numbers") > 1000
    assert verdict.checked("renderings") == len(PAGES)
    assert any("--sources" in reason for reason in verdict.unchecked)
    require_proof(whole)


def test_every_check_looks_at_something(whole: Path) -> None:
    assert [check.name for check in verify_report(whole).checks if check.checked == 0] == []


def test_every_page_that_is_taken_away_is_missed_although_the_manifest_is_forged(copy: Path) -> None:
    for page in PAGES:
        (copy / page).unlink()
    rehash(copy)
    assert places(verify_report(copy)) == list(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_one_byte_of_a_page_is_found(copy: Path, page: str) -> None:
    data = bytearray((copy / page).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / page).write_bytes(bytes(data))
    assert page in places(verify_report(copy))
    rehash(copy)
    [fault] = faults(verify_report(copy))
    assert fault.where.startswith(f"{page}, ")
    assert fault.what == "it is not what the tables give"
    assert "package_versions" in fault.hint


@pytest.mark.parametrize(
    ("page", "part"), [("report.xlsx", "xl/worksheets/sheet2.xml"), ("report.pptx", "ppt/slides/slide1.xml")]
)
def test_a_part_of_an_office_file_is_named(copy: Path, page: str, part: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(copy / page) as old, zipfile.ZipFile(made, "w") as new:
        for info in old.infolist():
            new.writestr(info, old.read(info) + (b" " if info.filename == part else b""))
    (copy / page).write_bytes(made.getvalue())
    rehash(copy)
    assert places(verify_report(copy)) == [f"{page}, part {part}"]


def test_a_place_of_the_view_is_named(copy: Path) -> None:
    edit_json(copy / "report.json", ("ranking", 2, "reach", "text"), "12 of 12")
    rehash(copy)
    assert places(verify_report(copy)) == ["report.json, ranking[2].reach.text"]


def test_what_does_not_prove_itself_is_not_published(copy: Path) -> None:
    edit_json(copy / "report.json", ("title",), WORDS)
    with pytest.raises(VocError) as caught:
        require_proof(copy)
    assert "the report does not prove itself (2 faults, the first: its sha256 is " in caught.value.what
    assert caught.value.where == "report.json"
    assert "It was not published" in caught.value.hint
