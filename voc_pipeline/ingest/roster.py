"""The roster: who speaks in which file, and what is known of them."""

from __future__ import annotations

import fnmatch
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from voc_pipeline.errors import ConfigError, RefusedError
from voc_pipeline.ids import digest
from voc_pipeline.ingest import labels
from voc_pipeline.ingest.decoding import decode, normalise
from voc_pipeline.ingest.metadata import PERSONAL_COLUMNS, column_key, is_personal
from voc_pipeline.ingest.tabular import read_table
from voc_pipeline.records import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

ROSTER_NAMES = ("participants.csv", "participants.xlsx")
CORE_COLUMNS = ("file", "speaker", "participant_id", "role_in_call")
HELPER_COLUMNS = ("words", "question_share")
"""What `voc roster` writes to help the person who confirms it; never attributes."""
_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row. ``number`` is its line in the sheet (the header is 1); ``cells`` holds every cell by column.

    ``role`` is None where the row leaves it open; ``attributes`` holds the non-empty cells that make segments.
    """

    number: int
    file: str
    speaker: str
    participant_id: str
    role: Role | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)

    @property
    def names_one_file(self) -> bool:
        """Whether the row is about one file, not about all that fit a pattern."""
        return not _GLOB & set(self.file)

    def closeness(self, path: str) -> int:
        """Say how exactly the row names a file: 0 not at all, then glob (longer is closer), file name, path."""
        wanted, found = _path_key(self.file), _path_key(path)
        name = PurePosixPath(found).name
        if wanted == found:
            return 10_000
        if wanted == name:
            return 9_000
        if _GLOB & set(wanted) and (fnmatch.fnmatchcase(found, wanted) or fnmatch.fnmatchcase(name, wanted)):
            return len(wanted)
        return 0


@dataclass(frozen=True)
class Roster:
    """All rows, and the columns in the sheet's order. A study without a roster has an empty one."""

    rows: tuple[RosterRow, ...] = ()
    columns: tuple[str, ...] = ()
    source: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of persons that the roster holds, sorted: labels that are names, and cells of personal columns."""
        named = [column for column in self.columns if is_personal(column)]
        names = {row.speaker for row in self.rows if not labels.is_generic_label(row.speaker)}
        for column in named:
            cells = {row.cells[column] for row in self.rows if row.cells.get(column)}
            sure = column_key(column) in PERSONAL_COLUMNS  # a surname may be Head; a respondent may be "Lab Manager"
            names |= {cell for cell in cells if sure or not labels.is_generic_label(cell)}
        return tuple(sorted(names))

    @cached_property
    def _exact(self) -> dict[str, list[RosterRow]]:
        """Rows by what they name; a glob finds nothing here that it does not name letter by letter."""
        index: dict[str, list[RosterRow]] = {}
        for row in self.rows:
            index.setdefault(_path_key(row.file), []).append(row)
        return index

    @cached_property
    def _globs(self) -> tuple[RosterRow, ...]:
        return tuple(row for row in self.rows if _GLOB & set(row.file))

    def match(self, path: str, speaker: str) -> RosterRow | None:
        """Find the row about a speaker of a file; the one that names the file most exactly wins, then the first.

        Args:
            path: Posix path relative to the inbox.
            speaker: A label; "" finds the row of the only respondent.
        """
        key = labels.key_of(speaker)
        found = [(row.closeness(path), row) for row in self.about(path) if labels.key_of(row.speaker) == key]
        best = max((closeness for closeness, _ in found), default=0)
        return next((row for closeness, row in found if closeness == best), None)

    def about(self, path: str) -> tuple[RosterRow, ...]:
        """List the rows that name a file, in the sheet's order."""
        key = _path_key(path)
        rows = [*self._exact.get(key, ()), *self._exact.get(PurePosixPath(key).name, ())]
        rows += [row for row in self._globs if row.closeness(path)]
        by_number = {row.number: row for row in rows}
        return tuple(by_number[number] for number in sorted(by_number))

    def fingerprint_for(self, path: str) -> str:
        """Hash what the roster says of a file: part of the key of reading it."""
        cells = [part for row in self.about(path) for pair in row.cells.items() for part in (*pair, "|")]
        return digest(len(cells), *cells)

    def unused(self, paths: Iterable[str]) -> tuple[RosterRow, ...]:
        """List the rows that name none of these files."""
        used = {row.number for path in paths for row in self.about(path)}
        return tuple(row for row in self.rows if row.number not in used)


def load_roster(inbox: Path, root: Path) -> Roster:
    """Read the study's roster: participants.csv or .xlsx in the inbox, else in the study's folder.

    Returns:
        The roster; empty when there is none.

    Raises:
        ConfigError: It can't be read, lacks the column ``file``, names a part in the call that doesn't exist, or has
            two rows for one file and speaker.
    """
    for folder in (inbox, root):
        for name in ROSTER_NAMES:
            path = folder / name
            if path.is_file():
                return parse_roster(_read(path), source=str(path))
    return Roster()


