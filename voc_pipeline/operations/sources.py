"""Taking the bytes of an inbox entry, or the reason why not. What can't be read has an identity of its own as well."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import taking, zips
from voc_pipeline.ingest.inbox import refusal
from voc_pipeline.records import SourceFile

if TYPE_CHECKING:
    from pathlib import Path

    from voc_pipeline.ingest.inbox import Found


def read_source(
    inbox: Path, found: Found, *, wait_seconds: float = taking.WAIT_SECONDS
) -> tuple[SourceFile, bytes | RefusedError]:
    """Read an entry without following links or opening devices.

    Args:
        inbox: The inbox.
        found: The entry, as `inbox.scan` gives it: a file, or a member of an archive.
        wait_seconds: How long the disk, share or cloud may take to give it.

    Returns:
        The file with the SHA-256 of its bytes, and the bytes. For one that can't be taken: a hash of what is known of
        it instead, so that it is looked at again once it changes, and the reason, which is final as long as it doesn't.

    Raises:
        FileNotFoundError: It vanished or changed since it was found.
        LaterError: It can't be read now; that may pass by itself.
    """
    problem = refusal(found)
    if problem is not None:
        return _unread(found, problem)
    try:
        return _read_member(inbox, found) if found.archive else _read_file(inbox, found, wait_seconds)
    except FileNotFoundError:
        raise
    except OSError as error:
        what = f"the file can't be read: {error.strerror}"
        return _unread(found, RefusedError(what, hint="Close it elsewhere, or mend its permissions"))


def member_file(inbox: Path, found: Found) -> tuple[SourceFile, RefusedError | None]:
    """Identify a member of an archive without unpacking it again, and give the reason if it can't be taken.

    Raises:
        FileNotFoundError: The archive vanished or changed since it was listed.
        LaterError: It can't be read now.
    """
    name = found.path.removeprefix(f"{found.archive}/")
    try:
        listed = next((member for member in zips.members(inbox / found.archive) if member.name == name), None)
    except RefusedError:
        listed = None
    if listed is None:
        raise FileNotFoundError(found.path)
    if listed.problem:
        what, hint = listed.problem
        problem = RefusedError(what, where=found.path, hint=hint)
        return _unread(found, problem)[0], problem
    return SourceFile(found.path, listed.sha256, listed.size), None


def _read_member(inbox: Path, found: Found) -> tuple[SourceFile, bytes | RefusedError]:
    source, problem = member_file(inbox, found)
    return source, problem or zips.member_bytes(inbox / found.archive, found.path.removeprefix(f"{found.archive}/"))


def _read_file(inbox: Path, found: Found, wait_seconds: float) -> tuple[SourceFile, bytes | RefusedError]:
    data, status = taking.take(inbox / found.path, name=found.path, wait_seconds=wait_seconds)
    if (status.st_size, status.st_mtime_ns) != (found.size, found.mtime_ns):
        raise FileNotFoundError(found.path)  # overwritten meanwhile: the next scan sees the new file
    source = SourceFile(found.path, hashlib.sha256(data).hexdigest(), len(data))
    if found.path.lower().endswith(zips.SUFFIX):
        return source, _archive_problem(data, found.path)
    return source, data


def _archive_problem(data: bytes, path: str) -> RefusedError:
    """Say why an archive is listed itself: its members stand for it as soon as it has any."""
    try:
        zips.examine(data, name=path)
    except RefusedError as error:
        return error
    return RefusedError(
        "the archive holds no transcripts", where=path, hint="Put the transcripts into it, or unpack it into the inbox"
    )


def _unread(found: Found, problem: RefusedError) -> tuple[SourceFile, RefusedError]:
    facts = f"unread {found.path} {found.size} {found.mtime_ns} {problem.what}"
    return SourceFile(found.path, hashlib.sha256(facts.encode()).hexdigest(), found.size), problem
