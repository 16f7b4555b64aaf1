"""What a run was made of, and the one step that makes it visible."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voc_pipeline.errors import VocError
from voc_pipeline.manifests import file_sha256
from voc_pipeline.tables import CONTRACT_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MANIFEST = "manifest.json"
LATEST = "latest.json"
_FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class ManifestFacts:
    """Where a run's files come from.

    Args:
        run_id: The run.
        published_at: ISO moment with its zone.
        status: ``draft`` or ``released``.
        inputs: SHA-256 (hex) of each file of the inbox, by its published name.
        settings_hash: Hash of the settings that shaped the run.
        model_hashes: SHA-256 or key of each model, by name.
        stage_versions: Version number of each stage.
        package_versions: Version of each package that matters, by name.
        coverage: How many files came to which outcome.
        adverse_events: What was done about adverse events.
    """

    run_id: str
    published_at: str
    status: str
    inputs: Mapping[str, str]
    settings_hash: str
    model_hashes: Mapping[str, str] = field(default_factory=dict)
    stage_versions: Mapping[str, int] = field(default_factory=dict)
    package_versions: Mapping[str, str] = field(default_factory=dict)
    coverage: Mapping[str, int] = field(default_factory=dict)
    adverse_events: str = "not screened"


def write_manifest(folder: Path, facts: ManifestFacts) -> Path:
    """Write manifest.json with the SHA-256 of every other file in the folder; the last file of a run."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    data = {
        "contract_version": CONTRACT_VERSION,
        "run_id": facts.run_id,
        "published_at": facts.published_at,
        "status": facts.status,
        "inputs": dict(facts.inputs),
        "settings_hash": facts.settings_hash,
        "model_hashes": dict(facts.model_hashes),
        "stage_versions": dict(facts.stage_versions),
        "package_versions": dict(facts.package_versions),
        "coverage": dict(facts.coverage),
        "adverse_events": facts.adverse_events,
        "files": {path.relative_to(folder).as_posix(): file_sha256(path) for path in files},
    }
    path = folder / MANIFEST
    path.write_text(_json(data), encoding="utf-8", newline="\n")
    return path


def publish_folder(staging: Path, reports: Path, name: str, *, published_at: str, status: str) -> Path:
    """Make a finished run visible: move it into ``reports`` in one step, then point latest.json at it.

    Killed at any point, latest.json names either the old run or the new one, and what it names is complete. Called
    again after a kill, it ends in the same state.

    Args:
        staging: Folder with the run's files, manifest.json among them, on the file system of ``reports``.
        reports: The study's reports folder; made when it is missing.
        name: Name of the run's folder.
        published_at: ISO moment for latest.json.
        status: ``draft`` or ``released``.

    Returns:
        The run's folder.

    Raises:
        VocError: The run has no manifest, the name is no folder name, or another report already has it.
    """
    if not _FOLDER_NAME.fullmatch(name):
        raise VocError(f"{name!r} can't name a report folder", hint="Use letters, digits, '.', '-' and '_'")
    target = reports / name
    reports.mkdir(parents=True, exist_ok=True)
    if not (staging / MANIFEST).is_file():
        raise VocError(f"the run has no {MANIFEST}, so it is not complete", where=str(staging), hint="Run it again")
    if not target.exists():
        _sync_tree(staging)
        staging.rename(target)
        _sync(reports)
    elif (target / MANIFEST).is_file() and (target / MANIFEST).read_bytes() == (staging / MANIFEST).read_bytes():
        shutil.rmtree(staging)  # moved by a run that was killed before it could point latest.json at it
    else:
        raise VocError("another report has this name", where=str(target), hint="Move it away and publish again")
    _replace(reports / LATEST, _json({"run": name, "published_at": published_at, "status": status}))
    return target


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    _sync(temporary)
    temporary.replace(path)
    _sync(path.parent)


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    """Wait until a file's bytes or a folder's entries are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
