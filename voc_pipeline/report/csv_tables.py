"""The contract's CSV files: UTF-8 without BOM, one line feed a row, every text quoted and verbatim, stable bytes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voc_pipeline.report.rows import cells, require_columns
from voc_pipeline.tables import CONTRACT_TABLES, Column

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.tables import TableSpec

DECIMALS = 6


def write_tables(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write every table of the contract as ``<name>.csv``.

    Texts and booleans are quoted, numbers are not; a missing number is an empty field. No formula prefix is added:
    that guard belongs to spreadsheets.

    Args:
        frames: All contract tables by name, with their columns in the contract's order.
        folder: An existing folder.

    Raises:
        VocError: A table is missing or has other columns.
        ValueError: A cell is not of its column's kind.
    """
    written = []
    for spec in CONTRACT_TABLES:
        require_columns(frames, spec)
        path = folder / f"{spec.name}.csv"
        path.write_text(table_text(frames[spec.name], spec), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def table_text(frame: pd.DataFrame, spec: TableSpec) -> str:
    """Write one table as CSV text. Columns that an open-ended table has besides its own are text."""
    extra = tuple(Column(str(name)) for name in frame.columns[len(spec.columns) :])
    columns = [
        [_field(value, column, spec.name) for value in cells(frame[column.name])] for column in (*spec.columns, *extra)
    ]
    header = ",".join(_quoted(str(name)) for name in frame.columns)
    return "\n".join([header, *(",".join(row) for row in zip(*columns, strict=True))]) + "\n"


def _field(value: object, column: Column, table: str) -> str:
    if column.dtype == "text" and isinstance(value, str):
        return _quoted(value)
    if column.dtype == "bool" and isinstance(value, bool):
        return '"true"' if value else '"false"'
    if column.dtype in {"int", "float"}:
        if value is None:
            return ""
        if isinstance(value, int | float) and math.isfinite(value):
            return shortest(value)
    raise ValueError(f"{table}.{column.name}: a cell is {type(value).__name__}, the column holds {column.dtype}")


def shortest(value: float) -> str:
    """Write a number with at most six decimals and no more than it needs: ``0.25``, ``7``, never ``-0``."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
