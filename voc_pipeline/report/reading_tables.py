"""The contract's CSV files back into frames, exactly: what is read and written again gives the same bytes.

Stricter than any spreadsheet, on purpose: a file that another program has saved is no longer the run's. Messages name
places, kinds and lengths; words of an interview never stand in them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from voc_pipeline.errors import VocError
from voc_pipeline.report.csv_tables import shortest
from voc_pipeline.tables import CONTRACT_TABLES, PANDAS_DTYPES, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.tables import Dtype, TableSpec

_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\n]*))(,|\n)')
_INT = re.compile(r"-?\d{1,19}")
_FLOAT = re.compile(r"-?\d+(\.\d{1,6})?")
_SAYABLE = re.compile(r"[-+.eE\d]{1,24}|nan|-?inf|null|none|na|true|false", re.IGNORECASE)
_INT_BOUND = 2**63
_AGAIN = "The file is not as it was written: get it again from where it came from, or publish again with 'voc run'"
_ACCEPTED: dict[Dtype, str] = {
    "text": "a text in double quotes",
    "int": "a whole number without quotes, or nothing",
    "float": "a number without quotes, with up to six decimals and no more than it needs, or nothing",
    "bool": '"true" or "false", in quotes',
}


class _NotThisKindError(Exception):
    """A field is not what its column holds."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A field as it stands in the file; ``text`` has no quotes around it and none doubled."""

    text: str
    quoted: bool

    def __str__(self) -> str:
        if self.quoted:
            return f"a quoted text of {len(self.text)} characters"
        if not self.text:
            return "nothing"
        return self.text if _SAYABLE.fullmatch(self.text) else f"{len(self.text)} characters without quotes"


@dataclass(frozen=True, slots=True)
class _Row:
    """The fields of a row and the line on which it begins, from 1."""

    line: int
    fields: tuple[_Field, ...]


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read every table of the contract from a run's folder.

    Raises:
        VocError: A file is missing, or not as `csv_tables.write_tables` writes it; names file, line and column.
    """
    return {spec.name: read_table(table_file_text(folder, spec), spec) for spec in CONTRACT_TABLES}


def table_file_text(folder: Path, spec: TableSpec) -> str:
    """Give the text of a table's file in a run's folder, line ends as they are.

    Raises:
        VocError: It is missing, can't be read, or is not UTF-8.
    """
    name = f"{spec.name}.csv"
    try:
        return (folder / name).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1:,} is not UTF-8"
        raise VocError(what, where=name, hint=_AGAIN) from None
    except OSError as error:
        raise VocError(f"the file can't be read: {error.strerror}", where=name, hint=_AGAIN) from None


def read_table(text: str, spec: TableSpec) -> pd.DataFrame:
    """Read one table. Columns that an open-ended table has besides its own are text.

    Args:
        text: All of the file, as `csv_tables.table_text` writes it.
        spec: The table.

    Returns:
        A frame with the columns and dtypes of ``spec.frame``.

    Raises:
        VocError: A character is not as it would be written; names file, line, column, what was found and is accepted.
    """
    import pandas as pd  # noqa: PLC0415 (0.3 s; importing the package stays cheap)

    head, *rows = _rows(text, spec)
    columns = _columns(head, spec)
    for row in rows:
        if len(row.fields) != len(columns):
            what = f"the row has {len(row.fields)} fields, the table has {len(columns)} columns"
            raise VocError(what, where=f"{spec.name}.csv, line {row.line}", hint=_AGAIN)
    data = {
        column.name: pd.Series(_cells(rows, number, column, spec), dtype=PANDAS_DTYPES[column.dtype])
        for number, column in enumerate(columns)
    }
    return pd.DataFrame(data, columns=[column.name for column in columns])


def _rows(text: str, spec: TableSpec) -> list[_Row]:
    rows: list[_Row] = []
    fields: list[_Field] = []
    position, line, row_line = 0, 1, 1
    while position < len(text):
        found = _FIELD.match(text, position)
        if found is None:
            what = f"field {len(fields) + 1} of the row does not end with a comma or a line feed, or its quotes are odd"
            raise VocError(what, where=f"{spec.name}.csv, line {line}", hint=_AGAIN)
        quoted, bare, end = found.groups()
        fields.append(_Field(bare, quoted=False) if quoted is None else _Field(quoted.replace('""', '"'), quoted=True))
        line += text.count("\n", position, found.end())
        position = found.end()
        if end == "\n":
            rows.append(_Row(row_line, tuple(fields)))
            fields, row_line = [], line
    if fields or not rows:
        what = "the file is cut off: its last row does not end" if fields else "the file is empty"
        raise VocError(what, where=f"{spec.name}.csv, line {row_line}", hint=_AGAIN)
    return rows


def _columns(head: _Row, spec: TableSpec) -> tuple[Column, ...]:
    names = tuple(field.text for field in head.fields)
    fits = names[: len(spec.names)] == spec.names if spec.open_ended else names == spec.names
    if not (fits and all(field.quoted for field in head.fields) and len(set(names)) == len(names)):
        expected = ", ".join(f'"{name}"' for name in spec.names)
        more = " and then other names, each once" if spec.open_ended else ""
        wrong = next((n for n, name in enumerate(spec.names, start=1) if names[n - 1 : n] != (name,)), len(spec.names))
        raise VocError(
            f"the head of the table is not the contract's (column {wrong})",
            where=f"{spec.name}.csv, line 1",
            hint=f"Accepted: {expected}{more}. {_AGAIN}",
        )
    return (*spec.columns, *map(Column, names[len(spec.columns) :]))


def _cells(rows: Sequence[_Row], number: int, column: Column, spec: TableSpec) -> list[object]:
    read = _READ[column.dtype]
    cells = []
    for row in rows:
        field = row.fields[number]
        try:
            cells.append(read(field))
        except _NotThisKindError:
            _refuse(spec, row.line, column, field)
    return cells


def _refuse(spec: TableSpec, line: int, column: Column, field: _Field) -> NoReturn:
    raise VocError(
        f"found {field}",
        where=f"{spec.name}.csv, line {line}, column {column.name}",
        hint=f"Accepted: {_ACCEPTED[column.dtype]}. {_AGAIN}",
    ) from None


def _text(field: _Field) -> str:
    if not field.quoted:
        raise _NotThisKindError
    return field.text


def _bool(field: _Field) -> bool:
    if not field.quoted or field.text not in {"true", "false"}:
        raise _NotThisKindError
    return field.text == "true"


def _int(field: _Field) -> int | None:
    if field.quoted:
        raise _NotThisKindError
    if not field.text:
        return None
    value = int(field.text) if _INT.fullmatch(field.text) else _INT_BOUND
    if str(value) != field.text or not -_INT_BOUND <= value < _INT_BOUND:
        raise _NotThisKindError
    return value


def _float(field: _Field) -> float:
    if field.quoted:
        raise _NotThisKindError
    if not field.text:
        return math.nan
    value = float(field.text) if _FLOAT.fullmatch(field.text) else math.inf
    if not math.isfinite(value) or shortest(value) != field.text:
        raise _NotThisKindError
    return value


_READ: dict[Dtype, Callable[[_Field], object]] = {"text": _text, "int": _int, "float": _float, "bool": _bool}
