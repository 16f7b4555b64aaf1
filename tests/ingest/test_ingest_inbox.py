from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.config import InboxSection
from voc_pipeline.errors import UsageError
from voc_pipeline.ingest.inbox import Found, Kind, StabilityGate, alike, is_ignored, refusal, scan, settled

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = InboxSection()


NEVER = {
    "hidden, and what systems leave": (
        ".DS_Store", ".hidden.txt", "._talk.docx", "Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r", ".directory",
    ),
    "locks": ("~$talk.docx", "~$TALK.xlsx", ".~lock.talk.docx#", "talk.docx.lock", "talk.lck", ".#talk.txt"),
    "temporary": (
        "~WRL0001.tmp", "~WRD0000.doc", "~WRA1234.wbk", "talk.tmp", "talk.temp", "talk.asd", "talk.wbk", "talk.txt~",
        ".talk.txt.swp", "talk.txt.swp", "talk.txt.swo", "#talk.txt#", "4913", "talk.docx.sb-1a2b3c4d-AbC123",
    ),
    "half a download": (
        "talk.txt.part", "talk.docx.crdownload", "talk.partial", "talk.vtt.download", "talk.vtt.opdownload",
        "talk.mp4.filepart", "talk.zip.aria2", "talk.vtt.ytdl", "talk.vtt.part-Frag12",
    ),
    "sync": (
        "~syncthing~talk.txt.tmp", ".syncthing.talk.txt.tmp", ".talk.txt.Xy12Zq", ".sync.ffs_db", ".owncloudsync.log",
    ),
    "ours": ("talk.txt.problem.txt", "STATUS.html", "status.HTML", ".voc-123.part", "talk.txt.yaml", "talk.yml"),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for names in NEVER.values() for name in names])
def test_names_that_are_never_transcripts(name: str) -> None:
    assert is_ignored(name)


LOOK_ALIKES = (
    "talk.txt", "TALK.DOCX", "talk.pdf", "notes", "apart.txt", "problem.txt", "talk~1.txt", "my.problem.docx",
    "~talk.txt", "$talk.txt", "part.docx", "Part 2.vtt", "talk.part.txt", "temporary.txt", "tmp.txt", "lock.docx",
    "unlock.srt", "download.vtt", "4913.txt", "#4 talk.txt", "talk#.txt", "STATUS.txt", "my STATUS.html", "icon.txt",
    "desktop.ini.txt", "syncthing.txt", "talk.yaml.txt", "wrl.docx", "talk.sb.txt", "- talk.vtt", "_talk.txt",
)  # fmt: skip


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_other_names_are_listed(name: str) -> None:
    assert not is_ignored(name)
    assert not is_ignored(name, folder=True)


def test_names_that_differ_in_capitals_or_encoding_of_accents_are_told() -> None:
    assert alike(["Ana.txt", "ana.txt", "ANA.TXT", "b.txt", "x/\u00e9.txt", "x/e\u0301.TXT", "y/\u00e9.txt"]) == {
        "ANA.TXT": ("Ana.txt", "ana.txt"),
        "Ana.txt": ("ANA.TXT", "ana.txt"),
        "ana.txt": ("ANA.TXT", "Ana.txt"),
        "x/\u00e9.txt": ("x/e\u0301.TXT",),
        "x/e\u0301.TXT": ("x/\u00e9.txt",),
    }


@pytest.mark.parametrize("name", ["__MACOSX", "@eaDir", ".stversions", ".git"])
def test_folders_that_are_never_looked_into(name: str) -> None:
    assert is_ignored(name, folder=True)


def test_the_roster_is_no_transcript_but_only_at_the_top() -> None:
    assert is_ignored("Participants.csv", top=True)
    assert is_ignored("participants.xlsx", top=True)
    assert not is_ignored("participants.csv")


