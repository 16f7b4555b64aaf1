"""Reader of tables with one piece of speech a row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import labels, stamps
from voc_pipeline.ingest.decoding import decode
from voc_pipeline.ingest.metadata import SPEAKER_PREFIX, column_key
from voc_pipeline.ingest.tabular import read_table
from voc_pipeline.records import LossReport, RawTranscript, Role, Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXT = ("text", "utterance", "content", "transcript", "transcription", "speech", "sentence", "message")
_SPEAKER = ("speaker", "speaker_name", "speaker_label", "name", "participant", "role", "role_in_call")
_START = ("start", "start_time", "start_seconds", "start_s", "time", "timestamp", "timespan", "begin", "begin_time")
_PART = ("role_in_call", "role")


class RowsReader:
    """Reads .csv and .tsv by their header: a text column, and speaker and start columns if there are any."""

    name = "rows"
    suffixes: tuple[str, ...] = (".csv", ".tsv")

    def read(self, data: bytes, *, name: str) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        text, warnings = decode(data, name=name)
        rows = [row for _, row in read_table(text, name=name)]
        header = [column_key(cell) for cell in rows[0]] if rows else []
        text_at, speaker_at, start_at = (_find(header, names) for names in (_TEXT, _SPEAKER, _START))
        if text_at is None:
            raise RefusedError(
                f"none of its {len(header)} columns is the text",
                where=name,
                hint=f"Name the columns in the first row: {'|'.join(_TEXT[:4])}, {'|'.join(_SPEAKER[:4])}, "
                f"{'|'.join(_START[:5])}",
            )
        table = _Table(rows[1:], text_at, speaker_at, start_at)
        utterances, loss = table.utterances()
        if not utterances:
            raise RefusedError("no row holds speech", where=name, hint="Export the transcript again")
        if table.unreadable_times:
            warnings = (*warnings, f"{table.unreadable_times} start times can't be read (seconds or h:mm:ss)")
        part_at = _find(header, _PART)
        parts = table.parts(part_at) if part_at is not None and part_at != speaker_at else {}
        return RawTranscript(utterances, parts, loss, warnings)


def _find(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


class _Table:
    def __init__(
        self, rows: Sequence[Sequence[str]], text_at: int, speaker_at: int | None, start_at: int | None
    ) -> None:
        self.rows = rows
        self.text_at = text_at
        self.speaker_at = speaker_at
        self.start_at = start_at
        self.unreadable_times = 0

    def utterances(self) -> tuple[tuple[Utterance, ...], LossReport]:
        """Read the rows; one without a speaker is spoken by the one above."""
        found: list[Utterance] = []
        dropped: Counter[str] = Counter()
        previous, inferred = None, 0
        for row in self.rows:
            speaker = labels.clean_label(_cell(row, self.speaker_at)) or None
            previous = speaker or previous
            text = _cell(row, self.text_at)
            if not text:
                dropped["row without text"] += 1
                continue
            inferred += speaker is None and previous is not None
            found.append(Utterance(previous, text, self._start(_cell(row, self.start_at))))
        loss = LossReport(len(self.rows), len(found), tuple(dropped.items()), inferred)
        return tuple(found), loss

    def parts(self, column: int) -> dict[str, str]:
        """Read who plays which part, where a column of its own says so in every row of a speaker alike."""
        said: dict[str, set[str]] = {}
        for row in self.rows:
            if label := labels.clean_label(_cell(row, self.speaker_at)):
                said.setdefault(label, set()).add(_cell(row, column).casefold())
        one = {label: next(iter(parts)) for label, parts in said.items() if len(parts) == 1}
        return {f"{SPEAKER_PREFIX}{label}": part for label, part in one.items() if part in set(Role)}

    def _start(self, cell: str) -> float | None:
        if not cell:
            return None
        number: float | None
        try:
            number = float(cell.replace(",", "."))
        except ValueError:
            number = stamps.whole(cell)
        if number is None or not -1e9 < number < 1e9:  # noqa: PLR2004 (also NaN and infinity; 30 years)
            self.unreadable_times += 1
            return None
        return number


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""
