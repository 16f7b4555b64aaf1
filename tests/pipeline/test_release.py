"""Publishing and releasing, whole and with failures between any two steps; models are stood in for."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults import stand_ins
from voc_pipeline.errors import BusyError, UsageError, VocError
from voc_pipeline.manifests import file_sha256
from voc_pipeline.operations import publish as publishing
from voc_pipeline.operations import release as releasing
from voc_pipeline.operations.frames import contract_tables
from voc_pipeline.operations.publish import publish
from voc_pipeline.operations.release import release
from voc_pipeline.operations.run import due_work, publish_now, release_run, run_directly, writer
from voc_pipeline.operations.study import open_study
from voc_pipeline.operations.verify import verify_report
from voc_pipeline.operations.verify_files import check_files
from voc_pipeline.report.manifest import Latest, Released, read_latest, read_manifest
from voc_pipeline.tables import CONTRACT_TABLES, CONTRACT_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TALK = "Interviewer: What happened?\n\nRespondent: {} is what happened to us.\n"
WHO = "Speaker 1: What happened?\n\nSpeaker 2: Nothing happened to us.\n"
ADA, BEN = "Ada Moreau", "Ben Öz"
SETTINGS = f"[inbox]\nstable_seconds = 0.0\n{stand_ins.SETTINGS}"


@pytest.fixture(scope="module", autouse=True)
def _no_models() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VOC_CODING__PROFILE", raising=False)
        stand_ins.install(patch.setattr)
        yield


@pytest.fixture(autouse=True)
def _own_profile(monkeypatch: pytest.MonkeyPatch, _own_environment: None) -> None:
    monkeypatch.delenv("VOC_CODING__PROFILE")


@pytest.fixture(scope="module")
def made(_no_models: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a study with one draft, once: two interviews, and a file that needs attention."""
    root = tmp_path_factory.mktemp("made") / "study"
    (root / "inbox").mkdir(parents=True)
    (root / "voc.toml").write_text(SETTINGS)
    for name, what in (("a.txt", "Rain"), ("b.txt", "Snow")):
        (root / "inbox" / name).write_text(TALK.format(what))
    (root / "inbox" / "who.txt").write_text(WHO)
    run_directly(root)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "copy" / made.name)  # its name is its title
    return tmp_path / "copy" / made.name


def latest(root: Path) -> Latest:
    found = read_latest(root / "reports")
    assert found is not None
    return found


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def decisions(root: Path) -> list[tuple[str, str, str]]:
    with open_study(root) as study:
        return [(row.run, row.released_by, row.note) for row in study.store.releases.all()]


def test_a_run_publishes_a_draft_that_proves_itself(root: Path) -> None:
    folder = root / "reports" / latest(root).run
    assert latest(root).status == "draft"
    assert latest(root).released is None
    assert verify_report(folder).ok
    assert {"report.html", "report.json", "report.xlsx", "report.pptx", "inputs.json"} <= set(tree(folder))
    assert read_manifest(folder).facts.rows["mentions"] == 2
    assert folder.name in (root / "reports" / "index.html").read_text(encoding="utf-8")
    assert not due_work(root)


@pytest.mark.usefixtures("_quick_pages")
def test_publishing_now_makes_another_draft_though_nothing_changed(root: Path) -> None:
    first = latest(root).run
    with open_study(root, now=lambda: "2031-01-01T00:00:00Z") as study:
        second = publish(study).name
    assert second != first
    assert latest(root) == Latest(second, "2031-01-01T00:00:00Z", "draft")
    for name in ("mentions.csv", "theme_by_segment.csv"):
        assert (root / "reports" / first / name).read_bytes() == (root / "reports" / second / name).read_bytes()
    assert not due_work(root)


@pytest.mark.usefixtures("_quick_pages")
def test_publishing_twice_in_a_second_is_one_report(root: Path) -> None:
    with open_study(root, now=lambda: "2031-01-01T00:00:00Z") as study:
        folder = publish(study)
        before = tree(folder)
        assert publish(study) == folder
    assert tree(folder) == before


