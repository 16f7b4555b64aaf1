"""Times without names: speech whose speakers aren't told is kept; chapters, minutes and notes are refused."""

from __future__ import annotations

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.readers.text import TextReader
from voc_pipeline.ingest.reading import read_transcript

OTTER = (
    "Our talk\n\n0:00  \nWhat slows you down?\n\n0:06  \nThe phone.\nAnd the web.\n\nTranscribed by https://otter.ai\n"
)
WHISPER = "[00:00:00.500 --> 00:00:03.900]  What slows you down?\n[00:00:04.100 --> 00:00:14.000]  The phone.\n"
TEAMS = "0:0:1.10 --> 0:0:4.500\n\nWhen?\n\n0:0:5.0 --> 0:0:6.200\n\n07:30\n\n0:1:6.0 --> 0:1:7.0\n\nEvery day.\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OTTER, [(0.0, "What slows you down?"), (6.0, "The phone. And the web.")]),
        (WHISPER, [(0.5, "What slows you down?"), (4.1, "The phone.")]),
        (TEAMS, [(1.01, "When?"), (5.0, "07:30"), (66.0, "Every day.")]),
        ("[00:01] We were asked to wait.\n[00:05] So we did.", [(1.0, "We were asked to wait."), (5.0, "So we did.")]),
        ("[0:00.0 --> 0:01.0] All I say", [(0.0, "All I say")]),
    ],
)
def test_speech_with_times_alone_is_kept_piece_by_piece(text: str, expected: list[tuple[float, str]]) -> None:
    raw = TextReader().read(text.encode(), name="a.txt")
    assert [(one.start_seconds, one.text) for one in raw.utterances] == expected
    assert {one.speaker for one in raw.utterances} == {None}
    assert raw.loss.lines_attributed + sum(count for _, count in raw.loss.dropped) == raw.loss.lines_seen


def test_what_a_timed_text_drops_is_counted() -> None:
    raw = read_transcript(OTTER.encode(), name="a.txt")
    assert raw.loss.dropped == (
        ("before the first speaker", 1),
        ("line of the transcription service", 1),
        ("time stamp", 2),
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("- 00:00 Introduction\n- 03:15 Market\n- 12:40 Competitors\n", 3),
        ("Chapters:\n00:00 Introduction: we\n03:15 Market\n", 2),
        ("Agenda items:\n00:00 Introduction: we\n03:15 Market\n", 2),
        ("1. Introduction (00:00)\n2. Market (03:15)\n", 2),
        ("Introduction 00:00\nMarket 03:15\n", 2),
        ("**00:00** Introduction\n**03:15** Market\n", 2),
        ("| 00:00 | Introduction |\n| 03:15 | Market |\n", 2),
        ("[00:00] Introduction\n[03:15] Market overview\n", 2),
        ("00:00\nIntroduction\n\n03:15\nMarket overview\n", 2),
        ("Prices were discussed at 00:03:15 and at 00:41:20.\nThe rest (00:12:04) was unfair.", 3),
        ("[00:09] We were asked to wait for it.\n[00:05] So we did, all of us.", 2),
        ("We choose by price. #00:00:04-2#\nAnd by age. #00:00:15-8#\n", 2),
    ],
)
def test_times_without_turns_are_refused_and_the_way_out_is_said(text: str, count: int) -> None:
    with pytest.raises(
        RefusedError, match=f"^a.md: {count} time stamps, but no speaker's turn could be told"
    ) as caught:
        read_transcript(text.encode(), name="a.md")
    assert "write each turn as 'Name: text' or 'Name  0:49'" in caught.value.hint
    assert "chapter lists, minutes and notes with times are no transcripts" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "We start at 9:15 every day.\nAt 11:50 we stop. Total runtime 1:45\nand that was it.\n9:15 is early.",
        "It broke [inaudible 00:01:02] twice and [crosstalk 00:01:06] they came.",
        "The log said 00:12:04, and we believed it.",
    ],
)
def test_clock_times_in_speech_without_labels_are_speech(text: str) -> None:
    raw = read_transcript(text.encode(), name="a.txt")
    assert [word for one in raw.utterances for word in one.text.split()] == text.split()
