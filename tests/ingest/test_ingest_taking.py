"""Taking a file's bytes: of one moment, within a time, and a fault that passes is told from one that stays."""

from __future__ import annotations

import errno
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import LaterError
from voc_pipeline.ingest import taking

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EBUSY, "another program has it locked"),
        (errno.EIO, "the disk or the share failed while it was read"),
        (errno.ENOSPC, "the disk is full"),
        (errno.ESTALE, "the share or disk it lies on is gone"),
        (errno.ETIMEDOUT, "the share or disk it lies on is gone"),
        (errno.EDEADLK, "it is not on this machine yet, or locked"),
    ],
)
def test_a_fault_that_passes_is_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(taking, "_read", fail)
    with pytest.raises(LaterError) as caught:
        taking.take(tmp_path / "a.txt", name="a.txt")
    assert (caught.value.what, caught.value.where) == (f"the file can't be read now: {reason}", "a.txt")
    assert "tried again by itself" in caught.value.hint


def test_a_fault_that_stays_is_no_matter_of_time(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path)
    with pytest.raises(OSError, match="symbolic"):
        taking.take(tmp_path / "link.txt", name="link.txt")
    with pytest.raises(FileNotFoundError):
        taking.take(tmp_path / "gone.txt", name="gone.txt")
    assert taking.later(PermissionError(errno.EACCES, "denied"), where="a") is None


def test_a_file_in_the_cloud_does_not_hold_up_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    come, read = threading.Event(), taking._read  # noqa: SLF001 (what blocks is inside)
    starts: list[Path] = []

    def slow(path: Path) -> tuple[bytes, os.stat_result]:
        starts.append(path)
        come.wait(30)
        return read(path)

    path = tmp_path / "cloud.txt"
    path.write_bytes(b"words")
    monkeypatch.setattr(taking, "_read", slow)
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(LaterError, match="does not come") as caught:
            taking.take(path, name="cloud.txt", wait_seconds=0.05)
        assert time.monotonic() - started < 5
    assert "sync program" in caught.value.hint
    assert len(starts) == 1, "one thread waits, however often it is asked for"
    come.set()
    taking._blocked[path].join()  # noqa: SLF001 (the thread that waited)
    assert taking.take(path, name="cloud.txt")[0] == b"words"


def test_a_pipe_that_took_the_place_of_a_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)  # with a writer it would give no end
    try:
        with pytest.raises(FileNotFoundError, match="changed while it was read"):
            taking.take(path, name="a.txt", wait_seconds=20)
    finally:
        os.close(writer)


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"first")
    real = os.fstat
    calls: list[int] = []

    def fstat(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        if not calls:  # after the first look somebody writes as many bytes and sets the time back
            path.write_bytes(b"other")
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        calls.append(descriptor)
        return status

    time.sleep(0.02)  # the clock of a file system ticks every few milliseconds
    monkeypatch.setattr(os, "fstat", fstat)
    with pytest.raises(FileNotFoundError):
        taking.take(path, name="a.txt")
