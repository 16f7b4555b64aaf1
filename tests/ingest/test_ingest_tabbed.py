from __future__ import annotations

import pytest

from voc_pipeline.ingest.reading import read_transcript


def shown(text: str) -> list[tuple[str | None, str, float | None]]:
    return [
        (one.speaker, one.text, one.start_seconds) for one in read_transcript(text.encode(), name="a.txt").utterances
    ]


NVIVO = "0:00.0 - 0:05.4\tShall we: now?\tInterviewer\n0:05.4 - 0:19.0\tYes.\tFAS 03\n1:6\tWhy?\tInterviewer\n"


@pytest.mark.parametrize("header", ["", "Timespan\tContent\tSpeaker\n"])
def test_nvivo_rows_with_and_without_the_names_of_their_columns(header: str) -> None:
    assert shown(header + NVIVO) == [
        ("Interviewer", "Shall we: now?", 0.0),
        ("FAS 03", "Yes.", 5.4),
        ("Interviewer", "Why?", 66.0),
    ]


def test_somebody_who_speaks_in_one_row_is_a_speaker_and_an_empty_name_is_the_one_above() -> None:
    raw = read_transcript(b"0:01\tDana\ta?\n0:02\tBen\tb.\n0:03\t\tc!\n0:04\tKlaus\td\n0:05\tDana\t\n", name="a.txt")
    assert [(one.speaker, one.text) for one in raw.utterances] == [("Dana", "a?"), ("Ben", "b. c!"), ("Klaus", "d")]
    assert raw.loss.inferred_speakers == 1
    assert raw.loss.dropped == (("row without text", 1),)
    assert raw.loss.lines_seen == 5


def test_quotes_that_a_spreadsheet_writes_are_no_speech() -> None:
    assert shown('Speaker\tText\nDana\t"a ""b"" c"\nBen\td "e"\n') == [
        ("Dana", 'a "b" c', None),
        ("Ben", 'd "e"', None),
    ]


def test_rows_that_could_be_read_in_two_ways_are_left_to_other_rules() -> None:
    assert shown("0:01\tDana\tYes\n0:02\tBen\tNo\n0:03\tDana\tYes\n0:04\tBen\tNo\n") == [
        ("Dana", "Yes", 1.0),
        ("Ben", "No", 2.0),
        ("Dana", "Yes", 3.0),
        ("Ben", "No", 4.0),
    ]
