"""Opening zip-based documents without trusting a word of their headers."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from voc_pipeline.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ENTRIES = 2000
MAX_PART_BYTES = 50_000_000
MAX_RATIO = 200
_FREE_BYTES = 1_000_000  # a part this small may be packed as tightly as it likes
_CHUNK = 1 << 16
_DAMAGED = "Copy or download it again; if it opens in its program, save it there under a new name"
_DECLARATIONS = tuple("<!DOCTYPE".encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be"))
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError,
    KeyError, OverflowError, IndexError, MemoryError,
)  # fmt: skip
"""All that Python's zip reader raises on damage."""


def read_part(data: bytes, part: str, *, name: str, kind: str = "Word document") -> bytes:
    """Read one part of a zip archive, counting bytes while it unpacks.

    Args:
        data: The archive.
        part: Name of the part in it.
        name: The file's name, for messages.
        kind: What the file should be, for messages.

    Raises:
        RefusedError: Cut off, damaged, encrypted, without that part, or a zip bomb: over 2,000 entries, a part over
            50 MB, or one over 1 MB that unpacks to more than 200 times its size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entry = _entry(archive, part, name, kind)
            with archive.open(entry) as stream:
                return _counted(stream, entry.compress_size, name)
    except UNREADABLE:
        raise RefusedError("the document is cut off or damaged", where=name, hint=_DAMAGED) from None


def check_parts(data: bytes, *, name: str, kind: str) -> None:
    """Hold every part of an archive to the limits of `read_part`, for a library that opens it by itself.

    Raises:
        RefusedError: As `read_part`, or a part declares XML entities.
    """
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_entries(archive.infolist(), name)
            for entry in archive.infolist():
                with archive.open(entry) as stream:
                    content = _counted(stream, entry.compress_size, name)
                total += len(content)
                if total > MAX_PART_BYTES:
                    raise _bomb(name)
                if any(mark in content for mark in _DECLARATIONS):
                    raise RefusedError(
                        f"the {kind} declares XML entities, which no office program does",
                        where=name,
                        hint="Copy its text into a new one",
                    )
    except UNREADABLE:
        raise RefusedError("the document is cut off or damaged", where=name, hint=_DAMAGED) from None


def _check_entries(entries: Sequence[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MAX_ENTRIES:
        raise RefusedError(
            f"the document has {len(entries):,} parts, the limit is {MAX_ENTRIES:,}",
            where=name,
            hint="Copy its text into a new document",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedError(
            "the document is password-protected",
            where=name,
            hint="Save a copy without a password (File, Info, Protect)",
        )


def _entry(archive: zipfile.ZipFile, part: str, name: str, kind: str) -> zipfile.ZipInfo:
    entries = archive.infolist()
    _check_entries(entries, name)
    found = [entry for entry in entries if entry.filename == part]
    if not found:
        raise RefusedError(f"this zip archive is no {kind}: it lacks {part}", where=name, hint=_DAMAGED)
    if len(found) > 1:
        raise RefusedError(f"the document has the part {part} twice", where=name, hint=_DAMAGED)
    return found[0]


def _counted(stream: IO[bytes], packed: int, name: str) -> bytes:
    content = io.BytesIO()
    while chunk := stream.read(_CHUNK):
        content.write(chunk)
        size = content.tell()
        if size > MAX_PART_BYTES or (size > _FREE_BYTES and size > MAX_RATIO * max(packed, 1)):
            raise _bomb(name)
    return content.getvalue()


def _bomb(name: str) -> RefusedError:
    return RefusedError(
        "the document unpacks to far more than its size: it may be a zip bomb",
        where=name,
        hint="Copy its text into a new document",
    )
