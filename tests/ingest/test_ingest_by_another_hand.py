"""Transcripts whose right reading was written down by someone who had not seen the readers.

What is not read right yet is listed in NOT_YET: such a case must fail, so that the list can only shrink.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import read_transcript

FOLDER = Path(__file__).parent / "by_another_hand"
CASES = sorted(path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json"))
NOT_YET = {
    "bracket_name.srt": "[Name] captions",
    "bracket_name.vtt": "[Name] captions",
    "chapter_list.md": "a list of chapters is taken for unlabelled speech",
    "entities.vtt": "HTML entities beyond those of WebVTT",
    "inline_constructs.docx": "a non-breaking hyphen is kept as such",
    "meet_gemini.docx": "Gemini's notes are read as speech",
    "meet_gemini_sparse_stamps.docx": "Gemini's notes are read as speech",
    "meet_notes_only.docx": "Gemini's notes are read as speech",
    "noscribe_editor_export.vtt": "stamps repeated in the text",
    "nvivo_rows.txt": "NVivo's tab rows",
    "nvivo_shorthand.txt": "NVivo's tab rows",
    "otter_time_only.txt": "headers of a time alone",
    "paren_speaker.vtt": "(Speaker) lines",
    "range_bracket_no_speaker.txt": "time ranges without speakers",
    "teams_new_localised.docx": "closing lines in other languages than English",
    "teams_old_separate_paragraphs.docx": "old Teams, a paragraph a line",
    "teams_unattributed.txt": "Teams without names",
    "timecodes_no_turns.docx": "prose with a few times is taken for unlabelled speech",
    "timecodes_no_turns.txt": "prose with a few times is taken for unlabelled speech",
    "youtube_rolling.vtt": "rolling captions say each line twice",
    "zoom_cues_without_speaker.vtt": "a wrapped cue whose second line looks like a label",
}


def merged(pieces: list[tuple[str | None, str]]) -> list[tuple[str | None, str]]:
    turns: list[tuple[str | None, str]] = []
    for speaker, text in pieces:
        words = " ".join(text.split())
        if turns and turns[-1][0] == speaker:
            turns[-1] = (speaker, f"{turns[-1][1]} {words}")
        else:
            turns.append((speaker, words))
    return turns


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.xfail(reason=NOT_YET[name], strict=True)] if name in NOT_YET else [])
        for name in CASES
    ],
)
def test_a_transcript_reads_as_another_hand_expects(name: str) -> None:
    expected: dict[str, Any] = json.loads((FOLDER / f"{name}.expected.json").read_text(encoding="utf-8"))
    data = (FOLDER / name).read_bytes()
    if expected["outcome"] == "refused":
        with pytest.raises(RefusedError):
            read_transcript(data, name=name)
        return
    raw = read_transcript(data, name=name)
    found = merged([(utterance.speaker, utterance.text) for utterance in raw.utterances])
    assert found == merged([(turn["speaker"], turn["text"]) for turn in expected["turns"]])


def test_most_cases_are_read_right() -> None:
    assert len(CASES) >= 98
    assert set(NOT_YET) <= set(CASES)
    assert len(NOT_YET) / len(CASES) < 0.25
