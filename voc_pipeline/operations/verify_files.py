"""Proves the files of a run: by the manifest's hashes, and by making the view and every rendering of it again."""

from __future__ import annotations

import json
import tempfile
import zipfile
import zlib
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline import registry
from voc_pipeline.manifests import file_sha256
from voc_pipeline.operations.verdicts import AGAIN, Tally
from voc_pipeline.report.inputs_json import INPUTS
from voc_pipeline.report.manifest import MANIFEST, is_sealed
from voc_pipeline.tables import CONTRACT_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from voc_pipeline.operations.verdicts import Check
    from voc_pipeline.protocols import Exporter
    from voc_pipeline.report.inputs import ReportInputs
    from voc_pipeline.report.manifest import Manifest
    from voc_pipeline.report.shapes import ReportView

_OURS = "voc-pipeline "
_FACTS = ("run_id", "published_at", "status", "adverse_events")


def check_files(folder: Path, files: Mapping[str, str]) -> Check:
    """Prove that the folder holds what the manifest lists, byte for byte, and nothing else.

    Args:
        folder: The run's folder.
        files: SHA-256 (hex) of every file but the manifest.
    """
    tally = Tally("files")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    for name, sha256 in sorted(files.items()):
        tally.require(name in there, "the file is missing", name)
        if name in there:
            found = file_sha256(folder / name)
            same = found == sha256
            tally.require(same, f"its sha256 is {found[:12]}..., the manifest says {sha256[:12]}...", name)
    for name in sorted(there - set(files)):
        tally.fault("the manifest does not list this file", name, "It is none of the report's: take it out")
    tally.checked = len(files) + 1  # the manifest
    return tally.check()


def check_manifest(folder: Path, manifest: Manifest, inputs: ReportInputs, frames: Mapping[str, pd.DataFrame]) -> Check:
    """Prove that the manifest is as it was written, and says what inputs.json and the tables say."""
    tally = Tally("manifest")
    tally.require(is_sealed(folder), "the seal does not fit what the manifest says", MANIFEST)
    facts = manifest.facts
    for name in _FACTS:
        same = getattr(facts, name) == getattr(inputs, name)
        tally.require(same, f"{name} is not what {INPUTS} says", f"{MANIFEST}, {name}")
    sanction = (facts.sanction.released_by, facts.sanction.released_at) if facts.sanction else ("", "")
    same = sanction == (inputs.released_by, inputs.released_at)
    tally.require(same, f"who released it, and when, is not what {INPUTS} says", f"{MANIFEST}, released_by")
    for name, rows in facts.rows.items():
        found = len(frames[name]) if name in frames else 0
        tally.require(rows == found, f"{rows} rows are told, the table has {found}", f"{MANIFEST}, rows, {name}")
    return tally.check()


def check_renderings(folder: Path, view: ReportView) -> tuple[Check, set[str]]:
    """Prove every rendering: made again from the view, each has the same bytes.

    Returns:
        The check, and the names of the files that it looked at.
    """
    tally, names = Tally("renderings"), set[str]()
    with tempfile.TemporaryDirectory(prefix="voc-verify-") as temporary:
        for plugin in registry.plugins("exporters"):
            exporter: Exporter = plugin.load()()
            made = exporter.export(view, Path(temporary))
            path = folder / made.name
            if path.is_file():
                names.add(made.name)
                _require_same(tally, path, made)
            elif plugin.origin.startswith(_OURS):
                tally.fault("the file is missing", made.name)
    return tally.check(), names


def others(folder: Path, rendered: set[str]) -> list[str]:
    """List files that nothing here can make again: renderings of plugins that are not installed, or other files."""
    known = {f"{spec.name}.csv" for spec in CONTRACT_TABLES} | {MANIFEST, INPUTS} | rendered
    there = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in there if name not in known)


def _require_same(tally: Tally, path: Path, made: Path) -> None:
    found, again = path.read_bytes(), made.read_bytes()
    tally.checked += 1
    if found != again:
        where = f"{path.name}, {_first_difference(path.suffix, found, again)}"
        hint = f"If another version of voc wrote this report (see {MANIFEST}, package_versions), verify it with that"
        tally.fault("it is not what the tables give", where, f"{hint}. {AGAIN}")


def _first_difference(suffix: str, found: bytes, again: bytes) -> str:
    """Name the first place at which two renderings differ, without a word of either."""
    if suffix == ".json":
        try:
            return _json_place(json.loads(found), json.loads(again))
        except ValueError:
            return _line(found, again)
    if suffix in {".xlsx", ".pptx"}:
        return _member(found, again)
    return _line(found, again)


def _line(found: bytes, again: bytes) -> str:
    for number, (line, other) in enumerate(zip_longest(found.split(b"\n"), again.split(b"\n")), start=1):
        if line != other:
            places = zip_longest(line or b"", other or b"")
            column = next((n for n, (one, two) in enumerate(places, start=1) if one != two), 1)
            return f"line {number}, byte {column}"
    return "its end"


def _json_place(found: object, again: object, place: str = "") -> str:
    if isinstance(found, dict) and isinstance(again, dict):
        for key in sorted({*found, *again}, key=str):
            if key not in found or key not in again or found[key] != again[key]:
                return _json_place(found.get(key), again.get(key), f"{place}.{key}" if place else str(key))
    if isinstance(found, list) and isinstance(again, list):
        for number, (one, two) in enumerate(zip_longest(found, again)):
            if one != two:
                return _json_place(one, two, f"{place}[{number}]")
    return place or "its layout"


def _member(found: bytes, again: bytes) -> str:
    try:
        parts = [_members(data) for data in (found, again)]
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
        return _line(found, again)
    for name in sorted({*parts[0], *parts[1]}):
        if parts[0].get(name) != parts[1].get(name):
            return f"part {name}"
    return "the packing only: all parts are the same"


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
