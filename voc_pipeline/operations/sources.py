"""Taking the bytes of an inbox entry, or the reason why not. What can't be read has an identity of its own as well."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.inbox import refusal
from voc_pipeline.records import SourceFile

if TYPE_CHECKING:
    from pathlib import Path

    from voc_pipeline.ingest.inbox import Found


def read_source(inbox: Path, found: Found) -> tuple[SourceFile, bytes | RefusedError]:
    """Read an entry without following links or opening devices.

    Returns:
        The file with the SHA-256 of its bytes, and the bytes. For one that can't be taken: a hash of what is known of
        it instead, so that it is looked at again once it changes, and the reason.

    Raises:
        FileNotFoundError: It vanished or changed since it was found.
    """
    problem = refusal(found)
    if problem is None:
        try:
            data = _read(inbox, found)
            return SourceFile(found.path, hashlib.sha256(data).hexdigest(), len(data)), data
        except FileNotFoundError:
            raise
        except OSError as error:
            problem = RefusedError(
                f"the file can't be read: {error.strerror}", hint="Close it elsewhere, or mend its permissions"
            )
    facts = f"unread {found.path} {found.size} {found.mtime_ns} {problem.what}"
    return SourceFile(found.path, hashlib.sha256(facts.encode()).hexdigest(), found.size), problem


def _read(inbox: Path, found: Found) -> bytes:
    descriptor = os.open(inbox / found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        data = stream.read()
        after = os.fstat(descriptor)
    if (after.st_size, after.st_mtime_ns) != (found.size, found.mtime_ns):
        raise FileNotFoundError(found.path)  # overwritten meanwhile: the next scan sees the new file
    return data
