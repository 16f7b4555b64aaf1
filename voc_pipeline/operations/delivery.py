"""Delivery: reports are copied to where their readers look, a folder or a share.

Nothing there is ever deleted or overwritten but our own latest.json and index. What fails is a warning that is tried
again, never a failed run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.errors import VocError
from voc_pipeline.ids import digest
from voc_pipeline.manifests import file_sha256
from voc_pipeline.operations import delays
from voc_pipeline.operations.staging import newest_release, shown
from voc_pipeline.report.durable import move_whole, sync, write_whole
from voc_pipeline.report.index_page import INDEX, reports_in, write_index
from voc_pipeline.report.manifest import LATEST, MANIFEST, RELEASED, Latest, read_manifest, write_latest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voc_pipeline.operations.study import Study
    from voc_pipeline.report.manifest import Manifest
    from voc_pipeline.store import Delivery

MARK = ".voc-delivery"
"""A file in the place of delivery that says whose it is: an unmounted share is not taken for an empty one."""
_STAGING = ".voc-staging-"
_ALL, _PAGES_ONLY = "all", "report"
_FOR_PROGRAMS = "report.json"


def delivery(study: Study) -> Delivery | None:
    """Give the state of the place that reports are delivered to; None if there is none, or nothing to bring there yet.

    Does not look at the place itself: a share that hangs can keep nobody.
    """
    settings = study.settings.publish
    brings = study.store.ledger.last_run() if settings.copy_reports == _ALL else newest_release(study)
    if not settings.copy_to or brings is None:
        return None
    return study.store.deliveries.of(str(_place(study)))


def delivery_is_due(study: Study, *, retry_now: bool = False) -> bool:
    """Say whether anything is to be brought to the place of delivery, and whether it is time.

    Args:
        study: The study.
        retry_now: Whether what failed a moment ago is tried again at once.
    """
    state = delivery(study)
    if state is None or (not state.reason and state.key == _key(study)):
        return False
    return retry_now or state.is_due(delays.epoch())


def deliver(study: Study) -> None:
    """Copy what belongs to the place of delivery and is missing there; a failure is noted and tried again later.

    The study's writer lease is held. Killed at any point and done again, it ends the same.
    """
    state = delivery(study)
    if state is None:
        return
    place, key = Path(state.place), _key(study)
    try:
        _claim(study, place, known=bool(state.key))
        for name, manifest in _wanted(study):
            _bring(study.paths.reports / name, place / name, _chosen(study, manifest))
        latest = _newest(study)
        if latest is not None:
            write_latest(place, latest)
        write_index(place, study.title)
    except OSError as error:
        what, hint = f"reports can't be copied there: {error.strerror}", "Make it reachable and writable, with room"
        study.store.deliveries.failed(state.place, what, hint=hint, at=study.now(), now=delays.epoch())
    except VocError as error:
        study.store.deliveries.failed(state.place, error.what, hint=error.hint, at=study.now(), now=delays.epoch())
    else:
        study.store.deliveries.arrived(state.place, key)


def _place(study: Study) -> Path:
    root = os.path.abspath(study.paths.root)  # noqa: PTH100 (resolve() would ask the share, which may hang)
    return Path(os.path.normpath(Path(root, Path(study.settings.publish.copy_to).expanduser())))


def _key(study: Study) -> str:
    """Key of all that belongs to the place, from the store alone."""
    last = study.store.ledger.last_run()
    released = [row.folder for row in study.store.releases.first().values()]
    drafts = [last[1]] if last and study.settings.publish.copy_reports == _ALL else []
    return digest(study.settings.fingerprint("publish"), study.title, len(released), *released, *drafts)


def _newest(study: Study) -> Latest | None:
    """Say what latest.json says at the place of delivery: of drafts nothing where only releases are delivered."""
    if study.settings.publish.copy_reports == _ALL:
        return shown(study)
    released = newest_release(study)
    if released is None:
        return None
    published_at = read_manifest(study.paths.reports / released.run).facts.published_at
    return Latest(released.run, published_at, RELEASED, released)


def _wanted(study: Study) -> list[tuple[str, Manifest]]:
    both = study.settings.publish.copy_reports == _ALL
    return [
        (name, manifest)
        for name, manifest in reports_in(study.paths.reports)
        if both or manifest.facts.status == RELEASED
    ]


def _chosen(study: Study, manifest: Manifest) -> dict[str, str]:
    """Choose the files of a report that are delivered, with their SHA-256."""
    if study.settings.publish.copy_files == _PAGES_ONLY:
        pages = {name for name in manifest.files if name.startswith("report.") and name != _FOR_PROGRAMS}
        return {name: manifest.files[name] for name in sorted(pages)}
    return dict(manifest.files)


def _claim(study: Study, place: Path, *, known: bool) -> None:
    """Make sure that the place is there, is the one that was delivered to before, and is nobody else's.

    Args:
        study: The study.
        place: The folder.
        known: Whether anything was ever delivered there.
    """
    for own in (study.paths.inbox, study.paths.data, study.paths.reports):
        if place.is_relative_to(os.path.abspath(own)):  # noqa: PTH100 (as in _place)
            raise VocError("publish.copy_to names a folder of the study itself", hint="Name a folder outside of it")
    if not place.is_dir():
        raise VocError("the folder is not there", hint="Mount the share, make the folder, or mend publish.copy_to")
    owner = f"voc_pipeline {digest('place of delivery', study.key)[:32]}"
    mark = place / MARK
    found = mark.read_text(encoding="utf-8", errors="replace").strip() if mark.is_file() else None
    if found is None and known:
        raise VocError(
            f"this is not the folder that reports were delivered to before: its file {MARK} is gone",
            hint=f"Mount the share again; if somebody emptied the folder, make an empty file {MARK} in it",
        )
    if found is None and (strange := [name for name in (INDEX, LATEST) if os.path.lexists(place / name)]):
        raise VocError(f"somebody else's {strange[0]} stands there", hint="Name an empty folder in publish.copy_to")
    if found and found != owner:
        raise VocError("the reports of another study stand there", hint="Give each study a folder of its own")
    if not found:
        write_whole(mark, owner + "\n")


def _bring(source: Path, target: Path, files: dict[str, str]) -> None:
    """Copy one report, whole or not at all; of one that is there already, only the files that it lacks."""
    if not os.path.lexists(target):
        staging = target.with_name(f"{_STAGING}{target.name}")
        if staging.exists():
            shutil.rmtree(staging)  # of a killed process
        staging.mkdir()
        _copy(source, staging, files)
        _copy(source, staging, {MANIFEST: file_sha256(source / MANIFEST)})
        move_whole(staging, target)
        return
    manifest = target / MANIFEST
    if not manifest.is_file() or manifest.read_bytes() != (source / MANIFEST).read_bytes():
        raise VocError(f"something else is called {target.name} there", hint="Move it away: it is tried again")
    _copy(source, target, {name: sha256 for name, sha256 in files.items() if not (target / name).exists()})


def _copy(source: Path, target: Path, files: dict[str, str]) -> None:
    for name, sha256 in files.items():
        _check_inside(name)
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_name(f".{place.name}.part")
        try:
            shutil.copyfile(source / name, half)
            if file_sha256(half) != sha256:
                raise VocError(
                    f"{source.name}/{name} is not as its manifest says: it was changed since it was published",
                    hint="Publish again with 'voc publish'; a changed report is not delivered",
                )
            sync(half)
            half.replace(place)
        finally:
            half.unlink(missing_ok=True)


def _check_inside(name: str) -> None:
    parts: Iterable[str] = Path(name).parts
    if Path(name).is_absolute() or ".." in parts:
        raise VocError("a manifest names a file outside of its folder", hint="Publish again with 'voc publish'")
