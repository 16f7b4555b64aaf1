"""Published runs, and the leases that let one process write to a study, and one watch it, at a time."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

import sqlalchemy as sa

from voc_pipeline.errors import BusyError, StoreError
from voc_pipeline.store import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voc_pipeline.store.database import Database

_WRITER, _WATCHER = "writer", "watcher"
_BUSY = {
    _WRITER: (
        "another process writes to this study",
        "Wait until it is done, or stop it; a dead process's lease ends by itself",
    ),
    _WATCHER: (
        "this study is being watched already, by another 'voc watch' or 'voc serve'",
        "Leave it to that one, or stop it first; a dead process's lease ends by itself",
    ),
}
_LEASE_SECONDS = 30.0
_RENEW_SECONDS = 10.0
_POLL_SECONDS = 0.5
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PIDS = Path("/proc/self/ns/pid")
_one_at_a_time = Lock()
_held_here: set[tuple[str, str]] = set()
"""Leases that this process holds now, by database and name: a row of ours that is not among them was left behind."""


class Ledger:
    """Repository of runs and leases.

    Args:
        database: The store.
        clock: Seconds since the epoch, for leases of other machines; tests inject their own.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def last_run(self) -> tuple[str, str] | None:
        """Give work key and folder name of the newest published run, or None."""
        table = schema.runs
        query = sa.select(table.c.key, table.c.folder).order_by(table.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return (row.key, row.folder) if row else None

    def save_run(self, run_id: str, *, key: str, folder: str, published_at: str) -> None:
        """Note that a run was published."""
        table = schema.runs
        with self._database.writing() as connection:
            connection.execute(sa.delete(table).where(table.c.run_id == run_id))
            row = {"run_id": run_id, "key": key, "folder": folder, "published_at": published_at}
            connection.execute(sa.insert(table), [row])

    @contextmanager
    def writer(self, *, wait_seconds: float = 0) -> Iterator[None]:
        """Hold the study's writer lease, renewed in the background for as long as the block runs.

        Args:
            wait_seconds: How long to wait for another process to give it up.

        Raises:
            BusyError: Another live process holds it.
        """
        with self._hold(_WRITER, wait_seconds):
            yield

    @contextmanager
    def watcher(self) -> Iterator[None]:
        """Be the study's only watcher for as long as the block runs.

        Raises:
            BusyError: Another live process watches it.
        """
        with self._hold(_WATCHER, 0):
            yield

    @contextmanager
    def _hold(self, name: str, wait_seconds: float) -> Iterator[None]:
        owner = f"pid {os.getpid()} born {_born(os.getpid())} on {_machine()}"
        until = time.monotonic() + wait_seconds
        while not self._acquire(name, owner, last_try=time.monotonic() >= until):
            time.sleep(_POLL_SECONDS)
        stop = Event()
        renewal = Thread(target=self._renew, args=(name, owner, stop), name=f"voc-{name}-lease", daemon=True)
        renewal.start()
        try:
            yield
        finally:
            stop.set()
            renewal.join()
            self._release(name, owner)

    def _release(self, name: str, owner: str) -> None:
        with _one_at_a_time:
            try:
                with self._database.writing() as connection:
                    connection.execute(sa.delete(schema.leases).where(_is(name, owner)))
            finally:  # on a full disk the row stays: it binds nobody
                _held_here.discard((str(self._database.url), name))

    def _acquire(self, name: str, owner: str, *, last_try: bool) -> bool:
        now = self._clock()
        here = str(self._database.url), name
        with _one_at_a_time:
            with self._database.writing() as connection:
                held = connection.execute(sa.select(schema.leases).where(schema.leases.c.name == name)).first()
                left_behind = held and held.owner == owner and here not in _held_here
                if held and not left_behind and _alive(held.owner, expired=held.expires <= now):
                    if not last_try:
                        return False
                    what, hint = _BUSY[name]
                    raise BusyError(f"{what} ({held.owner.split(' born ')[0]})", hint=hint)
                connection.execute(sa.delete(schema.leases).where(schema.leases.c.name == name))
                row = {"name": name, "owner": owner, "expires": now + _LEASE_SECONDS}
                connection.execute(sa.insert(schema.leases), [row])
            _held_here.add(here)
        return True

    def _renew(self, name: str, owner: str, stop: Event) -> None:
        while not stop.wait(_RENEW_SECONDS):
            with suppress(StoreError), self._database.writing() as connection:  # busy or full: the next try may do
                connection.execute(
                    sa.update(schema.leases).where(_is(name, owner)).values(expires=self._clock() + _LEASE_SECONDS)
                )


def _is(name: str, owner: str) -> sa.ColumnElement[bool]:
    return (schema.leases.c.name == name) & (schema.leases.c.owner == owner)


def _machine() -> str:
    """Name this boot of this machine and this namespace of process ids: here a pid can be asked whether it lives."""
    boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else "unknown"
    return f"{boot} {_PIDS.readlink() if _PIDS.is_symlink() else ''}"


def _born(pid: int) -> str:
    """Start time of a process in ticks since boot, empty if there is none: with its pid it names one process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _alive(owner: str, *, expired: bool) -> bool:
    """Say whether an owner still holds: a process of this machine is asked, another machine's has its time."""
    process, _, machine = owner.partition(" on ")
    pid, _, born = process.removeprefix("pid ").partition(" born ")
    if machine != _machine() or not born:  # no /proc: nobody can be asked
        return not expired
    return _born(int(pid)) == born