def test_a_study_that_read_nothing_has_nothing_to_publish(study: Path) -> None:
    (study / "voc.toml").write_text(SETTINGS)
    with pytest.raises(UsageError, match=r"inbox: nothing has been read yet\. Put transcripts there"):
        publish_now(study)
    assert not (study / "reports").exists()


def test_a_busy_study_is_not_published_or_released(root: Path) -> None:
    with writer(root):
        with pytest.raises(BusyError):
            publish_now(root)
        with pytest.raises(BusyError):
            release_run(root, by=ADA)


def test_a_report_that_does_not_prove_itself_is_never_seen(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, runs = latest(root), sorted((root / "reports").glob("[!.]*"))

    def forge(*given: Any) -> Any:
        frames, attributes = contract_tables(*given)
        numbers: Any = frames["theme_by_segment"]
        numbers["participants"] += 1
        return frames, attributes

    monkeypatch.setattr(publishing, "contract_tables", forge)
    with pytest.raises(VocError, match="the report does not prove itself"):
        publish_now(root)
    assert (latest(root), sorted((root / "reports").glob("[!.]*"))) == (before, runs)


def test_a_release_is_a_report_of_its_own_and_the_draft_stays_as_it_is(root: Path) -> None:
    run = latest(root).run
    draft = root / "reports" / run
    before = tree(draft)
    with open_study(root, now=lambda: "2031-01-01T00:00:00Z") as study:
        outcome = release(study, by=f" {ADA} ", note="Read twice.")
    assert tree(draft) == before
    assert (outcome.folder.name, outcome.again) == (f"{run}-released", False)
    after = tree(outcome.folder)
    assert set(after) == set(before)
    assert [spec.name for spec in CONTRACT_TABLES if after[f"{spec.name}.csv"] != before[f"{spec.name}.csv"]] == []
    manifest = json.loads(after["manifest.json"])
    assert (manifest["status"], manifest["release_of"]) == ("released", run)
    assert (manifest["released_by"], manifest["released_at"]) == (ADA, "2031-01-01T00:00:00Z")
    assert manifest["release_note"] == "Read twice."
    inputs = json.loads(after["inputs.json"])
    assert (inputs["status"], inputs["released_by"], inputs["released_at"]) == (
        "released", ADA, "2031-01-01T00:00:00Z",
    )  # fmt: skip
    view = json.loads(after["report.json"])
    assert view["status"] == "released"
    assert ADA in view["status_note"]
    assert ADA in after["report.html"].decode()
    assert verify_report(outcome.folder).ok
    assert latest(root) == Latest(
        outcome.folder.name,
        latest(root).published_at,
        "released",
        Released(outcome.folder.name, ADA, "2031-01-01T00:00:00Z"),
    )
    with open_study(root) as study:
        [row] = study.store.releases.all()
    assert (row.run, row.folder, row.manifest_sha256) == (
        run, outcome.folder.name, file_sha256(outcome.folder / "manifest.json"),
    )  # fmt: skip
    assert ADA in (root / "reports" / "index.html").read_text(encoding="utf-8")
    assert not due_work(root)


@pytest.mark.usefixtures("_quick_pages")
def test_what_does_not_keep_a_report_from_being_released_is_told(root: Path) -> None:
    first = latest(root).run
    with open_study(root, now=lambda: "2031-01-01T00:00:00Z") as study:
        newer = publish(study).name
    assert release_run(root, first, by=ADA).remarks == (
        "1 file needs attention: not in this report",
        "adverse events: not screened",
        f"a newer run is there: {newer}",
    )


@pytest.mark.usefixtures("_quick_pages")
def test_releasing_again_is_noted_and_changes_nothing(root: Path) -> None:
    run = latest(root).run
    first = release_run(root, by=ADA)
    before = tree(root / "reports")
    again = release_run(root, run, by=ADA, note="Once more.")
    other = release_run(root, run, by=BEN)
    assert (again.again, other.again) == (True, True)
    assert (again.sanction, other.sanction) == (first.sanction, first.sanction)
    assert tree(root / "reports") == before
    assert decisions(root) == [(run, ADA, ""), (run, ADA, "Once more."), (run, BEN, "")]


@pytest.mark.usefixtures("_quick_pages")
def test_a_later_draft_leaves_the_release_named_and_its_release_takes_over(root: Path) -> None:
    first = release_run(root, by=ADA).folder.name
    released = latest(root).released
    with open_study(root, now=lambda: "2031-01-01T00:00:00Z") as study:
        second = publish(study).name
    assert latest(root) == Latest(second, "2031-01-01T00:00:00Z", "draft", released)
    assert released is not None
    assert released.run == first
    release_run(root, by=BEN)
    assert latest(root).run == f"{second}-released"
    assert latest(root).released == Released(f"{second}-released", BEN, latest(root).released.at)  # type: ignore[union-attr]  # it is there


@pytest.mark.usefixtures("_quick_pages")
def test_releasing_an_older_run_leaves_the_newest_the_newest(root: Path) -> None:
    first = latest(root).run
    with open_study(root, now=lambda: "2031-01-01T00:00:00Z") as study:
        second = publish(study).name
    release_run(root, first, by=ADA)
    found = latest(root)
    assert (found.run, found.status) == (second, "draft")
    assert found.released is not None
    assert found.released.run == f"{first}-released"


def test_no_report_no_such_run_and_no_folder_name_are_wrong_use(root: Path, study: Path) -> None:
    run = latest(root).run
    with pytest.raises(UsageError, match=rf"no run is called '2026-01-01'\. Newest runs there: {run}"):
        release_run(root, "2026-01-01", by=ADA)
    for name in ("../inbox", "", ".", "a/b", ".staging-x"):
        with pytest.raises(UsageError, match="no run is called"):
            release_run(root, name, by=ADA)
    with pytest.raises(UsageError, match=r"there is no report yet\. Run 'voc run' first"):
        release_run(study, by=ADA)
    assert decisions(root) == []


@pytest.mark.usefixtures("_quick_pages")
def test_a_released_report_is_not_released(root: Path) -> None:
    folder = release_run(root, by=ADA).folder
    with pytest.raises(UsageError, match=r"this is a released report already\. Name the draft"):
        release_run(root, folder.name, by=ADA)


@pytest.mark.parametrize("by", ["", "  ", "a\nb", "\x1b[31mAda", "x" * 201, "\udce9"])
def test_a_release_needs_a_persons_name(root: Path, by: str) -> None:
    with pytest.raises(UsageError, match=r"--by: (a release needs the name of a person|the name is no single line)"):
        release_run(root, by=by)
    assert decisions(root) == []


def test_a_note_is_one_line(root: Path) -> None:
    with pytest.raises(UsageError, match="--note: the note is no single line of at most 2000 printable characters"):
        release_run(root, by=ADA, note="a\nb")


def test_a_run_of_an_older_contract_is_not_released(root: Path) -> None:
    path = root / "reports" / latest(root).run / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "contract_version": 1}))
    message = f"the run keeps version 1 of the contract, and this voc releases version {CONTRACT_VERSION}"
    with pytest.raises(UsageError, match=rf"{message}\. Make a new report with 'voc publish'"):
        release_run(root, by=ADA)


