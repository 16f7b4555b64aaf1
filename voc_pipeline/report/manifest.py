"""What a run was made of, the one step that makes it visible, and the pointer to the newest and the released one."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from voc_pipeline.errors import VocError
from voc_pipeline.ids import digest
from voc_pipeline.manifests import file_sha256
from voc_pipeline.report.durable import move_whole, write_whole
from voc_pipeline.tables import CONTRACT_VERSION

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"
LATEST = "latest.json"
DRAFT, RELEASED = "draft", "released"
_FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Sanction:
    """Somebody's decision that a draft may go out.

    Args:
        released_by: Who decided.
        released_at: When, as an ISO moment with its zone.
        release_of: Folder of the draft.
        release_note: What they had to say.
    """

    released_by: str
    released_at: str
    release_of: str
    release_note: str = ""


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
        rows: How many rows each table has, by name.
        sanction: Who released it; None for a draft.
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
    rows: Mapping[str, int] = field(default_factory=dict)
    sanction: Sanction | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it was read: the facts, the contract it keeps, and the SHA-256 of every file of the run."""

    facts: ManifestFacts
    contract_version: int
    files: Mapping[str, str]


def write_manifest(folder: Path, facts: ManifestFacts) -> Path:
    """Write manifest.json with the SHA-256 of every other file in the folder; the last file of a run."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    told = {one.name: getattr(facts, one.name) for one in fields(facts) if one.name != "sanction"}
    told = {name: dict(value) if isinstance(value, Mapping) else value for name, value in told.items()}
    told |= asdict(facts.sanction) if facts.sanction else {}
    told |= {
        "contract_version": CONTRACT_VERSION,
        "files": {path.relative_to(folder).as_posix(): file_sha256(path) for path in files},
    }
    path = folder / MANIFEST
    path.write_text(_sealed(told), encoding="utf-8", newline="\n")
    return path


def outside_files(folder: Path) -> dict[str, str] | None:
    """Give the SHA-256 of every file of an outside edition; None where the folder holds something else."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        files = {str(name): str(sha256) for name, sha256 in told["files"].items()}
        return files if told["edition"] == "outside" else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def is_sealed(folder: Path) -> bool:
    """Say whether a run's manifest is as it was written, to the byte: its seal is the hash of the rest."""
    raw = (folder / MANIFEST).read_bytes()
    try:
        told = json.loads(raw)
        return bool(_sealed(told).encode() == raw)
    except (ValueError, AttributeError, RecursionError):
        return False


def _sealed(told: Mapping[str, object]) -> str:
    rest = {name: value for name, value in told.items() if name != "seal"}
    return _json({**rest, "seal": digest(_json(rest))})


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a run's folder; parts that this version does not know are passed over.

    Raises:
        VocError: There is none, or it is not as it was written.
    """
    path = folder / MANIFEST
    try:
        told = json.loads(path.read_bytes())
        if told.get("status") == RELEASED:
            told["sanction"] = {name: told[name] for name in Sanction.__dataclass_fields__}
        manifest: Manifest = _adapter(Manifest).validate_python({**told, "facts": told})
    except OSError as error:
        what = f"the manifest can't be read: {error.strerror}"
    except (ValueError, AttributeError, KeyError, RecursionError):  # what pydantic raises is a ValueError
        what = "the manifest is not as it was written"
    else:
        return manifest
    raise VocError(what, where=str(path), hint="Get it again from where it came from, or publish again") from None


def is_folder_name(name: str) -> bool:
    """Say whether a report's folder may have this name: it is safe in a path and in a link."""
    return bool(_FOLDER_NAME.fullmatch(name))


def publish_folder(staging: Path, reports: Path, name: str) -> Path:
    """Make a finished run visible: move it into ``reports`` in one step. Called again after a kill, it ends the same.

    Args:
        staging: Folder with the run's files, manifest.json among them, on the file system of ``reports``.
        reports: The study's reports folder; made when it is missing.
        name: Name of the run's folder.

    Returns:
        The run's folder.

    Raises:
        VocError: The run has no manifest, the name is no folder name, or another report already has it.
    """
    if not is_folder_name(name):
        raise VocError(f"{name!r} can't name a report folder", hint="Use letters, digits, '.', '-' and '_'")
    target = reports / name
    reports.mkdir(parents=True, exist_ok=True)
    if not (staging / MANIFEST).is_file():
        raise VocError(f"the run has no {MANIFEST}, so it is not complete", where=str(staging), hint="Run it again")
    if not target.exists():
        move_whole(staging, target)
    elif (target / MANIFEST).is_file() and (target / MANIFEST).read_bytes() == (staging / MANIFEST).read_bytes():
        shutil.rmtree(staging)  # moved by a run that was killed before it could point latest.json at it
    else:
        raise VocError("another report has this name", where=str(target), hint="Move it away and publish again")
    return target


@dataclass(frozen=True, slots=True)
class Released:
    """The released report: its folder, who released it, and when (ISO moment)."""

    run: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Latest:
    """What latest.json says: folder, time and status of the newest report, and the released one, if any."""

    run: str
    published_at: str
    status: str
    released: Released | None = None


def write_latest(folder: Path, latest: Latest) -> None:
    """Point latest.json at a report, in one step; the report must be there, complete.

    Raises:
        OSError: It can't be written; what it said before stands.
    """
    write_whole(folder / LATEST, _json(asdict(latest)))


def read_latest(folder: Path) -> Latest | None:
    """Read latest.json; None if there is none, or it says nothing that can be understood."""
    try:
        latest: Latest = _adapter(Latest).validate_json((folder / LATEST).read_bytes())
    except (OSError, ValueError):
        return None
    return latest


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
