from __future__ import annotations

from collections import Counter

import pytest

from voc_pipeline.ingest.cues import Cue, cut_cues, is_caption_file, lines_above, plain, without_repeats


def cues_of(*shown: str) -> list[Cue]:
    return [Cue(float(at), tuple(lines.split("\n"))) for at, lines in enumerate(shown)]


def kept(*shown: str) -> tuple[list[str], int]:
    dropped: Counter[str] = Counter()
    cues = without_repeats(cues_of(*shown), dropped)
    return [line for cue in cues for line in cue.lines], dropped.total()


def test_rolling_captions_say_each_line_once() -> None:
    assert kept("a", "a\nb", "b", "b\nb", "b", "b\nc", "c") == (["a", "b", "b", "c"], 6)


@pytest.mark.parametrize(
    "shown",
    [
        ["Thank you."] * 6,
        ["Dana: yes\nDana: yes", "Dana: yes\nno", "Ben: no", "Ben: no"],
        ["a\nb", "c\nd", "e\nf"],
        ["a"],
    ],
)
def test_words_said_twice_in_other_captions_stay(shown: list[str]) -> None:
    assert kept(*shown) == ([line for lines in shown for line in lines.split("\n")], 0)


def test_every_line_of_a_file_is_in_a_cue_or_counted() -> None:
    text = (
        "WEBVTT a title\nKind: captions\n\nSTYLE\n::cue { }\n\nNOTE\na path\n\n1\n00:00:01.000 --> 00:00:02.000 line:0"
        "\none\n\ntwo\n\nNOTE more\n\n2\n00:00:03.000 --> 00:00:04.000\n7\n"
    )
    dropped: Counter[str] = Counter()
    cues = cut_cues(text.split("\n"), dropped, comments=True)
    assert cues == [Cue(1.0, ("one", "two")), Cue(3.0, ("7",))]
    assert +dropped == Counter({"head of the file": 6, "cue number": 2, "time stamp": 2, "comment": 1})


def test_where_every_other_line_is_blank_numbers_are_still_ids() -> None:
    text = "1\n\n00:00:01,000 --> 00:00:02,000\n\nhow many\n\n2\n\n00:00:03,000 --> 00:00:04,000\n\n42\n"
    assert [cue.lines for cue in cut_cues(text.split("\n"), Counter(), comments=False)] == [("how many",), ("42",)]


def test_subrip_has_no_comments() -> None:
    lines = ["00:00:01,000 --> 00:00:02,000", "so", "", "NOTE that"]
    assert cut_cues(lines, Counter(), comments=False) == [Cue(1.0, ("so", "NOTE that"))]


def test_speech_that_looks_like_a_time_is_no_timing() -> None:
    lines = ["00:01.000 --> 00:02.000", "02:34.567 --> that is how it is written", "07:30"]
    assert cut_cues(lines, Counter(), comments=True) == [Cue(1.0, tuple(lines[1:]))]


@pytest.mark.parametrize(
    ("above", "count"),
    [("WEBVTT\nKind: x\n\nNOTE x\ny\n\n1\n", 0), ("", 0), ("an id\n", 0), ("We met.\nHi.\n\n", 2), ("1\n\n", 0)],
)
def test_lines_above_the_first_cue_that_may_be_speech(above: str, count: int) -> None:
    assert lines_above(f"{above}00:01.000 --> 00:02.000\nso".split("\n")) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:03,000 --> 00:00:04,000\nb", True),
        ("00:01.000 --> 00:02.000\n<v Dana>a\n\n00:03.000 --> 00:04.000\nb", True),
        ("[00:01 --> 00:02]\nDana: a\n\n[00:03 --> 00:04]\nBen: b", False),
        ("0:0:1.0 --> 0:0:2.0\nDana\na\n0:0:3.0 --> 0:0:4.0\nBen\nb", False),
        ("Dana: a\nBen: b", False),
    ],
)
def test_captions_that_were_saved_as_text(text: str, expected: bool) -> None:  # noqa: FBT001 (a table's column)
    assert is_caption_file(text.split("\n")) is expected


def test_tags_go_before_entities_are_decoded() -> None:
    assert plain("so<00:00:00.375><c> we</c> &lt;b&gt; {\\an8}<i>x</i> 3 < 4") == "so we <b> x 3 < 4"
