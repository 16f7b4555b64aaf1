"""The SHA-256 of an inbox entry, remembered for as long as nothing about the file changes; and which copy is read.

A watcher looks every few seconds: it must not pull a whole share over the network each time.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

from voc_pipeline.operations.sources import member_file, read_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from voc_pipeline.ingest.inbox import Found
    from voc_pipeline.store import FileRow

_COARSE_NS = 2_000_000_000  # FAT's clock ticks every two seconds: two changes within one tick look like one


def source_hash(inbox: Path, found: Found) -> str:
    """Give the identity of an entry, as `sources.read_source` does.

    Raises:
        FileNotFoundError: It vanished or changed since it was found.
        LaterError: It can't be read now.
    """
    if found.archive:  # its listing is remembered by itself
        return member_file(inbox, found)[0].sha256
    if time.time_ns() - max(found.mtime_ns, found.touched_ns) > _COARSE_NS:
        return _remembered(inbox, found, found.touched_ns)
    return read_source(inbox, found)[0].sha256


@functools.lru_cache(maxsize=50_000)
def _remembered(inbox: Path, found: Found, _touched_ns: int) -> str:
    return read_source(inbox, found)[0].sha256


def first_paths(hashes: Mapping[str, str], rows: Iterable[FileRow], there: Collection[str]) -> dict[str, str]:
    """Map each hash in the inbox to the first path that holds it: that one is read, the others are its duplicates.

    Planning and reading must agree on it, or they undo each other's work at every look. So what was not hashed now,
    since it is not due, moves or waits, counts as what was last read of it.

    Args:
        hashes: Path to hash, of the entries that were looked at.
        rows: The store's rows.
        there: Paths of all that stands in the inbox.
    """
    known = {row.path: row.sha256 for row in rows if row.current and row.path in there}
    first: dict[str, str] = {}
    for path, sha256 in sorted({**known, **hashes}.items()):
        first.setdefault(sha256, path)
    return first
