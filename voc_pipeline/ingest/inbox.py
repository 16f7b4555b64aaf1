"""What lies in the inbox, and what of it stands still. Nothing here opens, moves or changes a file."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.errors import LaterError, RefusedError, UsageError
from voc_pipeline.ingest import zips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from voc_pipeline.config import InboxSection

STATUS_PAGE = "STATUS.html"
NOTE_SUFFIX = ".problem.txt"
_IGNORED_FOLDERS = frozenset((
    "__macosx", "@eadir", "@recycle", "#recycle", "$recycle.bin", "lost+found", "system volume information",
))  # fmt: skip
_IGNORED_NAMES = frozenset((
    "thumbs.db", "desktop.ini", "ehthumbs.db", STATUS_PAGE.casefold(), "icon\r",
    "4913",  # vim asks with it whether it may write
))  # fmt: skip
_IGNORED_PREFIXES = (".", "~$", "~syncthing~", "~wrl", "~wrd", "~wra")
_IGNORED_SUFFIXES = (
    ".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".opdownload", ".filepart", ".aria2", ".ytdl",
    ".swp", ".swo", ".swx", ".lock", ".lck", ".asd", ".wbk", "~",
    NOTE_SUFFIX, ".yaml", ".yml",
)  # fmt: skip
_IGNORED_FORMS = re.compile(r"#.*#|.*\.sb-[0-9a-f]{8}-\w{6}|.*\.part-frag\d+")
"""Emacs while it writes, macOS while it saves, a piece of a download. Matched whole, casefolded."""
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
    """One entry of the inbox: posix path relative to it, size in bytes, time of change in nanoseconds, inode.

    ``touched_ns`` is the time of the last change of anything about it, its times among them: nobody can set it back.
    ``archive`` is the path of the .zip whose member it is: then all but path and size are the archive's.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    kind: Kind = Kind.FILE
    touched_ns: int = field(default=0, compare=False)
    archive: str = ""


def scan(inbox: Path, settings: InboxSection) -> list[Found]:
    """List what may be a transcript, in any depth, sorted by path.

    Temporary, hidden, lock and sync files, sidecars, the roster and what we write ourselves are left out. Files of
    unknown endings are listed, so that somebody is told; links are listed and not followed.

    Raises:
        UsageError: There is no such folder, it can't be read, or the marker that guards it is not there.
    """
    try:
        found = [item for entry in _walk(inbox, "", settings.max_file_mb * 1_000_000) for item in _opened(inbox, entry)]
    except OSError as error:
        raise UsageError(
            f"the inbox can't be read: {error.strerror}", where=str(inbox), hint="Check the study's folder, or mount it"
        ) from None
    if settings.marker and not _stands(inbox / settings.marker):  # after the walk: a share may go during it
        raise UsageError(
            f"the inbox's marker {settings.marker!r} is not there, so this may not be the inbox: nothing is read",
            where=str(inbox),
            hint="Mount the share again; if this is the right folder, put an empty file of that name there, "
            "or empty inbox.marker in voc.toml",
        )
    return sorted((item for item in found if item.path != settings.marker), key=lambda item: item.path)


def _opened(inbox: Path, item: Found) -> Sequence[Found]:
    """Give what may be a transcript in an archive in the archive's place; itself where nothing can be found in it."""
    if item.kind is not Kind.FILE or not item.path.lower().endswith(zips.SUFFIX):
        return [item]
    with suppress(OSError, RefusedError, LaterError):
        return [
            replace(item, path=f"{item.path}/{member.name}", size=member.size, archive=item.path)
            for member in zips.members(inbox / item.path)
            if not _is_ignored_path(member.name)
        ] or [item]
    return [item]


def _is_ignored_path(path: str) -> bool:
    *folders, name = path.split("/")
    return is_ignored(name) or any(is_ignored(folder, folder=True) for folder in folders)


def _stands(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def alike(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Map each path to the others that differ from it only in capitals or in how accents are encoded.

    A Mac or a Windows share takes them for one file, so one is often a stale copy of the other. Whether it is, only
    the bytes decide: this is for a warning.
    """
    same: dict[str, list[str]] = {}
    for path in sorted(paths):
        same.setdefault(unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold()), []).append(path)
    return {
        path: tuple(other for other in group if other != path)
        for group in same.values()
        if len(group) > 1
        for path in group
    }


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
        return low in _IGNORED_FOLDERS or low.endswith(".download")  # Safari's, with half a file in it
    if low in _IGNORED_NAMES or low.endswith(_IGNORED_SUFFIXES) or _IGNORED_FORMS.fullmatch(low):
        return True
    return top and low in _ROSTERS


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
    return Found(path, status.st_size, status.st_mtime_ns, status.st_ino, kind, status.st_ctime_ns)


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
        self.next_seconds: float | None = None
        """Time from the last look until the first file that moved lately may count as stable; None without one."""

    def stable(self, found: Sequence[Found]) -> list[Found]:
        """Take one look's entries and pick those that stand still; the others are looked at again next time."""
        now = self._clock()
        before, self._since, self.next_seconds = self._since, {}, None
        ready = []
        for item in found:
            seen, since = before.get(item.path, (item, now))
            since = since if seen == item else now
            self._since[item.path] = (item, since)
            if now - since >= self._stable_seconds or item.kind is not Kind.FILE:
                ready.append(item)
            else:
                left = self._stable_seconds - (now - since)
                self.next_seconds = left if self.next_seconds is None else min(left, self.next_seconds)
        return ready
