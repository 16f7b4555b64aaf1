"""Vectors by encoder and text hash: encoding a text twice is never needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from voc_pipeline.store import schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from voc_pipeline.store.database import Database

_CHUNK = 500  # SQLite's oldest limit on bound parameters is 999
_DTYPE = np.dtype("<f4")


class Vectors:
    """The store's VectorCache."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, encoder_key: str, hashes: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Give the vectors that are there, float32 of shape (dimension,), by SHA-256 of the text."""
        table = schema.vectors
        found: dict[str, npt.NDArray[np.float32]] = {}
        with self._database.reading() as connection:
            for first in range(0, len(hashes), _CHUNK):
                query = sa.select(table.c.text_sha256, table.c.vector).where(
                    table.c.encoder_key == encoder_key, table.c.text_sha256.in_(hashes[first : first + _CHUNK])
                )
                for sha256, blob in connection.execute(query):
                    found[sha256] = np.frombuffer(blob, dtype=_DTYPE).astype(np.float32)
        return found

    def save(self, encoder_key: str, vectors: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Keep vectors; one that is there already stays as it is."""
        table = schema.vectors
        with self._database.writing() as connection:
            known: set[str] = set()
            hashes = list(vectors)
            for first in range(0, len(hashes), _CHUNK):
                query = sa.select(table.c.text_sha256).where(
                    table.c.encoder_key == encoder_key, table.c.text_sha256.in_(hashes[first : first + _CHUNK])
                )
                known.update(connection.scalars(query))
            rows = [
                {"encoder_key": encoder_key, "text_sha256": sha256, "vector": vector.astype(_DTYPE).tobytes()}
                for sha256, vector in vectors.items()
                if sha256 not in known
            ]
            if rows:
                connection.execute(sa.insert(table), rows)
