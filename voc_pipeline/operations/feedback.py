"""Feedback where the researcher looks: a note beside each file that needs somebody, and a page in the inbox.

Only files of ours are ever overwritten or removed: they are known by their name and by their first line.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from voc_pipeline.ids import digest
from voc_pipeline.ingest import inbox
from voc_pipeline.ingest.zips import SUFFIX
from voc_pipeline.operations import status_page
from voc_pipeline.operations.delays import in_words
from voc_pipeline.operations.status_page import PageFile, printable, with_warning
from voc_pipeline.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from voc_pipeline.operations.study import Study
    from voc_pipeline.records import Transcript
    from voc_pipeline.store import Delay, FileRow

_FORMAT = 1  # raised when page or notes look different
NOTE_MARKER = "Note of voc_pipeline about a file. It goes away by itself when the file is mended or gone."
"""First line of every note of ours."""
_LONGEST_NAME = 255  # bytes, on every file system in use
_NEEDS_SOMEBODY = frozenset((Outcome.ATTENTION, Outcome.REFUSED))
_UNFINISHED = re.compile(r"\.voc-(\d+)\.part")


@dataclass(frozen=True, slots=True)
class _View:
    """What is to be told: the store's rows and delays, and what stands in the inbox."""

    root: Path
    rows: Sequence[FileRow]
    delays: Mapping[str, Delay]
    there: frozenset[str]

    def standing(self, path: str) -> str | None:
        """Give the file that stands in the inbox for a path: itself, or the zip that it is in; None if it is gone."""
        parents = map(str, PurePosixPath(path).parents[:-1])
        zips = (parent for parent in parents if parent.lower().endswith(SUFFIX))
        archive = next((parent for parent in zips if _is_file(self.root / parent)), None)
        return archive or (path if path in self.there else None)

    @property
    def unread(self) -> list[str]:
        """List what stands in the inbox and was not read yet."""
        known = {row.path for row in self.rows if row.current} | set(self.delays)
        known |= {str(parent) for path in known for parent in PurePosixPath(path).parents}
        return sorted(self.there - known)


def give_feedback(study: Study) -> None:
    """Bring notes and page up to date; what is said already is not written again.

    An inbox that can't be written to gets neither: the page stands in the study's data folder then.

    Raises:
        UsageError: The inbox, or the marker that guards it, is gone: nothing is written then.
    """
    root = study.paths.inbox
    found = inbox.scan(root, study.settings.inbox)
    view = _View(root, study.store.inbox.files(), study.store.delays.all(), frozenset(item.path for item in found))
    wanted = study.settings.inbox.feedback
    _write_notes(root, _notes(view) if wanted else {})
    places = (root / inbox.STATUS_PAGE, study.paths.data / inbox.STATUS_PAGE)
    if wanted:
        _write_page(study, view, places)
    else:
        for place in places:
            _remove(place, status_page.MARKER)


def _notes(view: _View) -> dict[str, str]:
    """Map the path of each note to its text. What a zip holds is told beside the zip."""
    told: dict[str, list[FileRow]] = {}
    for row in view.rows:
        if row.current and row.outcome in _NEEDS_SOMEBODY and (beside := view.standing(row.path)):
            told.setdefault(beside, []).append(row)
    return {note_path(beside): _note(some) for beside, some in told.items()}


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def note_path(path: str) -> str:
    """Name the note about a file; a name that would be too long is cut, and told apart by a hash."""
    parent, _, name = path.rpartition("/")
    room = _LONGEST_NAME - len(inbox.NOTE_SUFFIX)
    if len(name.encode("utf-8", "surrogateescape")) > room:
        tail = "~" + hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        name = name.encode("utf-8", "surrogateescape")[: room - len(tail)].decode("utf-8", "ignore") + tail
    return f"{parent}/{name}{inbox.NOTE_SUFFIX}".removeprefix("/")


def _note(rows: Sequence[FileRow]) -> str:
    parts = [NOTE_MARKER, "It is never read as a transcript, and no file of yours was changed."]
    for row in rows:
        verb = "can't be used as it is" if row.outcome is Outcome.REFUSED else "needs you"
        parts += ["", f"{printable(row.path)} {verb}, so it is not in the report.", "", "What is wrong:", row.reason]
        parts += ["", "What to do:", row.hint] if row.hint else []
    return "\n".join(parts) + "\n"


