"""Archives of transcripts: each member counts as a file of its own, ``calls.zip/wave 1/one.vtt``.

Nothing is ever unpacked to disk, and no header is believed: what a member holds is counted while it is read.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
import stat
import zipfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import taking
from voc_pipeline.ingest.archive import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SUFFIX = ".zip"
MAX_ENTRIES = 2000
MAX_MEMBER_BYTES = 50_000_000
MAX_TOTAL_BYTES = 200_000_000
MAX_RATIO = 200
_FREE_BYTES = 1_000_000  # a member this small may be packed as tightly as it likes
_MAX_DIRECTORY_BYTES = 4_000_000
_MAX_NAME = 1000
_MAX_CLAIM = 1 << 40  # a header may claim more bytes than a database can count
_CHUNK = 1 << 16
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
_LOCAL_HEADER_BYTES = 30
_UNSAFE_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")
_ROSTERS = frozenset(("participants.csv", "participants.xlsx"))
_UNPACKING = tuple(error for error in UNREADABLE if error is not OSError)
_AGAIN = "Copy or download the archive again, or unpack it into the inbox"
_UNPACK = "Unpack it into the inbox instead"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    ``name`` is the posix path inside it, ``sha256`` that of its bytes; where ``problem`` (what, hint) says why it
    can't be taken, the hash is empty.
    """

    name: str
    size: int
    sha256: str = ""
    problem: tuple[str, str] | None = None


class _Guarded(io.BytesIO):
    """An archive whose directory is not read when it is larger than any honest one: a million entries fill memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile
        return super().read(size)


def members(archive: Path) -> tuple[Member, ...]:
    """List an archive's files, each with its hash or its problem, folders left out; remembered while it is unchanged.

    Raises:
        RefusedError: It is no zip, damaged as a whole, or has more than 2,000 entries.
        FileNotFoundError: It vanished or changes right now.
        LaterError: It can't be read now.
        OSError: It can't be read.
    """
    found = _members(archive, *_facts(archive))
    if isinstance(found, RefusedError):
        raise RefusedError(found.what, where=archive.name, hint=found.hint)
    return found


def _facts(archive: Path) -> tuple[int, ...]:
    status = archive.lstat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


@functools.lru_cache(maxsize=1000)
def _members(archive: Path, *_: int) -> tuple[Member, ...] | RefusedError:
    data, _status = taking.take(archive, name=archive.name)
    try:
        return examine(data, name=archive.name)
    except RefusedError as error:
        return error


def member_bytes(archive: Path, name: str) -> bytes:
    """Read one member that `members` lists without a problem.

    Raises:
        FileNotFoundError: The archive vanished, or changed since it was listed.
        LaterError: It can't be read now.
        OSError: It can't be read.
    """
    listed = next((member for member in members(archive) if member.name == name and not member.problem), None)
    with suppress(*_UNPACKING):
        opened, entries = _opened(archive, *_facts(archive))
        content = _unpacked(opened, entries[name], MAX_MEMBER_BYTES)
        if listed is not None and hashlib.sha256(content).hexdigest() == listed.sha256:
            return content
    raise FileNotFoundError(name)


@functools.lru_cache(maxsize=1)  # its members are asked for one after another
def _opened(archive: Path, *_: int) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    data, _status = taking.take(archive, name=archive.name)
    opened = zipfile.ZipFile(_Guarded(data))
    return opened, {shown: entry for entry, shown, _ in _named(opened.infolist())}


def inside(path: Path) -> tuple[Path, str] | None:
    """Split the path of a member into archive and name; None for any other path. Touches the disk only if it must."""
    for folder in path.parents:
        if folder.suffix.lower() == SUFFIX and folder.is_file():
            return folder, path.relative_to(folder).as_posix()
    return None


def examine(data: bytes, *, name: str) -> tuple[Member, ...]:
    """List the files of an archive given as bytes, as `members` does, reading each one to its end.

    Raises:
        RefusedError: It is no zip, damaged as a whole, or has more than 2,000 entries.
    """
    try:
        with zipfile.ZipFile(_Guarded(data)) as opened:
            entries = opened.infolist()
            if len(entries) <= MAX_ENTRIES:
                return tuple(_examined(opened, entries))
    except UNREADABLE:
        raise RefusedError("the archive is no zip file, or it is cut off or damaged", where=name, hint=_AGAIN) from None
    raise RefusedError(
        f"the archive has {len(entries):,} entries, the limit is {MAX_ENTRIES:,}", where=name, hint=_UNPACK
    )


def _examined(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterable[Member]:
    overlapping = _overlapping(entries, end_of_members=opened.start_dir)
    left = MAX_TOTAL_BYTES
    for entry, shown, bad_name in _named(entries):
        claimed = min(entry.file_size, _MAX_CLAIM)
        problem = bad_name or _known_problem(entry, shown, overlaps=id(entry) in overlapping)
        if problem:
            yield Member(shown, claimed, problem=problem)
            continue
        try:
            content = _unpacked(opened, entry, min(left, MAX_MEMBER_BYTES))
        except _TooLargeError as error:
            left -= error.counted
            yield Member(shown, claimed, problem=error.problem(left))
        except UNREADABLE:
            yield Member(shown, claimed, problem=("it is damaged inside its archive", _AGAIN))
        else:
            left -= len(content)
            damage = None if len(content) == entry.file_size else ("it is damaged inside its archive", _AGAIN)
            yield Member(shown, len(content), "" if damage else hashlib.sha256(content).hexdigest(), damage)


class _TooLargeError(Exception):
    """A member goes on after it should have ended."""

    def __init__(self, counted: int, *, packed: int) -> None:
        super().__init__()
        self.counted = counted
        self._packed = packed

    def problem(self, left: int) -> tuple[str, str]:
        if self.counted > MAX_RATIO * max(self._packed, 1):
            return "it unpacks to far more than its size: it may be a zip bomb", "Remove it from the archive"
        if left <= 0:
            return f"its archive unpacks to more than {MAX_TOTAL_BYTES // 1_000_000} MB in all", _UNPACK
        return f"it is larger than {MAX_MEMBER_BYTES // 1_000_000} MB", "Split it, or export the transcript as text"


def _unpacked(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    content = bytearray()
    with opened.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            content += chunk
            if len(content) > limit or len(content) > max(_FREE_BYTES, MAX_RATIO * entry.compress_size):
                raise _TooLargeError(len(content), packed=entry.compress_size)
    return bytes(content)


def _known_problem(entry: zipfile.ZipInfo, shown: str, *, overlaps: bool) -> tuple[str, str] | None:
    """Say what is wrong with a member before a byte of it is unpacked."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    packed = entry.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    checks = (
        (overlaps, "it shares bytes with other parts of its archive, as zip bombs do", _AGAIN),
        (entry.flag_bits & _ENCRYPTED, "it is encrypted inside its archive", f"{_UNPACK}, with its password"),
        (kind not in {0, stat.S_IFREG}, "it is a link or device, not a file", "Put the transcript itself in its place"),
        (not packed, "it is packed in a way that is not read (neither stored nor deflated)", _UNPACK),
        (shown.lower().endswith(SUFFIX), "it is an archive inside an archive", _UNPACK),
        (shown.casefold() in _ROSTERS, "a roster inside an archive is not used", "Put it into the inbox itself"),
    )
    return next(((what, hint) for bad, what, hint in checks if bad), None)


