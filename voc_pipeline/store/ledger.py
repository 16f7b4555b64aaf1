"""Published runs, and the lease that lets one process write to a study at a time."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import sqlalchemy as sa

from voc_pipeline.errors import BusyError, StoreError
from voc_pipeline.store import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voc_pipeline.store.database import Database

_WRITER = "writer"
_LEASE_SECONDS = 30.0
_RENEW_SECONDS = 10.0
_POLL_SECONDS = 0.5
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PIDS = Path("/proc/self/ns/pid")


class Ledger:
    """Repository of runs and leases.

    Args:
        database: The store.
        clock: Seconds since the epoch; tests inject their own.
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
        owner = f"pid {os.getpid()} born {_born(os.getpid())} on {_machine()}"
        until = self._clock() + wait_seconds
        while not self._acquire(owner, last_try=self._clock() >= until):
            time.sleep(_POLL_SECONDS)
        stop = Event()
        renewal = Thread(target=self._renew, args=(owner, stop), name="voc-lease", daemon=True)
        renewal.start()
        try:
            yield
        finally:
            stop.set()
            renewal.join()
            with self._database.writing() as connection:
                connection.execute(sa.delete(schema.leases).where(schema.leases.c.owner == owner))

    def _acquire(self, owner: str, *, last_try: bool) -> bool:
        table = schema.leases
        now = self._clock()
        with self._database.writing() as connection:
            held = connection.execute(sa.select(table).where(table.c.name == _WRITER)).first()
            if held and _alive(held.owner, expired=held.expires <= now):
                if not last_try:
                    return False
                raise BusyError(
                    f"another process writes to this study ({held.owner.split(' born ')[0]})",
                    hint="Wait until it is done, or stop it; a dead process's lease ends by itself",
                )
            connection.execute(sa.delete(table).where(table.c.name == _WRITER))
            row = {"name": _WRITER, "owner": owner, "expires": now + _LEASE_SECONDS}
            connection.execute(sa.insert(table), [row])
        return True

    def _renew(self, owner: str, stop: Event) -> None:
        while not stop.wait(_RENEW_SECONDS):
            with suppress(StoreError), self._database.writing() as connection:  # busy or full: the next try may do
                connection.execute(
                    sa.update(schema.leases)
                    .where(schema.leases.c.owner == owner)
                    .values(expires=self._clock() + _LEASE_SECONDS)
                )


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
    if machine != _machine():
        return not expired
    pid, _, born = process.removeprefix("pid ").partition(" born ")
    return bool(born) and _born(int(pid)) == born
