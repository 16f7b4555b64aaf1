from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.errors import VocError
from voc_pipeline.report.manifest import (
    Latest,
    ManifestFacts,
    Released,
    Sanction,
    publish_folder,
    read_latest,
    read_manifest,
    write_latest,
    write_manifest,
)
from voc_pipeline.tables import CONTRACT_VERSION

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
    rows={"mentions": 141},
)
SANCTION = Sanction("Ada Moreau", "2026-11-23T09:00:00Z", "one", "After two readings.")


def staged(folder: Path, text: str) -> Path:
    (folder / "extra").mkdir(parents=True)
    (folder / "report.html").write_text(text, encoding="utf-8")
    (folder / "extra" / "chart.svg").write_text("<svg/>", encoding="utf-8")
    write_manifest(folder, FACTS)
    return folder


def publish(staging: Path, reports: Path, name: str) -> Path:
    folder = publish_folder(staging, reports, name)
    write_latest(reports, Latest(name, FACTS.published_at, "draft"))
    return folder


def latest_run(reports: Path) -> str:
    latest = read_latest(reports)
    assert latest is not None
    return latest.run


def test_the_manifest_hashes_every_other_file(tmp_path: Path) -> None:
    folder = staged(tmp_path / "run", "hello")
    data = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert data["files"] == {
        "extra/chart.svg": hashlib.sha256(b"<svg/>").hexdigest(),
        "report.html": hashlib.sha256(b"hello").hexdigest(),
    }
    assert data["contract_version"] == CONTRACT_VERSION
    assert data["rows"] == {"mentions": 141}
    assert not [name for name in data if name.startswith("release") or name == "sanction"]
    assert data["adverse_events"] == "not screened"
    assert {"run_id", "inputs", "settings_hash", "model_hashes", "stage_versions", "package_versions", "coverage"} <= {
        *data
    }


def test_writing_the_manifest_again_changes_nothing(tmp_path: Path) -> None:
    folder = staged(tmp_path / "run", "hello")
    before = (folder / "manifest.json").read_bytes()
    write_manifest(folder, FACTS)
    assert (folder / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("facts", [FACTS, replace(FACTS, status="released", sanction=SANCTION)], ids=["draft", "out"])
def test_a_manifest_reads_back_as_it_was_written(tmp_path: Path, facts: ManifestFacts) -> None:
    write_manifest(tmp_path, facts)
    found = read_manifest(tmp_path)
    assert (found.facts, found.contract_version, found.files) == (facts, CONTRACT_VERSION, {})


def test_a_released_manifest_names_who_released_what_and_when(tmp_path: Path) -> None:
    write_manifest(tmp_path, replace(FACTS, status="released", sanction=SANCTION))
    data = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert data["released_by"] == "Ada Moreau"
    assert data["released_at"] == "2026-11-23T09:00:00Z"
    assert data["release_of"] == "one"
    assert data["release_note"] == "After two readings."


def test_a_manifest_of_an_older_or_newer_contract_can_be_read(tmp_path: Path) -> None:
    write_manifest(tmp_path, FACTS)
    path = tmp_path / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    del data["rows"]
    path.write_text(json.dumps({**data, "contract_version": 1, "news": [1]}), encoding="utf-8")
    found = read_manifest(tmp_path)
    assert (found.contract_version, found.facts.rows) == (1, {})


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{}", "[" * 100_000, '{"status": "released"}', '{"run_id": 3}', "\udcff"]
)
def test_a_manifest_that_is_none_is_an_error_with_its_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(VocError, match=r"manifest\.json: the manifest is not as it was written"):
        read_manifest(tmp_path)


def test_no_manifest_is_an_error_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(VocError, match=r"manifest\.json: the manifest can't be read: No such file or directory"):
        read_manifest(tmp_path)


def test_latest_says_what_is_newest_and_what_is_released(tmp_path: Path) -> None:
    latest = Latest("two", FACTS.published_at, "draft", Released("one-released", "Ada", "2026-11-23T09:00:00Z"))
    write_latest(tmp_path, latest)
    assert read_latest(tmp_path) == latest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest.json"]


def test_a_latest_of_an_older_version_is_understood_and_no_latest_is_none(tmp_path: Path) -> None:
    assert read_latest(tmp_path) is None
    (tmp_path / "latest.json").write_text('{"run": "one", "published_at": "x", "status": "draft"}')
    assert read_latest(tmp_path) == Latest("one", "x", "draft")
    (tmp_path / "latest.json").write_text('{"run": ')
    assert read_latest(tmp_path) is None


def test_a_link_in_the_way_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / ".latest.json.part").symlink_to(tmp_path / "theirs")
    write_latest(tmp_path, Latest("one", "x", "draft"))
    assert (tmp_path / "theirs").read_text() == "theirs"


def test_publishing_moves_the_run_and_points_at_it(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    target = publish(staged(tmp_path / "staging", "one"), reports, "2026-11-22-0410")
    assert target == reports / "2026-11-22-0410"
    assert json.loads((reports / "latest.json").read_text(encoding="utf-8")) == {
        "run": "2026-11-22-0410",
        "published_at": "2026-11-22T04:10:00+00:00",
        "status": "draft",
        "released": None,
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
    shown = latest_run(reports)
    assert (reports / shown / "manifest.json").is_file()
    assert shown == "one" or name == "fsync" or not failed
    if failed and second.exists():
        publish(second, reports, "two")
    elif failed:  # moved before the fault: the run is made again and published again
        publish(staged(tmp_path / "second", "two"), reports, "two")
    assert latest_run(reports) == "two"
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
