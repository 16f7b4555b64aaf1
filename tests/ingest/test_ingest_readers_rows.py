from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import read_transcript

if TYPE_CHECKING:
    from voc_pipeline.records import RawTranscript


def read(text: str, name: str = "talk.csv") -> RawTranscript:
    return read_transcript(text.encode(), name=name)


@pytest.mark.parametrize("speaker", ["speaker", "Speaker Name", "name", "role"])
@pytest.mark.parametrize("text", ["text", "Utterance", "content", "transcript"])
@pytest.mark.parametrize("start", ["start", "time", "Timestamp", "start_seconds"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_are_found_by_their_names(speaker: str, text: str, start: str, delimiter: str) -> None:
    rows = [(text, "id", start, speaker), ("Hello", "1", "00:01:02", "Dana"), ("Hi", "2", "63", "Ben")]
    raw = read("\n".join(delimiter.join(row) for row in rows))
    assert [(one.speaker, one.text, one.start_seconds) for one in raw.utterances] == [
        ("Dana", "Hello", 62.0),
        ("Ben", "Hi", 63.0),
    ]


@pytest.mark.parametrize(
    ("cell", "start"), [("1.5", 1.5), ("1:02", 62.0), ("0:01 - 0:04", 1.0), ("", None), ("soon", None), ("nan", None)]
)
def test_start_times(cell: str, start: float | None) -> None:
    raw = read(f"start,speaker,text\n{cell},Dana,Hello\n")
    assert raw.utterances[0].start_seconds == start
    assert len(raw.warnings) == (cell in {"soon", "nan"})


def test_a_row_without_speaker_is_spoken_by_the_one_above() -> None:
    raw = read('sep=;\nspeaker;text\nDana;"one; ""two"""\n;three\n;\nBen;four\n')
    assert [(one.speaker, one.text) for one in raw.utterances] == [("Dana", 'one; "two" three'), ("Ben", "four")]
    assert raw.loss.inferred_speakers == 1


def test_a_column_of_parts_tells_the_roles() -> None:
    raw = read("speaker,role,text\nDana,Participant,a\nBen,interviewer,b\nKim,Lab manager,c\n")
    assert raw.metadata == {"speakers.Dana": "participant", "speakers.Ben": "interviewer"}


ASKED = "participant,role,text\nDana Wu,Interviewer,a?\nDana Wu,Respondent,b\nDana Wu,Interviewer,c?\n"


def test_where_one_label_asks_and_answers_the_part_is_the_speaker() -> None:
    raw = read(ASKED + "Dana Wu,Respondent,d\n")
    assert [(one.speaker, one.text) for one in raw.utterances] == [
        ("Interviewer", "a?"), ("Respondent", "b"), ("Interviewer", "c?"), ("Respondent", "d"),
    ]  # fmt: skip
    assert raw.metadata == {"speaker_name": "Dana Wu"}


@pytest.mark.parametrize("slip", ["participant", "lab manager"])
def test_a_slip_in_the_column_of_parts_leaves_the_speakers(slip: str) -> None:
    rows = "Ben,interviewer,a?\nDana,participant,b\n" * 12
    raw = read(f"speaker,role,text\n{rows}Ben,{slip},c?\n")
    assert {one.speaker for one in raw.utterances} == {"Ben", "Dana"}
    assert raw.metadata == {"speakers.Dana": "participant"}


def test_tables_that_cannot_be_read_are_refused_without_quoting_them() -> None:
    with pytest.raises(RefusedError, match="none of its 2 columns is the text") as caught:
        read("Dana,I was told secrets\nBen,more of them\n")
    assert "secret" not in str(caught.value)
    assert "text|utterance|content|transcript" in caught.value.hint
    with pytest.raises(RefusedError, match="this is no table of rows and columns"):
        read('speaker,text\nDana,"never closed\n')
    with pytest.raises(RefusedError, match="no row holds speech"):
        read("speaker,text\nDana,\n")
