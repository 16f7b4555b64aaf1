"""Releasing: a person decides that a draft may go out, and the same tables become a report of their own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voc_pipeline.errors import UsageError, VocError
from voc_pipeline.manifests import file_sha256
from voc_pipeline.operations.staging import new_staging, render, show, shown
from voc_pipeline.operations.verify import require_proof
from voc_pipeline.report.inputs_json import read_inputs, write_inputs
from voc_pipeline.report.manifest import (
    MANIFEST,
    RELEASED,
    Latest,
    Sanction,
    is_folder_name,
    publish_folder,
    read_manifest,
    write_manifest,
)
from voc_pipeline.report.wording import counted
from voc_pipeline.store import Release
from voc_pipeline.tables import CONTRACT_TABLES, CONTRACT_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from voc_pipeline.operations.study import Study
    from voc_pipeline.report.manifest import Manifest

_SUFFIX = "-released"
_LONGEST_NAME, _LONGEST_NOTE = 200, 2000
_RUNS_NAMED = 5


@dataclass(frozen=True, slots=True)
class ReleaseOutcome:
    """A released report.

    Args:
        folder: Its folder.
        sanction: Who released it first: what the report prints.
        again: Whether it was released already, so that nothing but the decision was noted.
        remarks: What whoever releases should know, one sentence each without a full stop.
    """

    folder: Path
    sanction: Sanction
    again: bool
    remarks: tuple[str, ...]


def release(study: Study, run: str | None = None, *, by: str, note: str = "") -> ReleaseOutcome:
    """Release a run: its own immutable folder beside the draft, which stays as it is. The store keeps the decision.

    Killed at any point and done again, it ends the same; done twice, the second decision is noted and changes nothing.

    Args:
        study: The study; its writer lease is held.
        run: Folder name of the draft; the newest by default.
        by: Who decides.
        note: What they have to say about it.

    Raises:
        UsageError: No such run, one made by another version of the contract, or a name that is none.
        VocError: The run does not prove itself, or the released report is not what it was.
    """
    by, note = _one_line(by, "name", _LONGEST_NAME), _one_line(note, "note", _LONGEST_NOTE)
    if not by:
        raise UsageError("a release needs the name of a person", where="--by", hint="Write --by 'Your Name'")
    draft, manifest = _draft(study, run)
    target = study.paths.reports / f"{draft.name}{_SUFFIX}"
    decided = Sanction(by, study.now(), draft.name, note)
    first = study.store.releases.first().get(draft.name)
    _check_unchanged(study, target)
    sanction = _of_row(first) if first else _of_folder(target, draft.name) or decided
    if not target.is_dir():
        _make(draft, manifest, target, sanction)
    if first is None:
        study.store.releases.add(_row(target, sanction))
    again = first is not None or sanction.released_by != by
    if again:
        study.store.releases.add(_row(target, decided))
    made = Latest(target.name, manifest.facts.published_at, RELEASED)
    newest = shown(study)
    show(study, made if newest is None or newest.run in {draft.name, target.name} else newest)
    return ReleaseOutcome(target, sanction, again, _remarks(study, draft.name, manifest))


def _one_line(text: str, what: str, longest: int) -> str:
    text = text.strip()
    if len(text) > longest or not text.isprintable():
        raise UsageError(
            f"the {what} is no single line of at most {longest} printable characters",
            where=f"--{'by' if what == 'name' else what}",
            hint="Shorten it, without line breaks and control characters",
        )
    return text


def _draft(study: Study, run: str | None) -> tuple[Path, Manifest]:
    """Find the draft that is meant, with its manifest."""
    reports = study.paths.reports
    if run is None:
        last = study.store.ledger.last_run()
        if last is None:
            raise UsageError("there is no report yet", where=str(reports), hint="Run 'voc run' first")
        run = last[1]
    if not is_folder_name(run) or not (reports / run / MANIFEST).is_file():
        there = sorted((path.parent.name for path in reports.glob(f"[!.]*/{MANIFEST}")), reverse=True)[:_RUNS_NAMED]
        named = f"Newest runs there: {', '.join(there)}" if there else "There is none: run 'voc run' first"
        raise UsageError(f"no run is called {run!r}", where=str(reports), hint=named)
    manifest = read_manifest(reports / run)
    if manifest.facts.status == RELEASED:
        raise UsageError("this is a released report already", where=run, hint="Name the draft that it was made of")
    if manifest.contract_version != CONTRACT_VERSION:
        what = (
            f"the run keeps version {manifest.contract_version} of the contract, and this voc releases version "
            f"{CONTRACT_VERSION}"
        )
        raise UsageError(what, where=run, hint="Make a new report with 'voc publish', read it, and release that one")
    return reports / run, manifest


def _of_row(row: Release) -> Sanction:
    return Sanction(row.released_by, row.released_at, row.run, row.note)


def _of_folder(target: Path, run: str) -> Sanction | None:
    """Give the sanction in a folder that a killed release left, complete but without its row in the store."""
    if not target.exists():
        return None
    sanction = read_manifest(target).facts.sanction
    if sanction is None or sanction.release_of != run:
        raise VocError("another report has this name", where=str(target), hint="Move it away and release again")
    return sanction


def _check_unchanged(study: Study, target: Path) -> None:
    """A second decision is one on the same report: refuse it where that is not what it was."""
    rows = [row for row in study.store.releases.all() if row.folder == target.name]
    path = target / MANIFEST
    if rows and target.is_dir() and not (path.is_file() and file_sha256(path) == rows[-1].manifest_sha256):
        raise VocError(
            "the released report is not as it was released",
            where=str(path),
            hint="Get it again from where it was delivered to; or delete its folder and release the draft again",
        )


def _make(draft: Path, manifest: Manifest, target: Path, sanction: Sanction) -> None:
    """Make the released report of the draft's tables, byte by byte the same, and prove it before it can be seen."""
    try:
        require_proof(draft)
    except VocError as error:
        raise VocError(
            f"the run is not released: {error.what}",
            where=error.where,
            hint="A file was changed, or voc upgraded, since it was published: make a new report with 'voc publish', "
            "read it, and release that one",
        ) from None
    staging = new_staging(draft.parent, target.name)
    for spec in CONTRACT_TABLES:
        shutil.copyfile(draft / f"{spec.name}.csv", staging / f"{spec.name}.csv")
    by, at = sanction.released_by, sanction.released_at
    write_inputs(staging, replace(read_inputs(draft), status=RELEASED, released_by=by, released_at=at))
    render(staging)
    write_manifest(staging, replace(manifest.facts, status=RELEASED, sanction=sanction))
    require_proof(staging)
    publish_folder(staging, draft.parent, target.name)


def _row(folder: Path, sanction: Sanction) -> Release:
    return Release(
        run=sanction.release_of,
        folder=folder.name,
        released_by=sanction.released_by,
        released_at=sanction.released_at,
        note=sanction.release_note,
        manifest_sha256=file_sha256(folder / MANIFEST),
    )


def _remarks(study: Study, run: str, manifest: Manifest) -> tuple[str, ...]:
    """Say what does not keep a report from being released, but should be known."""
    facts = manifest.facts
    last = study.store.ledger.last_run()
    attention, refused = facts.coverage.get("attention", 0), facts.coverage.get("refused", 0)
    waiting = facts.rows.get("review_queue", 0)
    found = (
        (
            attention,
            f"{counted(attention, 'file')} {'needs' if attention == 1 else 'need'} attention: not in this report",
        ),
        (refused, f"{counted(refused, 'file')} could not be read: not in this report"),
        (
            waiting,
            f"{counted(waiting, 'mention')} below the confidence floor: nobody reviewed them, they count nowhere",
        ),
        (facts.adverse_events == "not screened", "adverse events: not screened"),
        (last and last[1] != run, f"a newer run is there: {last[1] if last else ''}"),
    )
    return tuple(text for there, text in found if there)
