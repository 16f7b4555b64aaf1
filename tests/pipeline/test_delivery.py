"""Delivery to a folder or share: whole reports, nothing of anybody else's touched, failures told and tried again."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.operations import delays
from voc_pipeline.operations.delivery import MARK, deliver, delivery, delivery_is_due
from voc_pipeline.operations.run import deliver_meanwhile, delivery_problem, summarise
from voc_pipeline.operations.staging import show
from voc_pipeline.operations.study import open_study
from voc_pipeline.report.manifest import Latest, ManifestFacts, Sanction, read_latest, write_manifest
from voc_pipeline.store import Release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voc_pipeline.operations.study import Study

FACTS = ManifestFacts("run_1", "2026-11-20T04:10:00Z", "draft", {"a.txt": "0" * 64}, "s", rows={"mentions": 4})
FILES = ("mentions.csv", "report.html", "report.json", "report.pptx", "report.xlsx", "sub/chart.svg")
EVERYTHING = sorted([*FILES, "manifest.json"])
NOON = "2026-11-23T12:00:00Z"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    (tmp_path / "share").mkdir()
    return tmp_path / "share"


@pytest.fixture
def opened(study: Path) -> Callable[..., Any]:
    @contextmanager
    def with_settings(**settings: str) -> Iterator[Study]:
        values = {"copy_to": "../share", **settings}
        lines = ["[publish]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
        (study / "voc.toml").write_text("\n".join(lines), encoding="utf-8")
        with open_study(study, now=lambda: NOON) as one:
            yield one

    return with_settings


def draft(study: Study, name: str, day: int = 20) -> Path:
    published_at = f"2026-11-{day}T04:10:00Z"
    folder = write_report(study, name, replace(FACTS, published_at=published_at))
    study.store.ledger.save_run(f"run_{name}", key="k", folder=name, published_at=published_at)
    show(study, Latest(name, published_at, "draft"))
    return folder


def release(study: Study, run: str, *, newest: bool = True) -> Path:
    sanction = Sanction("Ada", NOON, run)
    folder = write_report(study, f"{run}-released", replace(FACTS, status="released", sanction=sanction))
    study.store.releases.add(Release(run, folder.name, "Ada", NOON, "", "0" * 64))
    if newest:
        show(study, Latest(folder.name, FACTS.published_at, "released"))
    return folder


def write_report(study: Study, name: str, facts: ManifestFacts) -> Path:
    folder = study.paths.reports / name
    for file in FILES:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(f"{file} of {name}", encoding="utf-8")
    write_manifest(folder, facts)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def problem(study: Study) -> str:
    state = delivery(study)
    return f"{state.reason} | {state.hint}" if state else ""


def test_without_a_place_nothing_is_ever_due(opened: Callable[..., Any]) -> None:
    with opened(copy_to="") as study:
        draft(study, "one")
        release(study, "one")
        assert not delivery_is_due(study, retry_now=True)
        deliver(study)
        assert delivery(study) is None


def test_only_what_was_released_is_delivered_whole_with_latest_and_index(
    opened: Callable[..., Any], share: Path
) -> None:
    with opened() as study:
        draft(study, "one")
        assert not delivery_is_due(study)
        assert list(share.iterdir()) == []
        folder = release(study, "one")
        draft(study, "two", 21)
        assert delivery_is_due(study)
        deliver(study)
        assert not delivery_is_due(study, retry_now=True)
        assert sorted(path.name for path in share.iterdir()) == [MARK, "index.html", "latest.json", "one-released"]
        assert tree(share / "one-released") == tree(folder)
        latest = read_latest(share)
        assert latest is not None
        assert (latest.run, latest.status) == ("one-released", "released")
        assert latest.released is not None
        assert (latest.released.run, latest.released.by, latest.released.at) == ("one-released", "Ada", NOON)
        local = read_latest(study.paths.reports)
        assert local is not None
        assert (local.run, local.status, local.released) == ("two", "draft", latest.released)
        assert "two" not in (share / "index.html").read_text(encoding="utf-8")


def test_drafts_are_delivered_as_well_where_that_is_wanted(opened: Callable[..., Any], share: Path) -> None:
    with opened(copy_reports="all") as study:
        draft(study, "one")
        deliver(study)
        assert read_latest(share) == Latest("one", "2026-11-20T04:10:00Z", "draft")
        release(study, "one")
        assert delivery_is_due(study)
        deliver(study)
        assert {path.name for path in share.iterdir()} >= {"one", "one-released"}
        assert read_latest(share) == read_latest(study.paths.reports)


def test_the_tables_of_persons_can_be_left_out_and_follow_later(opened: Callable[..., Any], share: Path) -> None:
    with opened(copy_files="report") as study:
        release(study, "one")
        deliver(study)
        assert sorted(tree(share / "one-released")) == ["manifest.json", "report.html", "report.pptx", "report.xlsx"]
    with opened() as study:
        assert delivery_is_due(study)
        deliver(study)
        assert sorted(tree(share / "one-released")) == EVERYTHING


def test_delivering_again_changes_nothing_and_deletes_nothing(opened: Callable[..., Any], share: Path) -> None:
    (share / "minutes.txt").write_text("theirs")
    (share / "old").mkdir()
    with opened() as study:
        release(study, "one")
        deliver(study)
        (share / "one-released" / "comments.txt").write_text("theirs as well")
        before = tree(share)
        times = {path: path.stat().st_mtime_ns for path in (share / "one-released").rglob("*")}
        deliver(study)
        shutil.rmtree(study.paths.reports / "one-released")
        deliver(study)
        assert tree(share) == before
        assert {path: path.stat().st_mtime_ns for path in (share / "one-released").rglob("*")} == times


def test_a_share_that_is_gone_is_told_and_tried_again_and_then_all_is_there(
    opened: Callable[..., Any], share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(delays, "epoch", lambda: clock[0])
    share.rename(share.with_name("away"))
    with opened() as study:
        release(study, "one")
        deliver(study)
        assert problem(study) == ("the folder is not there | Mount the share, make the folder, or mend publish.copy_to")
        assert not delivery_is_due(study)
        assert delivery_is_due(study, retry_now=True)
        clock[0] += 5
        assert delivery_is_due(study)
        deliver(study)
        clock[0] += 5
        assert not delivery_is_due(study)
        share.with_name("away").rename(share)
        deliver(study)
        assert problem(study) == " | "
        assert (share / "one-released" / "report.html").is_file()


def test_an_unmounted_share_is_not_filled(opened: Callable[..., Any], share: Path) -> None:
    with opened() as study:
        release(study, "one")
        deliver(study)
        share.rename(share.with_name("away"))
        share.mkdir()
        release(study, "two")
        deliver(study)
        assert "its file .voc-delivery is gone" in problem(study)
        assert "make an empty file .voc-delivery in it" in problem(study)
        assert list(share.iterdir()) == []
        (share / MARK).touch()
        deliver(study)
        assert problem(study) == " | "
        assert {path.name for path in share.iterdir()} >= {"one-released", "two-released"}


@pytest.mark.parametrize("name", ["index.html", "latest.json"])
def test_somebody_elses_page_is_left_alone(opened: Callable[..., Any], share: Path, name: str) -> None:
    (share / name).write_text("theirs")
    with opened() as study:
        release(study, "one")
        deliver(study)
        assert f"somebody else's {name} stands there" in problem(study)
    assert tree(share) == {name: b"theirs"}


def test_two_studies_do_not_share_a_place(opened: Callable[..., Any], share: Path) -> None:
    (share / MARK).write_text("voc_pipeline 00000000000000000000000000000000\n")
    with opened() as study:
        release(study, "one")
        deliver(study)
        assert "the reports of another study stand there | Give each study a folder of its own" in problem(study)
    assert [path.name for path in share.iterdir()] == [MARK]


def test_a_folder_of_the_same_name_is_left_alone(opened: Callable[..., Any], share: Path) -> None:
    (share / "one-released").mkdir()
    (share / "one-released" / "report.html").write_text("theirs")
    with opened() as study:
        release(study, "one")
        deliver(study)
        assert "something else is called one-released there" in problem(study)
        assert tree(share / "one-released") == {"report.html": b"theirs"}
        assert not (share / "latest.json").exists()


@pytest.mark.parametrize("place", ["inbox", "inbox/reports", "data", "reports", "./reports/../inbox"])
def test_a_folder_of_the_study_is_no_place(opened: Callable[..., Any], study: Path, place: str) -> None:
    (study / "inbox" / "reports").mkdir()
    with opened(copy_to=place) as one:
        release(one, "one")
        before = tree(study / "inbox"), sorted(one.paths.reports.iterdir())
        deliver(one)
        assert "names a folder of the study itself" in problem(one)
        assert (tree(study / "inbox"), sorted(one.paths.reports.iterdir())) == before


def test_a_report_that_was_changed_is_not_delivered(opened: Callable[..., Any], share: Path) -> None:
    with opened() as study:
        folder = release(study, "one")
        (folder / "report.html").write_text("better numbers")
        deliver(study)
        assert "one-released/report.html is not as its manifest says" in problem(study)
        assert not (share / "one-released").exists()


def test_a_manifest_that_names_a_file_elsewhere_copies_nothing(opened: Callable[..., Any], share: Path) -> None:
    with opened() as study:
        folder = release(study, "one")
        told = json.loads((folder / "manifest.json").read_text())
        told["files"]["../../../../voc.toml"] = "0" * 64
        (folder / "manifest.json").write_text(json.dumps(told))
        deliver(study)
        assert "a manifest names a file outside of its folder" in problem(study)
        assert not (share / "one-released").exists()


STEPS: tuple[tuple[Any, str], ...] = (
    (Path, "rename"), (Path, "replace"), (os, "fsync"), (shutil, "copyfile"), (Path, "mkdir"),
)  # fmt: skip


@pytest.mark.parametrize("step", STEPS, ids=[name for _, name in STEPS])
@pytest.mark.parametrize("survives", [0, 1, 2, 4, 9])
def test_a_fault_at_any_step_shows_whole_reports_only_and_the_next_try_mends_it(
    opened: Callable[..., Any], share: Path, step: tuple[Any, str], survives: int
) -> None:
    owner, name = step
    with opened() as study:
        first = release(study, "one")
        deliver(study)
        second = release(study, "two")
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(owner, name, failing_after(survives, getattr(owner, name)))
            deliver(study)
        latest = read_latest(share)
        assert latest is not None
        for there in (path for path in share.iterdir() if path.is_dir() and not path.name.startswith(".")):
            assert tree(there) == tree(study.paths.reports / there.name)
        assert (share / latest.run / "manifest.json").is_file()
        deliver(study)
        assert problem(study) == " | "
        assert tree(share / "one-released") == tree(first)
        assert tree(share / "two-released") == tree(second)
        assert [path.name for path in share.iterdir() if path.name.startswith(".")] == [MARK]


def failing_after(calls: int, original: Callable[..., Any]) -> Callable[..., Any]:
    left = [calls]

    def step(*args: Any, **options: Any) -> Any:
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        left[0] -= 1
        return original(*args, **options)

    return step


def test_what_was_not_delivered_is_in_the_summary_and_the_next_look_tries_again(
    opened: Callable[..., Any], study: Path, tmp_path: Path
) -> None:
    with opened(copy_to="../nowhere") as one:
        release(one, "one")
    deliver_meanwhile(study)
    found = summarise(study).undelivered
    assert found is not None
    assert (found.path, found.outcome) == (str(tmp_path / "nowhere"), "not delivered")
    assert found.reason.startswith("the folder is not there; waiting since 2")
    assert "tried once, next try" in found.reason
    assert found.hint
    (tmp_path / "nowhere").mkdir()
    deliver_meanwhile(study, retry_now=True)
    assert delivery_problem(study) is None
    assert (tmp_path / "nowhere" / "one-released").is_dir()


def test_whoever_holds_the_writers_lease_delivers(opened: Callable[..., Any], study: Path, share: Path) -> None:
    with opened() as one:
        release(one, "one")
        with one.store.ledger.writer():
            deliver_meanwhile(study)
    assert list(share.iterdir()) == []
