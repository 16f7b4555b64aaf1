from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.json_paths import follow
from voc_pipeline.ingest.reading import read_transcript
from voc_pipeline.records import NO_OPTIONS, RawTranscript, ReadingOptions

Shown = list[tuple[str | None, str, float | None]]


def read(value: object, options: ReadingOptions = NO_OPTIONS) -> RawTranscript:
    return read_transcript(json.dumps(value).encode(), name="talk.json", options=options)


def shown(value: object, options: ReadingOptions = NO_OPTIONS) -> Shown:
    return [(one.speaker, one.text, one.start_seconds) for one in read(value, options).utterances]


def word(text: str, start: float | None = None, speaker: str | None = None) -> dict[str, Any]:
    said = {"word": text, "start": start, "speaker": speaker}
    return {key: value for key, value in said.items() if value is not None}


ANSWER = {"speaker": "Ana", "text": "We did.", "start": 4.5}
QUESTION = {"speaker": "Ben", "text": "Did you?", "start": 1}
TALK: Shown = [("Ben", "Did you?", 1.0), ("Ana", "We did.", 4.5)]


@pytest.mark.parametrize(
    "value",
    [
        [QUESTION, ANSWER],
        {"segments": [QUESTION, ANSWER]},
        {"meta": {"title": "x"}, "results": {"utterances": [QUESTION, ANSWER]}},
        {"transcript": [{"speaker_name": "Ben", "sentence": "Did you?", "start_time": "00:00:01"},
                        {"speaker_name": "Ana", "sentence": "We did.", "start_time": "4,5"}]},
        {"chunks": [{"speaker": "Ben", "text": "Did you?", "timestamp": [1.0, 2.0]},
                    {"speaker": "Ana", "text": "We did.", "timestamp": [4.5, None]}]},
        {"transcription": [{"speaker": "Ben", "timestamps": {"from": "00:00:01,000"}, "text": " Did you?"},
                           {"speaker": "Ana", "timestamps": {"from": "00:00:04,500"}, "text": " We did."}]},
        {"whatever": [{"who": {"id": 3, "name": "Ben"}, "said": "Did you?", "at": 1},
                      {"who": {"id": 4, "name": "Ana"}, "said": "We did.", "at": 4.5}]},
        {"segments": [ANSWER, QUESTION]},  # backwards in time
        {"utterances": [QUESTION, ANSWER], "segments": [{"text": "Did you? We did.", "start": 1}]},
        {"utterances": [QUESTION, ANSWER], "words": [{"text": "Did", "speaker": "Ben", "start": 1}]},
        {"segments": [{**QUESTION, "text": None, "words": [word("Did"), word("you?")]}, ANSWER]},
        {"segments": [{"start": 1, "words": [word(" Did", 1, "Ben"), word(" you?", None), word(" We", 4.5, "Ana"),
                                             word(" did.")]}]},
        {"monologues": [{"speaker": "Ben", "elements": [{"value": "Did", "ts": 1}, {"value": " "}, {"value": "you"},
                                                        {"value": "?"}]}, ANSWER]},
        {"id": 1, "text": "Did you? We did.", "words": [word("Did", 1, "Ben"), word("you?", 2, "Ben"),
                                                        word("We", 4.5, "Ana"), word("did.", 5, "Ana")]},
    ],
)  # fmt: skip
def test_a_list_that_is_obviously_one_of_turns_is_read(value: object) -> None:
    assert shown(value) == TALK


def test_words_that_run_backwards_are_turned_round_and_keep_those_without_a_time() -> None:
    words = [word("go.", 9), word("one", 8), word("£13.60"), word("at", 5), word("2266"), word("We", 3)]
    assert shown({"segments": [{"start": 3, "speaker": "Ana", "words": words}]})[0][1] == "We 2266 at £13.60 one go."


def test_numbers_are_milliseconds_where_nobody_could_speak_so_slowly() -> None:
    fast = [
        {"speaker": "A", "text": "one two", "start": 250, "end": 1900},
        {"speaker": "B", "text": "x", "start": 2000},
    ]
    assert [start for *_, start in shown(fast)] == [0.25, 2.0]
    assert [start for *_, start in shown(fast, ReadingOptions(milliseconds=False))] == [250.0, 2000.0]
    slow = [{"speaker": "A", "text": "one two", "start": 0}, {"speaker": "B", "text": "x", "start": 90}]
    assert [start for *_, start in shown(slow)] == [0.0, 90.0]
    assert [start for *_, start in shown(slow, ReadingOptions(milliseconds=True))] == [0.0, 0.09]


