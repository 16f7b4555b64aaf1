"""Shipped, versioned files: where they stand, and what they hash to.

One path resolver serves an installed wheel (``voc_pipeline/_models``) and a checkout (``models/``), in this order.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc_pipeline.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE = Path(__file__).parent


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
    """An encoder as models/encoders.toml describes it. ``files`` maps file names to their sha256.

    ``marks`` are the special tokens that open a text, part two, and close it.
    """

    name: str
    repo: str
    revision: str
    licence: str
    dimension: int
    max_tokens: int
    files: Mapping[str, str]
    sources: tuple[Mapping[str, Any], ...]
    marks: tuple[str, ...] = ()


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
            marks=tuple(entry["marks"]),
        )
    except KeyError as error:
        raise ModelError(f"entry {name!r} lacks {error.args[0]!r}", where=str(path)) from None


@dataclass(frozen=True, slots=True)
class SecondReader:
    """A coder that reads every answer too, without the question; its share (0..1) of a theme's logit."""

    coder: str
    version: str
    share: float


@dataclass(frozen=True, slots=True)
class CoderManifest:
    """A shipped set of trained heads: ``models/coders/<name>/manifest.json``, with its verified weights."""

    name: str
    version: str
    encoder: str
    weights: Path
    sha256: str
    details: Mapping[str, Any]
    second: SecondReader | None = None


def coder_manifest(name: str) -> CoderManifest:
    """Read and verify a shipped coder.

    Raises:
        ModelError: It is not there, its weights differ from the manifest, or it was made beside another version of the
            coder that reads second.
    """
    path = models_dir() / "coders" / name / "manifest.json"
    if not path.is_file():
        raise ModelError(f"no coder is called {name!r}", where=str(path), hint="Install voc-pipeline again")
    data = json.loads(path.read_text(encoding="utf-8"))
    weights = verified(path.parent / data["weights"], data["sha256"], entry=f"{name} in {path.name}")
    second = SecondReader(**data["second"]) if data.get("second") else None
    if second and (found := coder_manifest(second.coder).version) != second.version:
        raise ModelError(
            f"{name!r} was made beside version {second.version} of {second.coder!r}, which is now of {found}",
            where=str(path),
            hint=f"Install voc-pipeline again, or train {name} again: python -m models.training.train {name}",
        )
    return CoderManifest(name, data["version"], data["encoder"], weights, data["sha256"], data, second)


def training_statement(name: str, theme: str) -> str | None:
    """Read what a training statement says about a theme: its evidence, or the whole text where none is marked.

    Args:
        name: Part and number, e.g. ``p4-17``.
        theme: Id of the theme.

    Returns:
        None where this installation does not have the statement.
    """
    part, _, _ = name.partition("-")
    file = f"part{part.removeprefix('p')}.jsonl"
    for folder in (models_dir() / "exemplars", models_dir() / "training" / "exemplars"):
        if (folder / file).is_file():
            for line in (folder / file).read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                if entry["id"] == name:
                    said = (code.get("evidence") for code in entry["codes"] if code["theme"] == theme)
                    return next(said, None) or str(entry["text"])
    return None


def coder_themes(name: str) -> tuple[str, ...]:
    """List the themes that a shipped coder was trained for, without a look at its weights; none if it isn't ours."""
    path = models_dir() / "coders" / name / "manifest.json"
    return tuple(json.loads(path.read_text(encoding="utf-8"))["themes"]) if path.is_file() else ()