@pytest.mark.parametrize("name", ["mentions.csv", "report.html", "inputs.json", "manifest.json"])
def test_a_run_that_was_changed_is_not_released(root: Path, name: str) -> None:
    before = latest(root)
    path = root / "reports" / before.run / name
    content = path.read_bytes()
    path.write_bytes(content.replace(b"a", b"b", 1))
    with pytest.raises(VocError, match=r"the run is not released: the report does not|the manifest is not as it"):
        release_run(root, by=ADA)
    assert latest(root) == before
    assert decisions(root) == []
    assert not (root / "reports" / f"{before.run}-released").exists()


@pytest.mark.usefixtures("_quick_pages")
def test_a_released_report_that_was_changed_is_not_released_again(root: Path) -> None:
    folder = release_run(root, by=ADA).folder
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace(ADA, BEN))
    with pytest.raises(VocError, match=r"manifest\.json: the released report is not as it was released"):
        release_run(root, folder.name.removesuffix("-released"), by=BEN)
    assert [by for _, by, _ in decisions(root)] == [ADA]


def test_another_folder_of_the_name_is_left_alone(root: Path) -> None:
    run = latest(root).run
    shutil.copytree(root / "reports" / run, root / "reports" / f"{run}-released")
    with pytest.raises(VocError, match="another report has this name"):
        release_run(root, by=ADA)