def make(path: Path, content: bytes = b"Dana: hi") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_scan_lists_files_in_any_depth_sorted(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.vtt", "a/deep/er/é 1.docx", "participants.csv", "a/~$z.docx", "__MACOSX/b.txt", "q.pdf"):
        make(tmp_path / name)
    (tmp_path / "empty").mkdir()
    found = scan(tmp_path, SETTINGS)
    assert [item.path for item in found] == ["a/deep/er/é 1.docx", "a/z.vtt", "b.txt", "q.pdf"]
    assert {item.kind for item in found} == {Kind.FILE}
    status = (tmp_path / "b.txt").stat()
    assert found[2] == Found("b.txt", 8, status.st_mtime_ns, status.st_ino)
    assert refusal(found[2]) is None


def test_links_pipes_and_sockets_are_listed_and_never_opened(tmp_path: Path) -> None:
    outside = make(tmp_path / "outside" / "secret.txt")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "link.txt").symlink_to(outside)
    (inbox / "folder").symlink_to(outside.parent)
    (inbox / "dangling.txt").symlink_to("nowhere")
    os.mkfifo(inbox / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(inbox / "s.txt"))
        found = {item.path: item for item in scan(inbox, SETTINGS)}
    links = {"link.txt", "folder", "dangling.txt"}
    assert {path for path, item in found.items() if item.kind is Kind.LINK} == links
    assert {path for path, item in found.items() if item.kind is Kind.DEVICE} == {"pipe.txt", "s.txt"}
    error = refusal(found["link.txt"])
    assert error is not None
    assert (error.what, error.where) == ("this is a link, not a file", "link.txt")
    error = refusal(found["pipe.txt"])
    assert error is not None
    assert error.what == "this is a pipe, socket or device, not a file"


def test_large_files_and_unstorable_names_are_told(tmp_path: Path) -> None:
    with make(tmp_path / "large.txt").open("wb") as stream:
        stream.truncate(1_000_001)
    make(tmp_path / "a\nb.txt")
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"x")
    found = scan(tmp_path, InboxSection(max_file_mb=1))
    assert [(item.path, item.kind) for item in found] == [
        ("a\\x0ab.txt", Kind.BAD_NAME),
        ("caf\\xe9.txt", Kind.BAD_NAME),
        ("large.txt", Kind.TOO_LARGE),
    ]
    reasons = [str(refusal(item)) for item in found]
    assert "Rename it with plain characters" in reasons[0]
    assert "the file is larger than inbox.max_file_mb" in reasons[2]


def test_a_missing_inbox_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the inbox can't be read: No such file or directory"):
        scan(tmp_path / "inbox", SETTINGS)


def test_one_look_takes_what_is_old_or_from_the_future() -> None:
    def at(seconds: float) -> Found:
        return Found(f"{seconds}.txt", 1, int(seconds * 1e9), 1)

    found = [at(0), at(90), at(95), at(96), at(100), at(200)]
    assert settled(found, 5.0, now=100.0) == [at(0), at(90), at(95), at(200)]
    assert settled(found, 0.0, now=100.0) == found
    pipe = Found("pipe", 0, int(100e9), 1, Kind.DEVICE)
    assert settled([pipe], 5.0, now=100.0) == [pipe]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_gate_waits_until_a_file_stands_still() -> None:
    clock = Clock()
    gate = StabilityGate(5.0, clock)
    half, whole, still = Found("a", 1, 7, 1), Found("a", 2, 8, 1), Found("b", 1, 1, 2)
    assert gate.stable([half, still]) == []
    clock.now += 4.9
    assert gate.stable([whole, still]) == []
    clock.now += 0.1
    assert gate.stable([whole, still]) == [still]
    clock.now += 4.9
    assert gate.stable([whole, still]) == [whole, still]
    clock.now += 9
    assert gate.stable([whole]) == [whole]


@pytest.mark.parametrize("changed", [Found("a", 2, 7, 1), Found("a", 1, 8, 1), Found("a", 1, 7, 2)])
def test_size_time_or_inode_start_the_wait_anew(changed: Found) -> None:
    clock = Clock()
    gate = StabilityGate(5.0, clock)
    gate.stable([Found("a", 1, 7, 1)])
    clock.now += 6
    assert gate.stable([changed]) == []
    clock.now += 5
    assert gate.stable([changed]) == [changed]


def test_a_file_that_went_and_came_again_waits_anew_and_no_wait_means_none() -> None:
    clock = Clock()
    gate = StabilityGate(5.0, clock)
    item = Found("a", 1, 7, 1)
    gate.stable([item])
    gate.stable([])
    clock.now += 6
    assert gate.stable([item]) == []
    assert StabilityGate(0.0, clock).stable([item]) == [item]
