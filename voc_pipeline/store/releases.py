"""Which reports a person released. Decisions are only ever added: none is changed or taken back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from voc_pipeline.store import schema

if TYPE_CHECKING:
    from voc_pipeline.store.database import Database


@dataclass(frozen=True, slots=True)
class Release:
    """One decision to release a run.

    Args:
        run: Folder of the run that was decided on.
        folder: Folder of the released report; the first decision on a run made it.
        released_by: Who decided.
        released_at: When, as ISO 8601 in UTC.
        note: What they had to say.
        manifest_sha256: SHA-256 of the released folder's manifest, which in turn names that of every file.
    """

    run: str
    folder: str
    released_by: str
    released_at: str
    note: str
    manifest_sha256: str


class Releases:
    """Repository of releases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Release, ...]:
        """List every decision, oldest first; a run may have several."""
        table = schema.releases
        columns = [column for column in table.c if column.name != "number"]
        query = sa.select(*columns).order_by(table.c.number)
        with self._database.reading() as connection:
            return tuple(Release(**row) for row in connection.execute(query).mappings())

    def first(self) -> dict[str, Release]:
        """Map each released run to the decision that made its folder, in the order of these decisions."""
        found: dict[str, Release] = {}
        for release in self.all():
            found.setdefault(release.run, release)
        return found

    def add(self, release: Release) -> None:
        """Record a decision."""
        with self._database.writing() as connection:
            connection.execute(sa.insert(schema.releases), [asdict(release)])
