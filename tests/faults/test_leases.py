"""Writers of a study in processes of their own: they never overlap and never meet a locked database."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import BusyError
from voc_pipeline.store import Store

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

RACES, RACERS = 100, 3
_SPAWN = multiprocessing.get_context("spawn")


def race(url: str, log: str, barrier: Barrier) -> None:
    """Take the lease in each race, hold it for a moment, and note from when to when."""
    chance = random.Random(os.getpid())  # noqa: S311 (no secret)
    with Store(url) as store, Path(log).open("a") as notes:
        for _ in range(RACES):
            barrier.wait(60)
            try:
                with store.ledger.writer(wait_seconds=chance.choice([0, 0, 30])):
                    start = time.monotonic_ns()
                    time.sleep(chance.random() * 0.02)
                    notes.write(f"{start} {time.monotonic_ns()}\n")
            except BusyError:
                continue


def test_a_hundred_forced_races_for_the_lease_give_no_overlap(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'voc.sqlite'}"
    barrier = _SPAWN.Barrier(RACERS)
    logs = [str(tmp_path / f"{number}.log") for number in range(RACERS)]
    racers = [_SPAWN.Process(target=race, args=(url, log, barrier)) for log in logs]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(200)
        assert racer.exitcode == 0
    held = sorted(tuple(map(int, line.split())) for log in logs for line in Path(log).read_text().splitlines())
    assert len(held) >= RACES  # somebody won every one of them
    assert [pair for pair, after in pairwise(held) if after[0] < pair[1]] == []


def hold(url: str, ready: str) -> None:
    """Take the lease and never give it up."""
    with Store(url) as store, store.ledger.writer():
        Path(ready).touch()
        time.sleep(600)


def test_the_lease_of_a_killed_writer_is_free_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'voc.sqlite'}"
    holder = _SPAWN.Process(target=hold, args=(url, str(tmp_path / "ready")))
    holder.start()
    until = time.monotonic() + 60
    while not (tmp_path / "ready").exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    with Store(url) as store:
        with pytest.raises(BusyError, match=rf"another process writes to this study \(pid {holder.pid}\)"):
            store.ledger.writer().__enter__()
        assert holder.pid is not None
        os.kill(holder.pid, signal.SIGKILL)
        holder.join()
        with store.ledger.writer():
            pass


def write(url: str, number: int, barrier: Barrier) -> None:
    """Open a database that may not exist yet, and write 500 times, reading before each."""
    barrier.wait(60)
    with Store(url) as store:
        for turn in range(500):
            store.ledger.last_run()
            store.ledger.save_run(f"run_{number}_{turn}", key="k", folder="f", published_at="2026")


def test_four_processes_of_five_hundred_writes_meet_no_locked_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'voc.sqlite'}"
    barrier = _SPAWN.Barrier(4)
    writers = [_SPAWN.Process(target=write, args=(url, number, barrier)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(200)
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    with Store(url) as store:
        assert store.ledger.last_run() is not None
    import sqlite3

    with sqlite3.connect(tmp_path / "voc.sqlite") as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT run_id) FROM runs").fetchone() == (2000, 2000)
