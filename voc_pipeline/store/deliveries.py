"""Where reports are delivered to: what arrived last, and if the newest did not, why, since when, and the next try."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from voc_pipeline.store import schema
from voc_pipeline.store.delays import is_time, wait_seconds

if TYPE_CHECKING:
    from voc_pipeline.store.database import Database


@dataclass(frozen=True, slots=True)
class Delivery:
    """State of one place.

    Args:
        place: The folder that reports are delivered to.
        key: Key of what arrived there last; empty if nothing ever did.
        reason: Why the last try failed; empty if it did not.
        hint: What to do about it.
        since: When it failed first, as ISO 8601 in UTC.
        tried: How often it failed in a row.
        next_try: When it is tried again, in seconds since the epoch.
    """

    place: str
    key: str
    reason: str = ""
    hint: str = ""
    since: str = ""
    tried: int = 0
    next_try: float = 0.0

    def is_due(self, now: float) -> bool:
        """Say whether it is time for the next try (seconds since the epoch); at once if the last one did not fail."""
        return not self.reason or is_time(self.next_try, now)


class Deliveries:
    """Repository of places."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, place: str) -> Delivery:
        """Give the state of a place; that of a new one if nothing was ever tried there."""
        query = sa.select(schema.deliveries).where(schema.deliveries.c.place == place)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return Delivery(**row) if row else Delivery(place, "")

    def arrived(self, place: str, key: str) -> None:
        """Note that all that belongs there is there."""
        self._save(Delivery(place, key))

    def failed(self, place: str, reason: str, *, hint: str, at: str, now: float) -> None:
        """Note that a try failed; the next one comes in 5 s, then in twice the time, at most in five minutes.

        Args:
            place: The folder.
            reason: What failed.
            hint: What to do.
            at: The time as ISO 8601, kept as ``since`` if this is the first failure in a row.
            now: The same in seconds since the epoch.
        """
        known = self.of(place)
        tried = known.tried + 1
        self._save(Delivery(place, known.key, reason, hint, known.since or at, tried, now + wait_seconds(tried)))

    def _save(self, delivery: Delivery) -> None:
        table = schema.deliveries
        with self._database.writing() as connection:
            connection.execute(sa.delete(table).where(table.c.place == delivery.place))
            connection.execute(sa.insert(table), [asdict(delivery)])