def _write_notes(root: Path, notes: Mapping[str, str]) -> None:
    for path in _own_notes(root):
        if path not in notes:
            _remove(root / path, NOTE_MARKER)
    for path, text in notes.items():
        with suppress(OSError):  # a folder that can't be written to: the page tells it all the same
            _write_own(root / path, text, NOTE_MARKER)


def _own_notes(root: Path) -> Iterator[str]:
    """Find what may be notes of ours, and clear away what a killed process left half written."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not inbox.is_ignored(name, folder=True)]
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118 (a walk over every folder at every look: it must be quick)
            if name.endswith(inbox.NOTE_SUFFIX):
                yield os.path.relpath(path, root)
            elif (half := _UNFINISHED.fullmatch(name)) and not _runs(int(half[1])):
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108 (as above)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _write_page(study: Study, view: _View, places: tuple[Path, Path]) -> None:
    contents = study.store.inbox.contents()
    state = _state(view, contents, study.title)
    if any(status_page.state_of(_head(place, status_page.MARKER)) == state for place in places):
        return
    transcripts = {item.sha256: item for item in study.store.inbox.transcripts()}
    alike = inbox.alike(view.there)
    waits = [(path, in_words(one), one.hint) for path, one in view.delays.items()]
    waits += [(path, "not read yet", "") for path in view.unread]
    files = [
        PageFile(printable(path), status_page.WAITING, with_warning(reason, alike.get(path, ())), hint)
        for path, reason, hint in waits
    ]
    for row in view.rows:
        file = _page_file(row, transcripts.get(row.sha256), gone=not view.standing(row.path))
        files.append(replace(file, reason=with_warning(file.reason, alike.get(row.path, ()) if row.current else ())))
    page = status_page.make_page(study.title, files, state=state, changed_at=study.now())
    _publish(status_page.render(page), places)


def _page_file(row: FileRow, transcript: Transcript | None, *, gone: bool) -> PageFile:
    path = printable(row.path) + (f" (version {row.version})" if row.version > 1 else "")
    if row.outcome is not Outcome.CODED or transcript is None:
        return PageFile(path, row.outcome, row.reason, row.hint)
    words, speakers, loss = status_page.of_transcript(transcript)
    reason = "the file is gone from the inbox; what was read of it stays" if gone else row.reason
    return PageFile(path, row.outcome, reason, row.hint, words, speakers, loss)


def _state(view: _View, contents: Mapping[str, str], title: str) -> str:
    """Hash what the page is made of, without loading a word of any interview."""
    files = [
        part
        for row in view.rows
        for part in (row.path, row.sha256, row.version, row.outcome, row.reason, row.hint, row.work_key, row.current)
    ]
    gone = [row.path for row in view.rows if row.current and not view.standing(row.path)]
    waits = [part for delay in view.delays.values() for part in (delay.path, delay.reason, delay.tried)]
    texts = [part for pair in sorted(contents.items()) for part in pair]
    twins = list(inbox.alike(view.there))
    lists = (files, gone, view.unread, waits, texts, twins)
    return digest(_FORMAT, title, *(part for some in lists for part in (len(some), *some)))


def _publish(html: str, places: tuple[Path, Path]) -> None:
    inside, aside = places
    try:
        written = _write_own(inside, html, status_page.MARKER)
    except OSError:  # a read-only inbox
        written = False
    if written:
        _remove(aside, status_page.MARKER)
        return
    with suppress(OSError):  # feedback is a service: the store holds the same, and `voc status` shows it
        _write_own(aside, html, status_page.MARKER)


def _write_own(path: Path, text: str, marker: str) -> bool:
    """Write a file of ours, whole or not at all, if it says anything new.

    Returns:
        Whether it stands there now; False when somebody else's file has its name.

    Raises:
        OSError: It can't be written.
    """
    present = _head(path, marker, limit=-1)
    if present == text:
        return True
    if not present and os.path.lexists(path):
        return False
    half = path.with_name(f".voc-{os.getpid()}.part")
    try:
        with half.open("w", encoding="utf-8", newline="", errors="backslashreplace") as stream:
            stream.write(text)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return True


def _remove(path: Path, marker: str) -> None:
    if _head(path, marker):
        with suppress(OSError):
            path.unlink()


def _head(path: Path, marker: str, *, limit: int = 4096) -> str:
    """Give the beginning of a file of ours (all of it with -1); empty for any other file, and where there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, ValueError):
        return ""
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        try:
            text = stream.read(limit).decode("utf-8", "replace")
        except OSError:
            return ""
    return text if text.startswith(marker + "\n") else ""
