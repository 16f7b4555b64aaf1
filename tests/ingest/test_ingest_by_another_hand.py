"""Transcripts whose right reading was written down by someone who had not seen the readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from voc_pipeline.config import InboxSection
from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import inbox
from voc_pipeline.ingest.reading import read_transcript
from voc_pipeline.operations.sources import read_source
from voc_pipeline.records import ReadingOptions

FOLDER = Path(__file__).parent / "by_another_hand"
CASES = sorted(
    name
    for path in FOLDER.glob("*.expected.json")
    if not (name := path.name.removesuffix(".expected.json")).endswith(".zip")
)
FORMS = ("whisper", "whisperx")

Turn = tuple[str | None, str, list[float | None]]


def merged(pieces: list[Turn]) -> list[Turn]:
    turns: list[Turn] = []
    for speaker, text, starts in pieces:
        words = " ".join(text.split())
        if turns and turns[-1][0] == speaker:
            turns[-1] = (speaker, f"{turns[-1][1]} {words}", turns[-1][2])
        else:
            turns.append((speaker, words, starts))
    return turns


def read(name: str, options: ReadingOptions = ReadingOptions()) -> list[Turn]:  # noqa: B008 (frozen)
    raw = read_transcript((FOLDER / name).read_bytes(), name=name, options=options)
    return merged([(one.speaker, one.text, [one.start_seconds]) for one in raw.utterances])


def wanted(turns: list[dict[str, Any]]) -> list[Turn]:
    return merged([(one["speaker"], one["text"], [one["start"], *one.get("start_also", [])]) for one in turns])


def said(turns: list[Turn]) -> list[tuple[str | None, str]]:
    return [(speaker, text) for speaker, text, _ in turns]


def same_time(found: float | None, accepted: list[float | None]) -> bool:
    if found is None:
        return None in accepted
    return any(found == pytest.approx(start, abs=0.01) for start in accepted if start is not None)


def expectation(name: str) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((FOLDER / f"{name}.expected.json").read_text(encoding="utf-8"))
    return expected


@pytest.mark.parametrize("name", CASES)
def test_a_transcript_reads_as_another_hand_expects(name: str) -> None:
    expected = expectation(name)
    if expected["outcome"] == "refused":
        with pytest.raises(RefusedError):
            read(name)
        return
    found = read(name)
    readings = [wanted(turns) for turns in (expected["turns"], *expected.get("turns_also", []))]
    right = next((turns for turns in readings if said(turns) == said(found)), readings[0])
    assert said(found) == said(right)
    pairs = zip(found, right, strict=True)
    late = [(start, accepted) for (_, _, [start]), (_, _, accepted) in pairs if not same_time(start, accepted)]
    assert late == []


@pytest.mark.parametrize("name", [name for name in CASES if "path_map" in expectation(name)])
def test_a_path_map_reads_what_another_hand_expects(name: str) -> None:
    expected = expectation(name)
    settings = {f"json_{field}": path for field, path in expected["path_map"].items()}
    milliseconds = expected.get("time_unit") == "ms"
    options = ReadingOptions(**settings, milliseconds=milliseconds)
    found = read(name, options)
    assert said(found) == said(wanted(expected["turns"]))
    assert [start for _, _, [start] in found] == pytest.approx([turn["start"] for turn in expected["turns"]])


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_of_one_recording_have_equal_turns(form: str) -> None:
    names = [name for name in CASES if name.startswith(f"same_recording_{form}.")]
    read_alike = [read(name) for name in names]
    assert len(names) == 4
    assert all(said(turns) == said(read_alike[0]) for turns in read_alike)
    timed = [turns for name, turns in zip(names, read_alike, strict=True) if not name.endswith(".txt")]
    starts = [[start for _, _, [start] in turns] for turns in timed]
    assert all(one == pytest.approx(starts[0]) for one in starts)


@pytest.mark.parametrize("name", ["two_and_macosx.zip", "folders_mixed.zip"])
def test_an_archive_holds_what_another_hand_expects(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    entries = inbox.scan(tmp_path, InboxSection())
    expected = {f"{name}/{member}": one for member, one in expectation(name)["members"].items()}
    assert {item.path for item in entries} == set(expected)
    for item in entries:
        _, data = read_source(tmp_path, item)
        assert isinstance(data, bytes)
        if expected[item.path]["outcome"] == "refused":
            with pytest.raises(RefusedError):
                read_transcript(data, name=item.path)
            continue
        raw = read_transcript(data, name=item.path)
        found = merged([(one.speaker, one.text, [one.start_seconds]) for one in raw.utterances])
        assert said(found) == said(wanted(expected[item.path]["turns"]))


def test_no_case_is_lost() -> None:
    assert len(CASES) == 119
    refused = {name for name in CASES if expectation(name)["outcome"] == "refused"}
    assert refused == {name for name in CASES if expectation(name).get("well_formed") is False}
