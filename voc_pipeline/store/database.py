"""Opening the database: engine, pragmas, transactions, migrations. The only place that makes connections."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from voc_pipeline.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = "0004"
"""Newest schema revision; a test holds it to the migrations folder."""
_BUSY_SECONDS = 30
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """A store at a URL, migrated to the newest schema.

    Args:
        url: SQLAlchemy URL. A SQLite file's folder is made.

    Raises:
        ConfigError: The URL is none, or its driver is not installed.
        StoreError: The database can't be opened, or a newer version of the program made it.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = sa.make_url(url)
            self.url.get_dialect().import_dbapi()
        except (ArgumentError, NoSuchModuleError, ImportError):
            raise ConfigError(
                "'store.url' names no database that can be reached from here",
                where="voc.toml or VOC_STORE__URL",
                hint="Write sqlite:////path/to/file or postgresql+psycopg://user@host/name, and install the driver",
            ) from None
        self._place = str(self.url.database) if self._is_sqlite else self.url.render_as_string(hide_password=True)
        try:
            if self._is_sqlite and self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # hide_parameters: a failing statement must not quote an interview.
            self.engine = sa.create_engine(self.url, connect_args=self._connect_args(), hide_parameters=True)
            self._listen()
            self._migrate()
        except (DBAPIError, OSError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error.strerror
            raise StoreError(
                f"the database can't be opened: {cause}",
                where=self._place,
                hint="Check that the folder can be written to and the disk has room",
            ) from None

    @property
    def _is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def _connect_args(self) -> dict[str, Any]:
        return {"timeout": _BUSY_SECONDS} if self._is_sqlite else {}

    def _listen(self) -> None:
        if not self._is_sqlite:
            return

        @sa.event.listens_for(self.engine, "connect")
        def _on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 (a DBAPI connection has no type)
            connection.isolation_level = None  # we say BEGIN ourselves, see _on_begin
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")

        # A read that turns into a write fails "database is locked" whatever the busy timeout: take the lock first.
        @sa.event.listens_for(self.engine, "begin")
        def _on_begin(connection: sa.Connection) -> None:
            writes = connection.get_execution_options().get("voc_writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that sees one moment of the store."""
        with self._explained(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a short write transaction. No model work inside."""
        with self._explained(), self.engine.connect() as connection:
            writer = connection.execution_options(voc_writes=True)
            with writer.begin():
                yield writer

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(
                f"the database failed: {error.orig}",
                where=self._place,
                hint="Check disk space and permissions, run again",
            ) from None

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _revision(self) -> str | None:
        with self.reading() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
            return str(revision)

    def _migrate(self) -> None:
        revision = self._revision()
        if revision == HEAD:
            return
        if revision is not None and revision > HEAD:
            raise StoreError(
                f"a newer version of voc made this database (schema {revision}, this version knows {HEAD})",
                where=self._place,
                hint="Upgrade voc-pipeline, or use another study folder",
            )
        from alembic import command  # noqa: PLC0415 (0.3 s that only a new or old database costs)
        from alembic.config import Config  # noqa: PLC0415 (as above)

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
