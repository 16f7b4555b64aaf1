from __future__ import annotations

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.meetings import speech_of

NOTES = ["\U0001f4dd Notes", "Invited ana@example.org", "Ana Ruiz: wants a refund"]
REVIEW = "You should review Gemini's notes to make sure they're accurate."
TALK = ["00:00:00", "Ana Ruiz: How was it?", "Ben Li: Fine: really.", "00:05:00", "", "Ana Ruiz: Thanks."]


@pytest.mark.parametrize(
    "above",
    [
        [*NOTES, REVIEW, "\U0001f4d6 Transcript", "Budget - Transcript"],
        ["Notizen", "Ana Ruiz: will Geld zur\u00fcck", "\U0001f4d6 Transkript"],
        ["Weekly (2026-03-01 10:00 GMT+1) \u2013 Transcript"],
        ["Ana Ruiz: wants a refund", REVIEW],
    ],
)
@pytest.mark.parametrize("end", [[], ["Transcription ended after 00:06:44", "It may contain errors."], NOTES])
def test_only_the_transcript_of_a_meet_document_is_speech(above: list[str], end: list[str]) -> None:
    kept, dropped = speech_of([*above, *TALK, *end], name="x")
    assert kept == TALK
    assert dropped == {"notes of the meeting": len(above) + len(end)}


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["Ben Li: Shall we?", *TALK],  # nothing shows that Meet wrote it
        ["Ana Ruiz: Gemini was a great help.", "Ben Li: To whom?"],
        ["\U0001f4dd Interview 7", "Ana Ruiz: Good day.", "Ben Li: Hello."],
        ["Ana Ruiz   0:01\nTranscription ended badly.", "Ben Li   0:09\nBen Li: I stopped the transcript."],
        ["Ana Ruiz   0:01\nHello.", "We stopped transcription"],
    ],
)
def test_all_else_is_left_alone(paragraphs: list[str]) -> None:
    assert speech_of(paragraphs, name="x") == (paragraphs, {})


@pytest.mark.parametrize("paragraphs", [[*NOTES, "Gemini"], ["Summary", REVIEW], [*NOTES, REVIEW, "00:01:00", "So."]])
def test_notes_without_a_transcript_are_refused(paragraphs: list[str]) -> None:
    with pytest.raises(
        RefusedError, match="these are Gemini's notes of a meeting, and no transcript follows"
    ) as caught:
        speech_of(paragraphs, name="x")
    assert "Transcript tab" in caught.value.hint
    assert "ana" not in str(caught.value)


@pytest.mark.parametrize(
    "remark",
    [
        "Ana Ruiz started transcription",
        "Ana Ruiz hat die Transkription beendet",
        "Ana Ruiz ha detenido la transcripci\u00f3n",
        "Ana Ruiz a arr\u00eat\u00e9 la transcription",
        "Ana Ruiz \u304c\u6587\u5b57\u8d77\u3053\u3057\u3092\u958b\u59cb\u3057\u307e\u3057\u305f",
    ],
)
def test_who_began_and_ended_a_teams_transcription_is_no_speech(remark: str) -> None:
    talk = ["Ana Ruiz   0:04\nShall we?", "Ben Li   1:00:07\nYes."]
    assert speech_of([remark, *talk, remark], name="x") == (talk, {"line of the transcription service": 2})
