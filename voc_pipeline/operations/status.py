"""What a person at the study asks: what became of every file, and is everything in place?"""

from __future__ import annotations

import functools
import os
import platform
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voc_pipeline import manifests, registry
from voc_pipeline.config import StudyPaths, load_settings
from voc_pipeline.errors import ModelError, VocError
from voc_pipeline.ingest import inbox
from voc_pipeline.operations.delays import in_words
from voc_pipeline.operations.status_page import with_warning
from voc_pipeline.operations.study import check_study, open_study
from voc_pipeline.store import FileRow, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One file ever seen. ``path`` is its real path; ``outcome`` is ``new`` or ``waiting`` before it was read."""

    path: str
    outcome: str
    version: int
    current: bool
    reason: str
    hint: str


def file_statuses(root: Path) -> list[FileStatus]:
    """List every file ever seen, then those of the inbox that have not been read yet."""
    from voc_pipeline.operations.scan import scan  # noqa: PLC0415 (avoids a cycle through run)

    with open_study(root) as study:
        rows = study.store.inbox.files()
        delays = study.store.delays.all()
        due = scan(study)
        there = {found.path for found in inbox.scan(study.paths.inbox, study.settings.inbox)}
    seen = {row.path for row in rows if row.current}
    known = [_known(row, changed=row.path in due.ingest, there=row.path in there) for row in rows]
    new = [
        FileStatus(path, "new", 0, current=True, reason="not read yet", hint="Run 'voc run'")
        for path in due.ingest
        if path not in seen
    ]
    waiting = [
        FileStatus(path, "waiting", 0, current=True, reason="changed a moment ago", hint="Wait until it stands still")
        for path in sorted(there - seen - set(due.ingest) - set(delays) - {error.where for error in due.later})
    ]
    delayed = [
        FileStatus(path, "waiting", 0, current=True, reason=in_words(delay), hint=delay.hint)
        for path, delay in delays.items()
    ]
    delayed += [
        FileStatus(error.where, "waiting", 0, current=True, reason=error.what, hint=error.hint)
        for error in due.later
        if error.where not in delays
    ]
    alike = inbox.alike(there)
    return [
        replace(row, reason=with_warning(row.reason, alike.get(row.path, ()))) if row.current else row
        for row in known + new + waiting + delayed
    ]


def _known(row: FileRow, *, changed: bool, there: bool) -> FileStatus:
    reason, hint = row.reason, row.hint
    if row.current and changed:
        reason, hint = "changed since it was read", "Run 'voc run'"
    elif row.current and not there:
        reason, hint = "the file is gone from the inbox; what was read of it stays", ""
    return FileStatus(row.path, str(row.outcome), row.version, row.current, reason, hint)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that ``voc doctor`` looked at."""

    name: str
    ok: bool
    found: str
    hint: str = ""


def examine(root: Path | None) -> list[Check]:
    """Check the machine and, if one is given, the study. Loads no model; hashes every model file."""
    checks = [_python(), *_models(), *_plugins()]
    if root is not None:
        checks += [_attempt("settings", lambda: _settings(root)), _attempt("database", lambda: _database(root))]
        checks += _write_access(StudyPaths(root))
    return checks


def _python() -> Check:
    ok = sys.version_info[:2] == _PYTHON and platform.system() == "Linux"
    found = f"Python {platform.python_version()} on {platform.system()}"
    return Check("python", ok, found, "" if ok else "Tested with Python 3.11 on Linux only")


def _models() -> list[Check]:
    def encoder(name: str) -> str:
        from voc_pipeline.embedding.sources import locate  # noqa: PLC0415 (hashes 90 MB: only here)

        found = locate(manifests.encoder_manifest(name))
        return f"{name} from {found.origin}, every file as its sha256 says"

    def coder(name: str) -> Callable[[], str]:
        return lambda: f"{name} {manifests.coder_manifest(name).version}, sha256 as in its manifest"

    names = sorted(path.parent.name for path in (manifests.models_dir() / "coders").glob("*/manifest.json"))
    return [
        *(_attempt("encoder", functools.partial(encoder, name)) for name in ("minilm", "mpnet")),
        *(_attempt("coder", coder(name)) for name in names),
    ]


def _plugins() -> list[Check]:
    return [_attempt(group, functools.partial(_parts, group)) for group in registry.GROUPS]


def _parts(group: registry.Group) -> str:
    found = []
    for part in registry.plugins(group):
        try:
            part.load()
        except Exception as error:  # noqa: BLE001 (a part may be anybody's; doctor says which one is broken)
            raise ModelError(
                f"{part.name} ({part.origin}) can't be loaded: {type(error).__name__}", hint="Install it again"
            ) from None
        found.append(f"{part.name} ({part.origin})")
    if not found:
        raise ModelError("no part is registered", hint="Install voc-pipeline again")
    return ", ".join(found)


def _settings(root: Path) -> str:
    paths, _ = check_study(root)
    return (
        "voc.toml, roster, codebook and products are right"
        if paths.settings.exists()
        else "no voc.toml: every default applies"
    )


def _database(root: Path) -> str:
    settings = load_settings(root)
    path = StudyPaths(root).database
    if not settings.store.url and not path.exists():
        return "none yet: the first run makes it"
    with Store(settings.store.url or f"sqlite:///{path.resolve()}") as store:
        return f"{len(store.inbox.files())} files known"


def _write_access(paths: StudyPaths) -> list[Check]:
    checks = []
    for folder in (paths.root, paths.data, paths.reports):
        if folder.exists():
            ok = os.access(folder, os.W_OK)
            hint = "" if ok else "Give yourself the right to write there"
            checks.append(Check("write access", ok, str(folder), hint))
    return checks


def _attempt(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, ok=True, found=look())
    except VocError as error:
        return Check(
            name, ok=False, found=f"{error.where}: {error.what}" if error.where else error.what, hint=error.hint
        )
