"""Unpacks a zip that lies in parts in installed distributions. The distributions are never imported."""

from __future__ import annotations

import io
import lzma
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


# What reading a damaged zip raises, by where the damage is.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, KeyError, EOFError, RuntimeError, ValueError)


def unpacked(packages: Sequence[str], inside: str, *, files: Collection[str], folder: Path) -> bool:
    """Unpack files into a folder, whole or not at all; what was unpacked before stays, what is gone comes back.

    Args:
        packages: Distributions, one part of the zip in each, in order.
        inside: Folder of the zip that the files lie in.
        files: Their names.
        folder: Where they go. Its content is for the caller to verify.

    Returns:
        Whether all files are there. They are not when a part is missing, or the parts make no zip with these files.

    Raises:
        ModelError: There is no room for the folder, or no right to write it.
    """
    if _holds(folder, files):
        return True
    parts = [part for part in map(_part, packages) if part is not None]
    if len(parts) < len(packages):
        return False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            whole = Path(scratch) / "whole"
            whole.mkdir()
            if _extract(parts, inside, files, whole):
                _put_in_place(whole, folder)
    except OSError as error:
        raise ModelError(
            f"the encoder can't be unpacked: {error.strerror or type(error).__name__}",
            where=str(folder),
            hint="Make room or give yourself the right to write there, or name another folder in XDG_CACHE_HOME",
        ) from None
    return _holds(folder, files)


def _holds(folder: Path, files: Iterable[str]) -> bool:
    return all((folder / name).is_file() for name in files)


def _extract(parts: Sequence[Path], inside: str, files: Iterable[str], folder: Path) -> bool:
    try:
        with zipfile.ZipFile(io.BufferedReader(_Joined(parts))) as archive:
            for name in files:
                with archive.open(f"{inside}/{name}") as source, (folder / name).open("wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
    except _DAMAGE:
        return False
    return True


def _put_in_place(whole: Path, folder: Path) -> None:
    try:
        whole.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was quicker, or some files are there
            raise
        for path in whole.iterdir():
            if not (folder / path.name).exists():
                path.replace(folder / path.name)


def _part(package: str) -> Path | None:
    """Find the one file of a distribution whose ending is a number: its part of the zip."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return None
    parts = (Path(str(file.locate())) for file in files if file.suffix[1:].isdecimal())
    return next((part for part in parts if part.is_file()), None)


class _Joined(io.RawIOBase):
    """Files that read as one."""

    def __init__(self, parts: Sequence[Path]) -> None:
        self._parts = parts
        self._ends = [0]
        for part in parts:
            self._ends.append(self._ends[-1] + part.stat().st_size)
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._ends[-1]}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed wants any buffer
        number = next((at for at, end in enumerate(self._ends[1:]) if self._position < end), None)
        if number is None:
            return 0
        with self._parts[number].open("rb") as stream:
            stream.seek(self._position - self._ends[number])
            count = stream.readinto(memoryview(buffer)[: self._ends[number + 1] - self._position])
        self._position += count
        return count