def _overlapping(entries: Iterable[zipfile.ZipInfo], *, end_of_members: int) -> set[int]:
    """Find the entries whose bytes another entry or the directory claims as well, by their id()."""
    spans = sorted(
        (entry.header_offset, entry.header_offset + _LOCAL_HEADER_BYTES + entry.compress_size, id(entry))
        for entry in entries
    )
    found: set[int] = set()
    end, holder = -1, 0
    for start, stop, entry in spans:
        if stop > end_of_members:
            found.add(entry)
        if start < end:
            found |= {entry, holder}
        if stop > end:
            end, holder = stop, entry
    return found


def _named(entries: Iterable[zipfile.ZipInfo]) -> Iterable[tuple[zipfile.ZipInfo, str, tuple[str, str] | None]]:
    """Give each file's entry the name it is shown under, unlike any other, and what is wrong with its own."""
    named = [(entry, _plain_name(entry)) for entry in entries]
    files = [(entry, name) for entry, name in named if not name.endswith("/") or entry.file_size]
    counts = Counter(name for _, name in files)
    seen: Counter[str] = Counter()
    for entry, name in files:
        problem = _name_problem(name)
        shown = _harmless(name) if problem else name
        if counts[name] > 1:
            problem = problem or ("its archive has two files of this name", "Rename one of them and pack them again")
        seen[shown] += 1
        yield entry, shown if seen[shown] == 1 else f"{shown} ({seen[shown]})", problem


def _plain_name(entry: zipfile.ZipInfo) -> str:
    """Read a name as it was meant: Windows' programs part folders by backslashes, a Mac's write UTF-8 and don't say."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/").removeprefix("./")


def _name_problem(name: str) -> tuple[str, str] | None:
    parts = name.split("/")
    if _UNSAFE_TEXT.search(name):
        return "its name in the archive holds control characters", "Rename it with plain characters and pack it again"
    if any(part in {"", ".", ".."} for part in parts) or _DRIVE.match(name):
        return "its name in the archive leads out of it", "Pack the files again from inside their folder"
    if len(name) > _MAX_NAME or any(len(part.encode()) > 255 for part in parts):  # noqa: PLR2004 (as file systems have it)
        return "its name in the archive is too long", "Give it a shorter name and pack it again"
    return None


def _harmless(name: str) -> str:
    shown = _UNSAFE_TEXT.sub("?", name).replace("/", "_").replace(":", "_").lstrip(".")  # a dot would hide it
    return shown if len(shown) <= 100 else f"{shown[:100]}..."  # noqa: PLR2004 (enough to know it by)
