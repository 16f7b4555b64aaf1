"""Text in rows whose columns tabs part: NVivo's time span, content, speaker; Zoom's time, speaker, text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.ingest import columns, labels, times
from voc_pipeline.ingest.columns import Columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import RawTranscript, ReadingOptions

_COLUMNS = 3


def read_tabbed(lines: Sequence[str], *, name: str, options: ReadingOptions) -> RawTranscript | None:
    """Read rows of one piece of speech each, if every line has the same number of tabs and it is clear what they part.

    A first row that names the columns says it; else the first of three columns is a time and, of the others, just one
    holds labels that recur.

    Args:
        lines: The text's lines.
        name: The file's name, for messages.
        options: How the study names the columns.

    Returns:
        The transcript; None where the lines are no such rows.
    """
    rows = [[_unquoted(cell) for cell in line.split("\t")] for line in lines if line.strip()]
    if len(rows) < 2 or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:  # noqa: PLR2004 (a table is 2 by 2)
        return None
    named = columns.find(rows[0], options=options)
    if named is not None and named.speaker is not None:
        return columns.read_rows(rows, named, name=name, options=options)
    guessed = _guessed(rows)
    return columns.read_rows([[], *rows], guessed, name=name, options=options) if guessed else None


def _guessed(rows: Sequence[Sequence[str]]) -> Columns | None:
    if len(rows[0]) != _COLUMNS or not all(times.parse_moment(row[0]) for row in rows):
        return None
    spoken = [at for at in (1, 2) if _holds_labels([row[at] for row in rows])]
    if len(spoken) != 1:
        return None
    return Columns(header=0, text=_COLUMNS - spoken[0], speaker=spoken[0], start=0, end=None, part=None)


def _holds_labels(cells: Sequence[str]) -> bool:
    names = [labels.clean_label(cell) for cell in cells if cell]
    fit = all(labels.is_label(name) and not labels.is_prose(name) for name in names)
    return fit and 0 < len({labels.key_of(name) for name in names}) < len(cells)


def _unquoted(cell: str) -> str:
    text = cell.strip()
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text
