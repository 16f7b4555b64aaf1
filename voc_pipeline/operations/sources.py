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
        FileNotFoundError: It vanished.
    """
    problem = refusal(found)
    if problem is None:
        try:
            descriptor = os.open(inbox / found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                data = stream.read()
            return SourceFile(found.path, hashlib.sha256(data).hexdigest(), len(data)), data
        except FileNotFoundError:
            raise
        except OSError as error:
            problem = RefusedError(
                f"the file can't be read: {error.strerror}", hint="Close it elsewhere, or mend its permissions"
            )
    facts = f"unread {found.path} {found.size} {found.mtime_ns} {problem.what}"
    return SourceFile(found.path, hashlib.sha256(facts.encode()).hexdigest(), found.size), problem
