"""Reader of Excel workbooks with one piece of speech a row."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import columns
from voc_pipeline.ingest.archive import check_parts, read_part
from voc_pipeline.ingest.decoding import check_size, clean_lines, refuse_empty
from voc_pipeline.ingest.sniffing import refuse_office_container
from voc_pipeline.records import NO_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voc_pipeline.records import RawTranscript, ReadingOptions

    Rows = list[list[str]]

MAX_ROWS = 100_000
_KIND = "Excel workbook"
_DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 (Excel's times know no zone)
_LAST_DURATION = dt.datetime(1900, 12, 31)  # noqa: DTZ001 (a later date is a day, not a length of time)


class WorkbookReader:
    """Reads .xlsx: the one sheet that has a column of speech. Cells are read as values, times as clock times."""

    name = "workbook"
    suffixes: tuple[str, ...] = (".xlsx",)

    def read(self, data: bytes, *, name: str, options: ReadingOptions = NO_OPTIONS) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        refuse_empty(data, name=name)
        refuse_office_container(data, name=name)
        read_part(data, "xl/workbook.xml", name=name, kind=_KIND)
        check_parts(data, name=name, kind=_KIND)
        sheets = [rows for rows in _sheets(data, name) if rows]
        rows, found = _transcript(sheets, name, options)
        check_size([clean_lines(row[found.text]) for row in rows if found.text < len(row)], name=name)
        raw = columns.read_rows(rows, found, name=name, options=options)
        others = sum(len(other) for other in sheets if other is not rows)
        dropped = Counter(dict(raw.loss.dropped)) + Counter({"row of another sheet": others})
        loss = replace(raw.loss, lines_seen=raw.loss.lines_seen + others, dropped=tuple(sorted(dropped.items())))
        return replace(raw, loss=loss)


def _transcript(sheets: Sequence[Rows], name: str, options: ReadingOptions) -> tuple[Rows, columns.Columns]:
    """Choose the sheet that is a transcript, by its columns; one with speakers or times before one with text alone."""
    named = [(rows, found) for rows in sheets if (found := columns.locate(rows, options))]
    told = [(rows, found) for rows, found in named if found.speaker is not None or found.start is not None]
    chosen = told or named
    if not chosen:
        raise columns.no_text_column(sheets[0] if sheets else [], name=name)
    if len(chosen) > 1:
        raise RefusedError(
            f"{len(chosen)} of its sheets look like transcripts",
            where=name,
            hint="Save each interview as a workbook of its own, or hide the sheets that are none",
        )
    return chosen[0]


def _sheets(data: bytes, name: str) -> list[Rows]:
    """Read the sheets that are not hidden, blank rows left out."""
    import openpyxl  # type: ignore[import-untyped] # noqa: PLC0415 (0.3 s that most studies don't need; no stubs)

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = []
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()  # what a file says of its own size may be wrong
                sheets.append(list(_rows(sheet.iter_rows(values_only=True), name)))
    except RefusedError:
        raise
    except Exception as error:  # noqa: BLE001 (openpyxl lets a dozen kinds through on a damaged file)
        raise RefusedError(
            f"the workbook is damaged ({type(error).__name__})", where=name, hint="Open it and save it again, or as CSV"
        ) from None
    return sheets


def _rows(rows: Iterable[Sequence[object]], name: str) -> Iterator[list[str]]:
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise RefusedError(
                f"a sheet has more than {MAX_ROWS:,} rows", where=name, hint="Keep the transcript's rows only"
            )
        cells = [_as_text(cell) for cell in row]
        if any(cell.strip() for cell in cells):
            yield cells


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell < _LAST_DURATION:
        cell = cell - _DAY_ZERO
    if isinstance(cell, dt.time):
        cell = dt.datetime.combine(_DAY_ZERO, cell) - _DAY_ZERO
    return _clock(cell) if isinstance(cell, dt.timedelta) else str(cell)


def _clock(length: dt.timedelta) -> str:
    """Write ``h:mm:ss``, with milliseconds if there are any."""
    thousandths = round(length / dt.timedelta(milliseconds=1))
    seconds, rest = divmod(thousandths, 1000)
    clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{clock}.{rest:03}" if rest else clock
