"""Delimited text as rows of cells: the roster and transcripts in tables."""

from __future__ import annotations

import csv
import io

from voc_pipeline.errors import RefusedError

_DELIMITERS = ",;\t|"


def read_table(text: str, *, name: str) -> list[tuple[int, list[str]]]:
    """Read delimited rows; the delimiter is the commonest of ``, ; tab |`` in the first row.

    Returns:
        The line on which each row ends (from 1) and its cells; blank rows are left out.

    Raises:
        RefusedError: The quotes don't match up, or a cell is larger than 131,072 characters.
    """
    lines = text.lstrip("\ufeff").split("\n")
    skipped = 1 if lines[0].strip().lower().startswith("sep=") else 0  # Excel's own hint
    first = next((line for line in lines[skipped:] if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO("\n".join(lines[skipped:]), newline=""), delimiter=delimiter, strict=True)
    try:
        return [(skipped + reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise RefusedError(
            f"this is no table of rows and columns: {error}",
            where=f"{name}, line {skipped + reader.line_num}",
            hint="Save it as CSV again, with quotes around the texts",
        ) from None
