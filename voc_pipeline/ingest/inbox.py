"""What lies in the inbox, and what of it stands still. Nothing here opens, moves or changes a file."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voc_pipeline.config import InboxSection

_IGNORED_FOLDERS = frozenset(("__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information"))
_IGNORED_NAMES = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db", "status.html", "icon\r"))
_IGNORED_PREFIXES = (".", "~$", "~syncthing~", "~wrl")
_IGNORED_SUFFIXES = (
    ".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".swp", ".lock", "~",
    ".problem.txt", ".yaml", ".yml",
)  # fmt: skip
_ROSTERS = frozenset(("participants.csv", "participants.xlsx"))
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Kind(StrEnum):
    """What stands at a path. All but a file are refused without being opened."""

    FILE = "file"
    LINK = "link"
    DEVICE = "device"
    UNREADABLE = "unreadable"
    BAD_NAME = "bad name"
    TOO_LARGE = "too large"


_REFUSALS = {
    Kind.LINK: ("this is a link, not a file", "Put a copy of the transcript there instead"),
    Kind.DEVICE: ("this is a pipe, socket or device, not a file", "Remove it from the inbox"),
    Kind.UNREADABLE: ("it can't be read", "Mend its permissions, or move it up: its path may be too long"),
    Kind.BAD_NAME: ("its name is not valid UTF-8 or holds control characters", "Rename it with plain characters"),
    Kind.TOO_LARGE: ("the file is larger than inbox.max_file_mb", "Raise that limit in voc.toml, or split the file"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of the inbox: posix path relative to it, size in bytes, time of change in nanoseconds, inode."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    kind: Kind = Kind.FILE


def scan(inbox: Path, settings: InboxSection) -> list[Found]:
    """List what may be a transcript, in any depth, sorted by path.

    Temporary, hidden, lock and sync files, sidecars, the roster and what we write ourselves are left out. Files of
    unknown endings are listed, so that somebody is told; links are listed and not followed.

    Raises:
        UsageError: There is no such folder, or it can't be read.
    """
    try:
        found = list(_walk(inbox, "", settings.max_file_mb * 1_000_000))
    except OSError as error:
        raise UsageError(
            f"the inbox can't be read: {error.strerror}", where=str(inbox), hint="Check the study's folder, or mount it"
        ) from None
    return sorted(found, key=lambda item: item.path)


def refusal(found: Found) -> RefusedError | None:
    """Give the reason why an entry is refused without being opened; None for a file."""
    if found.kind is Kind.FILE:
        return None
    what, hint = _REFUSALS[found.kind]
    return RefusedError(what, where=found.path, hint=hint)


def is_ignored(name: str, *, folder: bool = False, top: bool = False) -> bool:
    """Tell the names that are never transcripts.

    Args:
        name: The entry's own name.
        folder: Whether it is a folder.
        top: Whether it stands in the inbox itself: the roster does.
    """
    low = name.casefold()
    if low.startswith(_IGNORED_PREFIXES):
        return True
    if folder:
        return low in _IGNORED_FOLDERS
    return low in _IGNORED_NAMES or low.endswith(_IGNORED_SUFFIXES) or (top and low in _ROSTERS)


def _walk(folder: Path, prefix: str, limit: int) -> Iterator[Found]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = prefix + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_ignored(entry.name, folder=is_folder, top=not prefix):
                continue
            if is_folder:
                try:
                    yield from _walk(Path(entry.path), f"{path}/", limit)
                except FileNotFoundError:
                    continue  # removed since it was listed
                except OSError:  # no right to read it, or nested deeper than a path can be long
                    yield Found(_printable(path), 0, 0, 0, Kind.UNREADABLE)
            elif (item := _look(entry, path, limit)) is not None:
                yield item


def _look(entry: os.DirEntry[str], path: str, limit: int) -> Found | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError:
        return Found(_printable(path), 0, 0, 0, Kind.UNREADABLE)
    if _UNSTORABLE.search(path):
        kind = Kind.BAD_NAME
        path = _printable(path)
    elif stat.S_ISLNK(status.st_mode):
        kind = Kind.LINK
    elif not stat.S_ISREG(status.st_mode):
        kind = Kind.DEVICE
    else:
        kind = Kind.TOO_LARGE if status.st_size > limit else Kind.FILE
    return Found(path, status.st_size, status.st_mtime_ns, status.st_ino, kind)


def _printable(path: str) -> str:
    return _UNSTORABLE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", path)


def settled(found: Sequence[Found], stable_seconds: float, *, now: float) -> list[Found]:
    """Pick the entries whose last change is old enough, for a single look at the inbox.

    Args:
        found: What `scan` gave.
        stable_seconds: How long a file must have stood still.
        now: The time in seconds since the epoch. A change in the future counts as old: clocks differ between machines.
    """
    return [item for item in found if item.kind is not Kind.FILE or not 0 <= now - item.mtime_ns / 1e9 < stable_seconds]


class StabilityGate:
    """Lets files through that stood still between looks: same size, time of change and inode for long enough.

    Args:
        stable_seconds: How long.
        clock: Monotonic seconds, e.g. ``time.monotonic``: jumps of the wall clock change nothing.
    """

    def __init__(self, stable_seconds: float, clock: Callable[[], float]) -> None:
        self._stable_seconds = stable_seconds
        self._clock = clock
        self._since: dict[str, tuple[Found, float]] = {}

    def stable(self, found: Sequence[Found]) -> list[Found]:
        """Take one look's entries and pick those that stand still; the others are looked at again next time."""
        now = self._clock()
        before, self._since = self._since, {}
        ready = []
        for item in found:
            seen, since = before.get(item.path, (item, now))
            since = since if seen == item else now
            self._since[item.path] = (item, since)
            if now - since >= self._stable_seconds or item.kind is not Kind.FILE:
                ready.append(item)
        return ready
