"""Shipped, versioned files: where they stand, what they hash to, and the codebook.

One path resolver serves an installed wheel (``voc_pipeline/_models``) and a checkout (``models/``), in this order.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from voc_pipeline.errors import ConfigError, ModelError
from voc_pipeline.ids import ThemeId
from voc_pipeline.records import Codebook, Theme

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE = Path(__file__).parent
DEFAULT_CODEBOOK = "cx-life-sciences"
_CODEBOOK_KEYS = {
    "codebook", "version", "families", "products", "themes", "sentiments", "journey_stages", "statement_types",
    "lenses",
}  # fmt: skip
_THEME_KEYS = {"id", "name", "family", "definition", "include", "exclude", "examples"}


def models_dir() -> Path:
    """Give the folder of shipped models: the wheel's, else the checkout's.

    Raises:
        ModelError: Neither is there.
    """
    return _first_folder(_PACKAGE / "_models", _PACKAGE.parent / "models")


def sample_dir() -> Path:
    """Give the folder of the sample study: the wheel's, else the checkout's."""
    return _first_folder(_PACKAGE / "_sample", _PACKAGE.parent / "transcripts_sample")


def _first_folder(*candidates: Path) -> Path:
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise ModelError(
        "files of the installation are missing", where=str(candidates[0]), hint="Install voc-pipeline again"
    )


def file_sha256(path: Path) -> str:
    """Hash a file's bytes (64 hex digits)."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verified(path: Path, sha256: str, *, entry: str) -> Path:
    """Return ``path`` when its bytes hash to ``sha256``.

    Raises:
        ModelError: The file is missing or differs; names the manifest entry and both hashes.
    """
    if not path.is_file():
        raise ModelError("a model file is missing", where=str(path), hint=f"Manifest entry {entry}; install it again")
    if (found := file_sha256(path)) != sha256:
        raise ModelError(
            f"the file's sha256 is {found[:12]}..., the manifest says {sha256[:12]}...",
            where=str(path),
            hint=f"Manifest entry {entry}: the file was changed or damaged; install it again",
        )
    return path


@dataclass(frozen=True, slots=True)
class EncoderManifest:
    """An encoder as models/encoders.toml describes it. ``files`` maps file names to their sha256."""

    name: str
    repo: str
    revision: str
    licence: str
    dimension: int
    max_tokens: int
    files: Mapping[str, str]
    sources: tuple[Mapping[str, str], ...]


def encoder_manifest(name: str) -> EncoderManifest:
    """Read one entry of models/encoders.toml.

    Raises:
        ModelError: No such entry, or it lacks a key.
    """
    path = models_dir() / "encoders.toml"
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    if name not in entries:
        raise ModelError(f"no encoder is called {name!r}", where=str(path), hint=f"Known: {', '.join(entries)}")
    entry = entries[name]
    try:
        return EncoderManifest(
            name=name,
            repo=entry["repo"],
            revision=entry["revision"],
            licence=entry["licence"],
            dimension=entry["dimension"],
            max_tokens=entry["max_tokens"],
            files=dict(entry["files"]),
            sources=tuple(entry["sources"]),
        )
    except KeyError as error:
        raise ModelError(f"entry {name!r} lacks {error.args[0]!r}", where=str(path)) from None


@dataclass(frozen=True, slots=True)
class CoderManifest:
    """A shipped set of trained heads: ``models/coders/<name>/manifest.json``, with its verified weights."""

    name: str
    version: str
    encoder: str
    weights: Path
    sha256: str
    details: Mapping[str, Any]


def coder_manifest(name: str) -> CoderManifest:
    """Read and verify a shipped coder.

    Raises:
        ModelError: It is not there, or its weights differ from the manifest.
    """
    path = models_dir() / "coders" / name / "manifest.json"
    if not path.is_file():
        raise ModelError(f"no coder is called {name!r}", where=str(path), hint="Install voc-pipeline again")
    data = json.loads(path.read_text(encoding="utf-8"))
    weights = verified(path.parent / data["weights"], data["sha256"], entry=f"{name} in {path.name}")
    return CoderManifest(name, data["version"], data["encoder"], weights, data["sha256"], data)


