from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.errors import VocError
from voc_pipeline.report.manifest import ManifestFacts, publish_folder, write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = ManifestFacts(
    run_id="run_1",
    published_at="2026-11-22T04:10:00+00:00",
    status="draft",
    inputs={"a.txt": "0" * 64},
    settings_hash="1" * 64,
    model_hashes={"minilm": "2" * 64},
    stage_versions={"passages": 3},
    package_versions={"voc-pipeline": "0.1.0"},
    coverage={"coded": 12, "refused": 1},
)


def staged(folder: Path, text: str) -> Path:
    (folder / "extra").mkdir(parents=True)
    (folder / "report.html").write_text(text, encoding="utf-8")
    (folder / "extra" / "chart.svg").write_text("<svg/>", encoding="utf-8")
    write_manifest(folder, FACTS)
    return folder


def latest(reports: Path) -> dict[str, str]:
    data: dict[str, str] = json.loads((reports / "latest.json").read_text(encoding="utf-8"))
    return data


def publish(staging: Path, reports: Path, name: str) -> Path:
    return publish_folder(staging, reports, name, published_at=FACTS.published_at, status="draft")


def test_the_manifest_hashes_every_other_file(tmp_path: Path) -> None:
    folder = staged(tmp_path / "run", "hello")
    data = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert data["files"] == {
        "extra/chart.svg": hashlib.sha256(b"<svg/>").hexdigest(),
        "report.html": hashlib.sha256(b"hello").hexdigest(),
    }
    assert data["contract_version"] == 1
    assert data["adverse_events"] == "not screened"
    assert {"run_id", "inputs", "settings_hash", "model_hashes", "stage_versions", "package_versions", "coverage"} <= {
        *data
    }


def test_writing_the_manifest_again_changes_nothing(tmp_path: Path) -> None:
    folder = staged(tmp_path / "run", "hello")
    before = (folder / "manifest.json").read_bytes()
    write_manifest(folder, FACTS)
    assert (folder / "manifest.json").read_bytes() == before


def test_publishing_moves_the_run_and_points_at_it(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    target = publish(staged(tmp_path / "staging", "one"), reports, "2026-11-22-0410")
    assert target == reports / "2026-11-22-0410"
    assert latest(reports) == {
        "run": "2026-11-22-0410",
        "published_at": "2026-11-22T04:10:00+00:00",
        "status": "draft",
    }
    assert not (tmp_path / "staging").exists()
    assert sorted(path.name for path in reports.iterdir()) == ["2026-11-22-0410", "latest.json"]


FAULTS: tuple[tuple[Any, str], ...] = ((Path, "rename"), (Path, "replace"), (os, "fsync"))


@pytest.mark.parametrize("fault", FAULTS, ids=["rename", "replace", "fsync"])
@pytest.mark.parametrize("survives", range(8))
def test_a_fault_at_any_step_leaves_a_complete_run_visible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: tuple[Any, str], survives: int
) -> None:
    owner, name = fault
    reports = tmp_path / "reports"
    publish(staged(tmp_path / "first", "one"), reports, "one")
    second = staged(tmp_path / "second", "two")
    with monkeypatch.context() as broken:
        broken.setattr(owner, name, failing_after(survives, getattr(owner, name)))
        try:
            publish(second, reports, "two")
        except OSError:
            failed = True
        else:
            failed = False
    shown = latest(reports)["run"]
    assert (reports / shown / "manifest.json").is_file()
    assert shown == "one" or name == "fsync" or not failed
    if failed and second.exists():
        publish(second, reports, "two")
    elif failed:  # moved before the fault: the run is made again and published again
        publish(staged(tmp_path / "second", "two"), reports, "two")
    assert latest(reports)["run"] == "two"
    assert not (tmp_path / "second").exists()


def failing_after(calls: int, original: Callable[..., Any]) -> Callable[..., Any]:
    left = [calls]

    def step(*args: Any) -> Any:
        if left[0] == 0:
            raise OSError(5, "the disk is gone")
        left[0] -= 1
        return original(*args)

    return step


def test_a_run_without_a_manifest_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "staging").mkdir()
    with pytest.raises(VocError, match=r"the run has no manifest\.json, so it is not complete"):
        publish(tmp_path / "staging", tmp_path / "reports", "one")
    assert not (tmp_path / "reports" / "latest.json").exists()


def test_another_report_of_the_same_name_is_left_alone(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    publish(staged(tmp_path / "first", "one"), reports, "one")
    with pytest.raises(VocError, match="another report has this name"):
        publish(staged(tmp_path / "second", "two"), reports, "one")
    assert (reports / "one" / "report.html").read_text(encoding="utf-8") == "one"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a\n"])
def test_a_run_is_named_like_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(VocError, match="can't name a report folder"):
        publish(staged(tmp_path / "staging", "one"), tmp_path / "reports", name)
    assert not (tmp_path / "reports").exists()
