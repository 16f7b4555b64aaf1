"""Making a study, its roster, and a copy of the sample."""

from __future__ import annotations

import csv
import io
import os
import shutil
from typing import TYPE_CHECKING

from voc_pipeline.config import StudyPaths, StudySettings, load_settings
from voc_pipeline.errors import LaterError, RefusedError, UsageError
from voc_pipeline.ingest import inbox
from voc_pipeline.ingest.roster import load_roster
from voc_pipeline.ingest.sandbox import shared
from voc_pipeline.ingest.speakers import propose_roles, roster_csv
from voc_pipeline.manifests import sample_dir
from voc_pipeline.operations.sources import read_source
from voc_pipeline.operations.study import check_study

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

    from voc_pipeline.ingest.speakers import Proposal


def init_study(root: Path) -> list[Path]:
    """Make ``inbox/`` with the marker that the settings name, and a commented voc.toml; what is there stays.

    Returns:
        What was made.

    Raises:
        ConfigError: voc.toml is wrong.
    """
    paths = StudyPaths(root)
    made = []
    if not paths.inbox.is_dir():
        paths.inbox.mkdir(parents=True)
        made.append(paths.inbox)
    if not paths.settings.exists():
        paths.settings.write_text(settings_template(), encoding="utf-8")
        made.append(paths.settings)
    if (name := load_settings(root).inbox.marker) and not (marker := paths.inbox / name).exists():
        marker.touch()
        made.append(marker)
    return made


def settings_template() -> str:
    """Write a voc.toml in which every key stands as a comment with its default and what it means."""
    lines = ["# Settings of this study. Remove a '#' to change a default."]
    for name, section in StudySettings.model_fields.items():
        model = section.annotation
        if not isinstance(model, type):
            continue
        lines += ["", f"[{name}]", *_template_lines(model)]
    return "\n".join(lines) + "\n"


def _template_lines(model: type[BaseModel]) -> list[str]:
    lines = []
    for key, field in model.model_fields.items():
        lines.append(f"# {field.description}")
        lines.append(f"# {key} = {_toml(field.get_default(call_default_factory=True))}")
    return lines


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def write_roster(root: Path, *, force: bool = False) -> tuple[Path, int]:
    """Write inbox/participants.csv with a row for every file and speaker; rows that are there stay as they are.

    Returns:
        The roster's path and the number of rows added.

    Raises:
        UsageError: The roster is an .xlsx file, which is the user's to edit.
    """
    paths, settings = check_study(root)
    for folder in (paths.inbox, root):
        if (folder / "participants.xlsx").exists():
            raise UsageError(
                "the roster is an Excel file", where=str(folder / "participants.xlsx"), hint="Save it as CSV first"
            )
    target = paths.inbox / "participants.csv"
    if not target.exists() and (root / "participants.csv").exists():
        target = root / "participants.csv"
    existing = load_roster(paths.inbox, root)
    text = roster_csv(_proposals(paths, settings), existing)
    added = len(list(csv.reader(io.StringIO(text)))) - 1 - len(existing.rows)
    if added or force:
        _replace(target, text)
    return target, added


def _proposals(paths: StudyPaths, settings: StudySettings) -> dict[str, list[Proposal]]:
    proposals = {}
    for found in inbox.scan(paths.inbox, settings.inbox):
        try:
            _, content = read_source(paths.inbox, found)
            if isinstance(content, RefusedError):
                continue
            proposals[found.path] = propose_roles(
                shared().read(content, name=found.path, options=settings.formats.options())
            )
        except (RefusedError, LaterError, FileNotFoundError):
            continue  # `voc status` says why
    return proposals


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all: a watcher never reads half a roster, and a full disk costs nobody theirs."""
    temporary = path.with_name(f".{path.name}.part")  # a name that the inbox passes over
    try:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def copy_sample(target: Path) -> None:
    """Copy the sample study, whole or not at all; one that stands there already is left as it is.

    Raises:
        UsageError: Something else stands there.
    """
    if (target / "inbox").is_dir():
        return
    half = target / ".sample.part"
    if target.exists() and not half.is_dir() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("the folder is not empty", where=str(target), hint="Name another: voc demo OTHER")
    shutil.copytree(sample_dir(), half, dirs_exist_ok=True)
    for part in sorted(half.iterdir(), key=lambda path: path.name == "inbox"):  # the inbox says that all is there
        part.replace(target / part.name)
    half.rmdir()
