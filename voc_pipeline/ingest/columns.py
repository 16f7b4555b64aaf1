"""Tables with one piece of speech a row: which column is which, and their rows as utterances."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import labels, times
from voc_pipeline.ingest.metadata import LIST_MARK, SPEAKER_PREFIX, column_key
from voc_pipeline.records import NO_OPTIONS, LossReport, RawTranscript, Role, Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voc_pipeline.records import ReadingOptions

    Rows = Sequence[Sequence[str]]

TEXT = (
    "text", "utterance", "content", "transcript", "transcription", "speech", "sentence", "message", "what_was_said",
    "said", "spoken_text", "dialogue", "statement",
)  # fmt: skip
SPEAKER = (
    "speaker", "speaker_name", "speaker_label", "name", "participant", "who", "spoken_by", "sprecher", "role",
    "role_in_call",
)  # fmt: skip
START = (
    "start", "start_time", "start_seconds", "start_s", "time", "timestamp", "timespan", "timecode", "time_code",
    "begin", "begin_time", "in", "zeit",
)  # fmt: skip
_END = ("end", "end_time", "end_seconds", "end_s", "out")
_PART = ("role_in_call", "role")
_HEADER_ROWS = 20  # how far down the row with the columns' names may stand, below a title
_MAX_HEADER = 60
_SLIP = 10  # a part in fewer than one of so many rows of a speaker is a slip of the pen


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions of a table's columns, from 0; None for one that it lacks. ``header`` is the row that names them."""

    header: int
    text: int
    speaker: int | None
    start: int | None
    end: int | None
    part: int | None


def find(header: Sequence[str], *, options: ReadingOptions = NO_OPTIONS, row: int = 0) -> Columns | None:
    """Tell a table's columns by their names: those that the study set first, then the usual ones.

    Args:
        header: Cells of the row that may name the columns.
        options: The study's own names.
        row: The row's position in its table.

    Returns:
        None where no column is the text.
    """
    keys = [column_key(cell) if len(cell) <= _MAX_HEADER else "" for cell in header]

    def position(*names: str) -> int | None:
        return next((keys.index(name) for name in map(column_key, names) if name in keys), None)

    text = position(*options.text_columns, *TEXT)
    if text is None:
        return None
    keys[text] = ""
    speaker = position(*options.speaker_columns, *SPEAKER)
    part = position(*_PART)
    return Columns(
        header=row,
        text=text,
        speaker=speaker,
        start=position(*options.start_columns, *START),
        end=position(*_END),
        part=part if part != speaker else None,
    )


def locate(rows: Rows, options: ReadingOptions) -> Columns | None:
    """Find the row that names the columns: the first row, or one below a title that names a speaker or a time too."""
    for at, row in enumerate(rows[:_HEADER_ROWS]):
        found = find(row, options=options, row=at)
        if found and (at == 0 or found.speaker is not None or found.start is not None):
            return found
    return None


def no_text_column(rows: Rows, *, name: str) -> RefusedError:
    """Say that no column is the text, and how to name it."""
    width = len(rows[0]) if rows else 0
    usual = (TEXT[:4], SPEAKER[:4], START[:5])
    return RefusedError(
        f"none of its {width} columns is the text",
        where=name,
        hint=f"Name the columns in the first row: {', '.join(map('|'.join, usual))}; "
        "or tell their names in voc.toml, [formats], as text_columns, speaker_columns and start_columns",
    )


@dataclass(frozen=True, slots=True)
class _Row:
    speaker: str | None
    text: str
    start: times.Moment | None
    end: times.Moment | None


def read_rows(rows: Rows, columns: Columns, *, name: str, options: ReadingOptions) -> RawTranscript:
    """Read a table whose columns are known; a row without a speaker is spoken by the one above.

    Args:
        rows: All rows, blank ones left out, every cell a string.
        columns: As `locate` found them.
        name: The file's name, for messages.
        options: The study's settings.

    Raises:
        RefusedError: No row holds speech.
    """
    body = rows[columns.header + 1 :]
    columns, metadata = _settled(body, columns)
    dropped = Counter({"above the columns' names": columns.header})
    spoken = []
    inferred = unreadable = 0
    previous: str | None = None
    for row in body:
        speaker = labels.clean_label(_cell(row, columns.speaker)) or None
        previous = speaker or previous
        start, end = (times.parse_moment(_cell(row, at)) for at in (columns.start, columns.end))
        unreadable += start is None and bool(_cell(row, columns.start))
        if text := _cell(row, columns.text):
            inferred += speaker is None and previous is not None
            spoken.append(_Row(previous, text, start, end))
        else:
            dropped["row without text"] += 1
    if not spoken:
        raise RefusedError("no row holds speech", where=name, hint="Export the transcript again")
    loss = LossReport(columns.header + len(body), len(spoken), tuple(sorted((+dropped).items())), inferred)
    warnings = (f"{unreadable} start times can't be read (seconds or h:mm:ss)",) if unreadable else ()
    return RawTranscript(tuple(_utterances(spoken, options)), metadata, loss, warnings)


def _utterances(rows: Sequence[_Row], options: ReadingOptions) -> Iterator[Utterance]:
    spans = [(row.start, row.end) for row in rows]
    words = sum(len(row.text.split()) for row in rows)
    thousandths = times.are_milliseconds(spans, words=words, options=options)
    for row in rows:
        yield Utterance(row.speaker, row.text, row.start.seconds(milliseconds=thousandths) if row.start else None)


def _settled(body: Rows, columns: Columns) -> tuple[Columns, dict[str, str]]:
    """Tell which column is the speaker, and what it says of them.

    Where one label plays several parts, its column holds whom the interview is with; then the part is the speaker, and
    the labels stay known as names.
    """
    said: dict[str, Counter[Role]] = {}
    present = {labels.clean_label(_cell(row, columns.part)) for row in body} - {""}
    roles = {label: labels.role_of_label(label, present) for label in present}
    names: dict[str, None] = {}
    for row in body if columns.part is not None else ():
        if label := labels.clean_label(_cell(row, columns.speaker)):
            names.setdefault(label)
            if role := roles.get(labels.clean_label(_cell(row, columns.part))):
                said.setdefault(labels.key_of(label), Counter())[role] += 1
    if not any(len(parts) > 1 and parts.most_common(2)[1][1] * _SLIP >= parts.total() for parts in said.values()):
        return columns, _parts(body, columns)
    return replace(columns, speaker=columns.part, part=None), {"speaker_name": LIST_MARK.join(names)}


def _parts(body: Rows, columns: Columns) -> dict[str, str]:
    """Read who plays which part, where a column of its own says so in every row of a speaker alike."""
    said: dict[str, set[str]] = {}
    if columns.part is None:
        return {}
    for row in body:
        if label := labels.clean_label(_cell(row, columns.speaker)):
            said.setdefault(label, set()).add(_cell(row, columns.part).casefold())
    one = {label: next(iter(parts)) for label, parts in said.items() if len(parts) == 1}
    return {f"{SPEAKER_PREFIX}{label}": part for label, part in one.items() if part in set(Role)}


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""