def load_codebook(path: Path | None = None) -> Codebook:
    """Read and check a codebook file; the shipped one by default.

    Raises:
        ConfigError: Not YAML, unknown keys, a duplicate id, a theme without definition or with a missing family.
    """
    path = models_dir() / "codebooks" / f"{DEFAULT_CODEBOOK}.yaml" if path is None else path
    return _parsed(path, path.read_bytes())


@functools.lru_cache(maxsize=4)  # a watcher asks at every look, and a parse takes tenths of a second
def _parsed(path: Path, raw: bytes) -> Codebook:
    try:
        data = yaml.safe_load(raw)
        raw.decode()
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError("this is not YAML in UTF-8", where=f"{path}{line}", hint="Mend the line") from None
    if not isinstance(data, dict) or not isinstance(data.get("themes"), list):
        raise ConfigError("a codebook is a mapping with a list of 'themes'", where=str(path))
    _check_keys(data, _CODEBOOK_KEYS, where=str(path), text=raw.decode())
    try:
        return _codebook(data, path, raw)
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigError(
            f"a part of the codebook has the wrong shape ({error})",
            where=str(path),
            hint="families, journey_stages and statement_types map ids to words; lenses map groups to lists of themes",
        ) from None


def _codebook(data: Mapping[str, Any], path: Path, raw: bytes) -> Codebook:
    text = raw.decode()
    families = {str(key): str(name) for key, name in (data.get("families") or {}).items()}
    themes = tuple(_theme(entry, families, path, text) for entry in data["themes"])
    _check_unique(themes, path, text)
    return Codebook(
        name=str(data.get("codebook", path.stem)),
        version=int(data.get("version", 1)),
        sha256=hashlib.sha256(raw).hexdigest(),
        families=families,
        themes=themes,
        journey_stages=dict(data.get("journey_stages") or {}),
        statement_types=dict(data.get("statement_types") or {}),
        products=tuple(map(str, data.get("products") or ())),
        lenses={
            lens: {group: tuple(members) for group, members in groups.items()}
            for lens, groups in (data.get("lenses") or {}).items()
        },
    )


def _theme(entry: object, families: Mapping[str, str], path: Path, text: str) -> Theme:
    if not isinstance(entry, dict) or not entry.get("id"):
        raise ConfigError("a theme is a mapping with an 'id'", where=str(path))
    theme_id = str(entry["id"])
    where = f"{path}, line {_line_with(text, f'id: {theme_id}')}"
    _check_keys(entry, _THEME_KEYS, where=where, text="")
    if not entry.get("definition"):
        raise ConfigError(f"theme {theme_id!r} has no definition", where=where, hint="Say in a sentence what it covers")
    if families and entry.get("family") not in families:
        raise ConfigError(
            f"theme {theme_id!r} names the family {entry.get('family')!r}",
            where=where,
            hint=f"Families of this codebook: {', '.join(families)}",
        )
    return Theme(
        theme_id=ThemeId(theme_id),
        name=str(entry.get("name", theme_id)),
        family=str(entry.get("family", "")),
        definition=str(entry["definition"]),
        include=tuple(map(str, entry.get("include") or ())),
        exclude=tuple(map(str, entry.get("exclude") or ())),
    )


def _check_unique(themes: tuple[Theme, ...], path: Path, text: str) -> None:
    seen: set[str] = set()
    for theme in themes:
        if theme.theme_id in seen:
            line = _line_with(text, f"id: {theme.theme_id}", last=True)
            raise ConfigError(
                f"two themes have the id {theme.theme_id!r}", where=f"{path}, line {line}", hint="Rename one"
            )
        seen.add(theme.theme_id)


def _check_keys(entry: Mapping[str, object], known: set[str], *, where: str, text: str) -> None:
    for key in entry:
        if key in known:
            continue
        nearest = difflib.get_close_matches(str(key), sorted(known), n=1)
        guess = f"Did you mean {nearest[0]!r}? " if nearest else ""
        place = f"{where}, line {_line_with(text, f'{key}:')}" if text else where
        raise ConfigError(f"unknown key {key!r}", where=place, hint=f"{guess}Accepted: {', '.join(sorted(known))}")


def _line_with(text: str, fragment: str, *, last: bool = False) -> int:
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if fragment in line]
    return (lines[-1] if last else lines[0]) if lines else 1
