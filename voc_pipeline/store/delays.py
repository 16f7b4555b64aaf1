"""Files that can't be read for now: since when, how often they were tried, and when they are tried again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from voc_pipeline.store import schema

if TYPE_CHECKING:
    from voc_pipeline.store.database import Database

_FIRST_SECONDS, _LONGEST_SECONDS = 5.0, 300.0


@dataclass(frozen=True, slots=True)
class Delay:
    """One path that waits. ``since`` is ISO 8601 in UTC, ``next_try`` in seconds since the epoch."""

    path: str
    reason: str
    hint: str
    since: str
    tried: int
    next_try: float

    def is_due(self, now: float) -> bool:
        """Say whether it is time to try again."""
        return is_time(self.next_try, now)


def is_time(next_try: float, now: float) -> bool:
    """Say whether it is time for a try (seconds since the epoch). One too far ahead is due: the clock was set back."""
    return not now < next_try <= now + _LONGEST_SECONDS


def wait_seconds(tried: int) -> float:
    """Seconds until the next try of what failed ``tried`` times: 5, then twice as many, at most five minutes."""
    return min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(tried - 1, 16))


class Delays:
    """Repository of paths that wait. Saving or retiring a path (see `store.inbox`) ends its wait."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Delay]:
        """Map each path that waits to its delay, by path."""
        query = sa.select(schema.delays).order_by(schema.delays.c.path)
        with self._database.reading() as connection:
            return {row["path"]: Delay(**row) for row in connection.execute(query).mappings()}

    def note(self, path: str, reason: str, *, hint: str, at: str, now: float) -> None:
        """Note that a try failed: the next one comes in 5 s, then in twice the time, at most in five minutes.

        Args:
            path: The real path, relative to the inbox.
            reason: Why it can't be read.
            hint: What to do.
            at: The time as ISO 8601, kept as ``since`` if this is the first try.
            now: The same in seconds since the epoch.
        """
        table = schema.delays
        with self._database.writing() as connection:
            known = connection.execute(sa.select(table).where(table.c.path == path)).mappings().first()
            tried = known["tried"] + 1 if known else 1
            since = known["since"] if known else at
            connection.execute(sa.delete(table).where(table.c.path == path))
            delay = Delay(path, reason, hint, since, tried, now + wait_seconds(tried))
            connection.execute(sa.insert(table), [asdict(delay)])
