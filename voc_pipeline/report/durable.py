"""Writing that a kill or a power cut can't leave half done: a file or folder is there whole, or not at all."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CANT_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def write_whole(path: Path, text: str) -> None:
    """Write a UTF-8 file in one step, in place of the one that may stand there.

    Raises:
        OSError: It can't be written; what stood there stands there still.
    """
    half = path.with_name(f".{path.name}.part")
    half.unlink(missing_ok=True)
    try:
        with half.open("x", encoding="utf-8", newline="") as stream:  # never through somebody's link
            stream.write(text)
        sync(half)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    sync(path.parent)


def move_whole(staging: Path, target: Path) -> None:
    """Move a finished folder to its place on the same file system, where nothing stands yet."""
    for path in sorted(staging.rglob("*")):
        sync(path)
    sync(staging)
    staging.rename(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Wait until a file's bytes or a folder's entries are on the disk, as far as its file system can tell."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANT_SYNC:  # many shares know no such thing for folders
            raise
    finally:
        os.close(descriptor)
