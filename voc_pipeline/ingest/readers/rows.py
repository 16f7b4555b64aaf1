"""Reader of delimited tables with one piece of speech a row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voc_pipeline.ingest import columns
from voc_pipeline.ingest.decoding import decode
from voc_pipeline.ingest.tabular import read_table
from voc_pipeline.records import NO_OPTIONS

if TYPE_CHECKING:
    from voc_pipeline.records import RawTranscript, ReadingOptions


class RowsReader:
    """Reads .csv and .tsv by the names of their columns: one for the text, and speaker and start if there are any."""

    name = "rows"
    suffixes: tuple[str, ...] = (".csv", ".tsv")

    def read(self, data: bytes, *, name: str, options: ReadingOptions = NO_OPTIONS) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        text, warnings = decode(data, name=name)
        rows = [row for _, row in read_table(text, name=name)]
        found = columns.locate(rows, options)
        if found is None:
            raise columns.no_text_column(rows, name=name)
        raw = columns.read_rows(rows, found, name=name, options=options)
        return replace(raw, warnings=(*warnings, *raw.warnings))
