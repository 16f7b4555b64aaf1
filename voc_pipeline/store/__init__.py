"""The only door to the database: one Store, made of small repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from voc_pipeline.store.codings import CODE_STAGE, DISCOVER_STAGE, WHOLE_STUDY, Codings
from voc_pipeline.store.database import Database
from voc_pipeline.store.delays import Delay, Delays
from voc_pipeline.store.deliveries import Deliveries, Delivery
from voc_pipeline.store.inbox import FileRow, Inbox
from voc_pipeline.store.ledger import Ledger
from voc_pipeline.store.releases import Release, Releases
from voc_pipeline.store.vectors import Vectors

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["CODE_STAGE", "DISCOVER_STAGE", "WHOLE_STUDY", "Delay", "Delivery", "FileRow", "Release", "Store"]


class Store:
    """A study's database, migrated and ready. Use it as a context manager.

    Args:
        url: SQLAlchemy URL, e.g. ``sqlite:////study/data/voc.sqlite``.

    Raises:
        StoreError: The database can't be opened.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self.inbox = Inbox(self._database)
        self.codings = Codings(self._database)
        self.vectors = Vectors(self._database)
        self.delays = Delays(self._database)
        self.ledger = Ledger(self._database)
        self.releases = Releases(self._database)
        self.deliveries = Deliveries(self._database)

    def __enter__(self) -> Self:
        """Enter."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self._database.close()