def test_who_is_missing_is_who_spoke_before_and_is_counted() -> None:
    raw = read([QUESTION, {"text": "Really?", "start": 2}, {"text": "", "start": 3}, {**ANSWER, "speaker": 1}])
    assert [(one.speaker, one.text) for one in raw.utterances] == [
        ("Ben", "Did you? Really?"),
        ("Speaker 1", "We did."),
    ]
    assert (raw.loss.lines_seen, raw.loss.lines_attributed, raw.loss.inferred_speakers) == (4, 3, 1)
    assert raw.loss.dropped == (("turn without text", 1),)


def test_whisper_without_segments_is_one_piece_of_speech() -> None:
    assert shown({"text": "Did you? We did.", "language": "en"}) == [(None, "Did you? We did.", None)]
    assert shown({"id": 1, "text": "Did you?", "words": [word("did", 1), word("you", 2)]}) == [(None, "Did you?", 1.0)]


MONOLOGUES = {"monologues": [{"speaker": {"n": "Ben"}, "elements": [{"value": "Did"}, {"value": "you?", "ts": 1}]},
                             {"speaker": {"n": "Ana"}, "elements": [{"value": "We"}, {"value": "did."}]}]}  # fmt: skip


def test_a_path_map_reads_any_other_shape() -> None:
    options = ReadingOptions(
        json_turns="monologues", json_text="elements[].value", json_speaker="speaker.n", json_start="elements[1].ts"
    )
    assert shown(MONOLOGUES, options) == [("Ben", "Did you?", 1.0), ("Ana", "We did.", None)]
    assert shown(MONOLOGUES, ReadingOptions(json_turns="monologues[]", json_text="elements[].value"))[0][0] is None
    assert shown([QUESTION, ANSWER], options) == TALK  # the map leads nowhere in this file, which needs none
    assert pickle.loads(pickle.dumps(options)) == options  # noqa: S301 (our own bytes: a worker is sent them)


def test_paths() -> None:
    value = {"a": [{"b": [1, 2]}, {"b": [3]}, 4], "c d": {"e": 5}}
    assert follow(value, "a[].b[]") == [1, 2, 3]
    assert follow(value, "a[0].b") == [[1, 2]]
    assert follow(value, "a[9].b") == follow(value, "x.y") == follow(value, "c d[]") == []
    assert follow(value, "c d.e") == [5]
    assert follow([1, 2], "[1]") == [2]
    assert follow(value, "") == [value]


@pytest.mark.parametrize("path", ["a..b", ".a", "a[x]", "a[]b", "[] a", "a."])
def test_a_path_that_is_none_is_no_option(path: str) -> None:
    with pytest.raises(ValueError, match=r"a JSON path is written a\.b\[\]\.c"):
        ReadingOptions(json_text=path)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'{"segments": [', "this is no JSON, or it was cut off: Expecting value in line 1"),
        (b'{"text": "caf\xe9"}', "this is no JSON in UTF-8"),
        (b'{"n": ' + b"9" * 5000 + b"}", "this is no JSON in UTF-8"),
        (b"[" * 200_000, "the JSON is nested too deeply to be a transcript"),
        (b'{"items": [{"sku": 1}]}', "this is JSON, but it is no transcript of a known kind"),
        (b'{"a": [{"text": "secret", "start": 1}], "b": [{"text": "other", "start": 1}]}', "it is no transcript"),
        (b'[{"speaker": "Ana", "text": "  "}]', "the file holds no speech"),
        (b"3", "it is no transcript of a known kind"),
    ],
)
def test_what_is_no_transcript_is_refused_without_quoting_it(data: bytes, what: str) -> None:
    with pytest.raises(RefusedError, match=what) as caught:
        read_transcript(data, name="talk.json")
    assert caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_map_that_leads_nowhere_is_told() -> None:
    with pytest.raises(RefusedError, match=r"the path map of voc\.toml leads to no turns in it") as caught:
        read({"items": []}, ReadingOptions(json_turns="results", json_text="said"))
    assert "json_turns, json_text, json_speaker, json_start" in caught.value.hint