@pytest.mark.usefixtures("_quick_pages")
def test_a_released_folder_that_was_deleted_is_made_again_as_it_was(root: Path) -> None:
    folder = release_run(root, by=ADA).folder
    before = tree(folder)
    shutil.rmtree(folder)
    outcome = release_run(root, folder.name.removesuffix("-released"), by=BEN)
    assert tree(folder) == before
    assert (outcome.again, outcome.sanction.released_by) == (True, ADA)


@pytest.fixture
def _quick_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for pages and proof where it is about steps, not contents: a page of its inputs, proved by its hash."""

    def render(folder: Path) -> None:
        (folder / "report.html").write_bytes((folder / "inputs.json").read_bytes())

    def require_proof(folder: Path) -> None:
        assert whole(folder)

    for module in (publishing, releasing):
        monkeypatch.setattr(module, "render", render)
        monkeypatch.setattr(module, "require_proof", require_proof)


def whole(folder: Path) -> bool:
    return check_files(folder, read_manifest(folder).files).ok


FAULTS: tuple[tuple[Any, str], ...] = ((Path, "rename"), (Path, "replace"), (os, "fsync"), (releasing, "_row"))


@pytest.mark.usefixtures("_quick_pages")
@pytest.mark.parametrize("fault", FAULTS, ids=[name for _, name in FAULTS])
@pytest.mark.parametrize("survives", [0, 1, 3, 30])
def test_a_release_killed_at_any_step_leaves_a_whole_report_and_ends_the_same_when_done_again(
    root: Path, fault: tuple[Any, str], survives: int
) -> None:
    owner, name = fault
    run = latest(root).run
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(owner, name, failing_after(survives, getattr(owner, name)))
        with suppress(OSError, VocError):
            release_run(root, by=ADA)
    shown = latest(root).run
    assert shown in {run, f"{run}-released"}
    assert whole(root / "reports" / shown)
    outcome = release_run(root, run, by=ADA)
    assert latest(root).run == outcome.folder.name
    assert whole(outcome.folder)
    assert {by for _, by, _ in decisions(root)} == {ADA}
    assert list((root / "reports").glob(".*")) == []


@pytest.mark.usefixtures("_quick_pages")
def test_a_release_that_was_killed_before_it_was_noted_is_noted_as_what_it_says(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(releasing, "_row", failing_after(0, releasing._row))  # noqa: SLF001 (the step that is killed)
        with pytest.raises(OSError, match="No space left"):
            release_run(root, by=ADA, note="Mine.")
    run = latest(root).run
    assert decisions(root) == []
    outcome = release_run(root, run, by=BEN)
    assert (outcome.again, outcome.sanction.released_by) == (True, ADA)
    assert decisions(root) == [(run, ADA, "Mine."), (run, BEN, "")]


@pytest.mark.usefixtures("_quick_pages")
@pytest.mark.parametrize("fault", FAULTS[:3], ids=[name for _, name in FAULTS[:3]])
@pytest.mark.parametrize("survives", [0, 1, 3, 30])
def test_a_publication_killed_at_any_step_leaves_a_whole_report_and_is_due_again(
    root: Path, fault: tuple[Any, str], survives: int
) -> None:
    owner, name = fault
    (root / "inbox" / "c.txt").write_text(TALK.format("Hail"))
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(owner, name, failing_after(survives, getattr(owner, name)))
        try:
            run_directly(root)
        except (OSError, VocError):
            assert due_work(root)
    assert whole(root / "reports" / latest(root).run)
    run_directly(root)
    assert read_manifest(root / "reports" / latest(root).run).facts.coverage["coded"] == 3
    assert not due_work(root)


def failing_after(calls: int, original: Callable[..., Any]) -> Callable[..., Any]:
    left = [calls]

    def step(*args: Any, **options: Any) -> Any:
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        left[0] -= 1
        return original(*args, **options)

    return step