def _read(path: Path) -> list[tuple[int, list[str]]]:
    try:
        if path.suffix == ".xlsx":
            return _read_sheet(path)
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"the roster can't be read: {error.strerror}", where=str(path), hint="Close it elsewhere, check permissions"
        ) from None
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        return []
    try:
        text, _ = decode(data, name=str(path))
        return read_table(text, name=str(path))
    except RefusedError as error:
        raise ConfigError(error.what, where=error.where or str(path), hint="Save it as CSV in UTF-8") from None


def _read_sheet(path: Path) -> list[tuple[int, list[str]]]:
    import openpyxl  # type: ignore[import-untyped] # noqa: PLC0415 (0.3 s; most rosters are CSV; no stubs)

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        book.close()
    except Exception as error:  # noqa: BLE001 (openpyxl lets a dozen kinds through on a damaged file)
        raise ConfigError(
            f"this is no Excel sheet ({type(error).__name__})", where=str(path), hint="Save it again, or as CSV"
        ) from None
    cells = [(number, [_as_text(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
    return [(number, row) for number, row in cells if any(cell.strip() for cell in row)]


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    return text.removesuffix("T00:00:00")


def parse_roster(rows: Sequence[tuple[int, Sequence[str]]], *, source: str) -> Roster:
    """Check a roster's rows.

    Args:
        rows: Line number and cells, the header first, blank rows left out.
        source: The sheet's path, for messages.

    Raises:
        ConfigError: As `load_roster`.
    """
    if not rows:
        return Roster(source=source)
    columns = tuple(_column(cell) for cell in rows[0][1])
    _check_columns(columns, source)
    found = tuple(
        _row(number, dict(zip(columns, (normalise(cell).strip() for cell in cells), strict=False)), columns, source)
        for number, cells in rows[1:]
    )
    first: dict[tuple[str, str], int] = {}
    for row in found:
        key = (_path_key(row.file), labels.key_of(row.speaker))
        if key in first:
            raise ConfigError(
                f"rows {first[key]} and {row.number} are about the same file and speaker",
                where=f"{source}, row {row.number}",
                hint="Keep one of them; several speakers of one file need their labels in the column 'speaker'",
            )
        first[key] = row.number
    return Roster(found, tuple(column for column in columns if column), source)


def _column(cell: str) -> str:
    name = normalise(cell).strip()
    key = column_key(name)
    return key if key in {*CORE_COLUMNS, *HELPER_COLUMNS} else name


def _check_columns(columns: Sequence[str], source: str) -> None:
    if "file" not in columns:
        raise ConfigError(
            f"the roster lacks the column 'file', its columns are: {', '.join(columns)[:200]}",
            where=f"{source}, row 1",
            hint=f"Columns: {', '.join(CORE_COLUMNS)}, then any attribute (role, region, ...)",
        )
    counts = Counter(column_key(column) for column in columns if column)
    if twice := [column for column, count in counts.items() if count > 1]:
        raise ConfigError(f"the column {twice[0]!r} stands twice", where=f"{source}, row 1", hint="Rename one of them")


def _row(number: int, cells: dict[str, str], columns: Sequence[str], source: str) -> RosterRow:
    cells.pop("", None)
    if not cells.get("file"):
        raise ConfigError(
            "the row names no file",
            where=f"{source}, row {number}",
            hint="Write a path in the inbox, a file's name, or a pattern such as emea/*.docx in the column 'file'",
        )
    role = _role(cells, columns, f"{source}, row {number}")
    reserved = {*CORE_COLUMNS, *HELPER_COLUMNS}
    attributes = {
        column: cell for column, cell in cells.items() if cell and column not in reserved and not is_personal(column)
    }
    return RosterRow(
        number=number,
        file=cells["file"],
        speaker=cells.get("speaker", ""),
        participant_id=cells.get("participant_id", ""),
        role=role,
        attributes=attributes,
        cells=cells,
    )


def _role(cells: Mapping[str, str], columns: Sequence[str], where: str) -> Role | None:
    """Read the part in the call. A row that is about the only respondent, or gives an id, needs not say it."""
    value = cells.get("role_in_call", "").casefold()
    if value in {Role.INTERVIEWER, Role.OBSERVER} and not cells.get("speaker"):
        raise ConfigError(
            f"a row without a speaker is about the respondent, but its role_in_call is {value!r}",
            where=where,
            hint="Write the speaker's label as it stands in the transcript",
        )
    if value in set(Role):
        return Role(value)
    if value:
        raise ConfigError(
            f"role_in_call is {cells['role_in_call'][:30]!r}", where=where, hint=f"Accepted: {', '.join(Role)}"
        )
    implied = not cells.get("speaker") or cells.get("participant_id") or "role_in_call" not in columns
    return Role.PARTICIPANT if implied else None


def _path_key(path: str) -> str:
    text = unicodedata.normalize("NFC", path.replace("\\", "/")).casefold().strip()
    return text.removeprefix("./").removeprefix("inbox/")
