from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import openpyxl  # type: ignore[import-untyped] # (no stubs)
import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.readers import workbook
from voc_pipeline.ingest.reading import read_transcript
from voc_pipeline.records import NO_OPTIONS, RawTranscript, ReadingOptions

Rows = list[list[Any]]
HEADER = ["Speaker", "Start", "Text"]
TALK: Rows = [HEADER, ["Ben", 1, "Did you?"], ["Ana", 4.5, "We did."]]


def book(*sheets: Rows, hidden: int | None = None) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(f"S{number}")
        sheet.sheet_state = "hidden" if number == hidden else "visible"
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def read(data: bytes, options: ReadingOptions = NO_OPTIONS) -> RawTranscript:
    return read_transcript(data, name="talk.xlsx", options=options)


def shown(raw: RawTranscript) -> list[tuple[str | None, str, float | None]]:
    return [(one.speaker, one.text, one.start_seconds) for one in raw.utterances]


WANTED = [("Ben", "Did you?", 1.0), ("Ana", "We did.", 4.5)]


def test_a_title_above_the_columns_and_blank_rows_do_no_harm() -> None:
    raw = read(book([["Interview 7"], [], *TALK[:2], [], TALK[2], [None, None, None]]))
    assert shown(raw) == WANTED
    assert raw.loss.dropped == (("above the columns' names", 1),)
    assert (raw.loss.lines_seen, raw.loss.lines_attributed) == (3, 2)


@pytest.mark.parametrize(
    ("cell", "start"),
    [
        (dt.time(0, 1, 2), 62.0),
        (dt.time(0, 0, 1, 500_000), 1.5),
        (dt.timedelta(hours=30, seconds=1), 108_001.0),
        ("1:02", 62.0),
        ("00:01:02.500", 62.5),
        (62, 62.0),
        (1.25, 1.25),
        (None, None),
    ],
)
def test_times_of_every_kind(cell: object, start: float | None) -> None:
    raw = read(book([HEADER, ["Ben", cell, "Did you?"], ["Ana", None, "We did."]]))
    assert raw.utterances[0].start_seconds == start
    assert raw.warnings == ()


def test_a_day_is_no_time_of_a_recording() -> None:
    raw = read(book([HEADER, ["Ben", dt.datetime(2026, 8, 15, 10, 0, 2), "Did you?"]]))  # noqa: DTZ001 (as Excel has it)
    assert raw.utterances[0].start_seconds is None
    assert raw.warnings == ("1 start times can't be read (seconds or h:mm:ss)",)


def test_values_are_speech_as_they_are_shown() -> None:
    texts = [1900, 0.5, True, "=forty", "two\nlines"]
    data = book([["Speaker", "Text"], *(["Ana", text] for text in texts)])
    made = openpyxl.load_workbook(io.BytesIO(data))
    made.active["B5"].data_type = "s"  # text, not a formula
    stream = io.BytesIO()
    made.save(stream)
    assert read(stream.getvalue()).utterances[0].text == "1900 0.5 True =forty two\nlines"


def test_all_sheets_are_looked_at_and_the_one_with_speech_is_read() -> None:
    codes = [["Code", "Definition"], ["COLD", "Anything cold"]]
    raw = read(book(codes, TALK))
    assert shown(raw) == WANTED
    assert raw.loss.dropped == (("row of another sheet", 2),)
    assert raw.loss.lines_seen == raw.loss.lines_attributed + 2
    assert shown(read(book(TALK, TALK, hidden=0))) == WANTED
    assert shown(read(book([["Text"], ["a remark"]], TALK))) == WANTED


def test_columns_that_the_study_names() -> None:
    rows: Rows = [["Wer", "Wann", "Was", "Name"], ["Ben", 1000, "Did you?", "x"], ["Ana", 4500, "We did.", "x"]]
    options = ReadingOptions(("was",), ("Sprecherin", "Wer"), ("Wann",), milliseconds=True)
    assert shown(read(book(rows), options)) == WANTED


def part(data: bytes, name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename == name else old.read(entry))
    return stream.getvalue()


def test_what_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    cases = [
        (book(TALK, TALK), "2 of its sheets look like transcripts"),
        (book([["Code", "Definition"], ["COLD", "secret"]]), "none of its 2 columns is the text"),
        (book([[]]), "none of its 0 columns is the text"),
        (book([HEADER, ["Ana", 1, None]]), "no row holds speech"),
        (part(book(TALK), sheet, b"<worksheet"), "the workbook is damaged"),
        (part(book(TALK), sheet, b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'), "the Excel workbook declares XML entities"),
        (part(book(TALK), sheet, b" " * 3_000_000), "may be a zip bomb"),
        (book(TALK)[:-30], "the document is cut off or damaged"),
    ]
    for data, what in cases:
        with pytest.raises(RefusedError, match=what) as caught:
            read(data)
        assert caught.value.hint
        assert "secret" not in str(caught.value)
    monkeypatch.setattr(workbook, "MAX_ROWS", 2)
    with pytest.raises(RefusedError, match="a sheet has more than 2 rows"):
        read(book(TALK))
