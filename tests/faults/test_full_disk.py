"""I6: a disk that is full is no verdict on a file. With room again it is done, and nobody had to do anything."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.full_disk import FULL_ROUNDS
from voc_pipeline.errors import StoreError
from voc_pipeline.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Give a folder on a disk of 3 MB where we may mount one, else one whose files can be kept from growing."""
    place = tmp_path / "disk"
    place.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    mounted = bool(mount and unmount) and subprocess.run(command, capture_output=True, check=False).returncode == 0
    yield place, "tmpfs" if mounted else "limit"
    if mounted:
        subprocess.run([unmount or "umount", "-l", str(place)], check=True)


def watch(root: Path, kind: str) -> list[str]:
    command = [sys.executable, "-m", "tests.faults.full_disk", str(root), kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "failed: " in done.stderr
    assert any(f"disk {fault}" in done.stderr for fault in ("is full", "I/O error")), done.stderr
    assert "Snow" not in done.stderr
    return done.stdout.splitlines()


def check(said: list[str]) -> None:
    *_, pauses, first, second = said
    assert (first, second) == ("a.txt coded", "b.txt coded")
    assert pauses == f"pauses {[5.0, 10.0, 20.0][:FULL_ROUNDS] + [5.0] * 2}"  # later and later, and then as ever


def test_a_file_that_met_a_full_disk_is_done_once_there_is_room(small_disk: tuple[Path, str]) -> None:
    place, kind = small_disk
    check(watch(place / "study", kind))


def test_a_file_that_met_a_limit_on_the_length_of_files_is_done_once_that_is_gone(tmp_path: Path) -> None:
    check(watch(tmp_path / "study", "limit"))


def test_a_lease_that_a_full_disk_kept_from_being_given_up_binds_nobody(tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path / 'voc.sqlite'}") as store:
        lease = store.ledger.writer()
        lease.__enter__()
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        try:
            with pytest.raises(StoreError):
                lease.__exit__(None, None, None)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        with store.ledger.writer():
            pass
