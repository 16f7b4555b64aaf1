"""Speakers that a time, a line of its own or nothing at all marks; and those that can't be told."""

from __future__ import annotations

import time

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import read_transcript

LED = (
    "[00:05] Ben Li\nWelcome.\n\n[00:11] Ana Ruiz\nSo?\n\n[00:20] observer\nI listen.\n\n[00:31] Ana Ruiz\n"
    "Well then.\n\n[00:40] +1 555 010 2233\nAnd I.\n"
)


def said(text: str, name: str = "talk.txt") -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in read_transcript(text.encode(), name=name).utterances]


@pytest.mark.parametrize("form", ["[{}]", "({})", "00:{}"])
def test_somebody_who_speaks_once_below_time_and_name_keeps_their_words(form: str) -> None:
    text = LED
    for clock in ("00:05", "00:11", "00:20", "00:31", "00:40"):
        text = text.replace(f"[{clock}]", form.format(clock))
    assert [speaker for speaker, _ in said(text)] == ["Ben Li", "Ana Ruiz", "observer", "Ana Ruiz", "+1 555 010 2233"]


def test_times_with_a_name_or_a_title_each_once_are_refused() -> None:
    with pytest.raises(RefusedError, match="2 times are followed by a name or a title, each only once"):
        said("[00:00] Opening Words\nWe talk about it.\n\n[05:00] Closing Words\nAnd then some.\n")


@pytest.mark.parametrize("form", ["{}\n{}", "{}\n\n{}", "### {}\n{}", "{}\n0:07\n{}"])
def test_names_on_lines_of_their_own(form: str) -> None:
    turns = [("Ana Ruiz", "So?"), ("Ben Li", "Yes"), ("Ana Ruiz", "Oh."), ("Ben Li", "It is."), ("Cleo Park", "Well.")]
    assert said("\n\n".join(form.format(*turn) for turn in turns), "talk.md") == turns


@pytest.mark.parametrize("form", ["{} - {}", "- {} | {}", "{} @ 0:07\n{}", "{}; {}"])
def test_names_in_a_form_that_is_not_read_are_refused(form: str) -> None:
    turns = [("Ana Ruiz", "So it is?"), ("Ben Li", "Yes it is."), ("Ana Ruiz", "Oh my."), ("Ben Li", "It was.")]
    with pytest.raises(RefusedError, match="4 lines seem to begin with a speaker's name"):
        said("\n\n".join(form.format(*turn) for turn in turns))


def test_numbers_of_lines_are_no_speech() -> None:
    assert said("1. Ana: a\n2. Ben: b\n3. Ana: 4 of us\n4. Ben: d") == [
        ("Ana", "a"),
        ("Ben", "b"),
        ("Ana", "4 of us"),
        ("Ben", "d"),
    ]


@pytest.mark.parametrize(
    "phrase", ["And twice", "And Twice", "First reason", "My point", "Point One", "In Short", "Again"]
)
def test_a_phrase_that_recurs_before_a_colon_is_prose(phrase: str) -> None:
    text = f"Ana Ruiz: So?\n\nBen Li: It is.\n{phrase}: we test it.\n\n" * 4
    assert {speaker for speaker, _ in said(text)} == {"Ana Ruiz", "Ben Li"}


@pytest.mark.parametrize("label", ["ana.ruiz", "j_smith", "anna-li"])
def test_names_of_accounts_speak(label: str) -> None:
    assert said(f"{label}: a\nben: b\n{label}: c\nben: d") == [(label, "a"), ("ben", "b"), (label, "c"), ("ben", "d")]


def test_a_head_of_fields_in_paragraphs_is_no_speech() -> None:
    head = "Interview 7\n\nDate: 4 March\n\nInterviewer: Kim Smith\n\nParticipant: P07\n\nPlace: Zoom\n\n"
    assert said(head + "I: a\n\nP: b") == [("I", "a"), ("P", "b")]


def test_what_closes_a_recording_is_no_speech() -> None:
    assert said("I: a\nP: b\n\n[End of recording]\n") == [("I", "a"), ("P", "b")]


@pytest.mark.parametrize("line", ["Ana Ruiz  0:49\n", "[00:00:05] Ana Ruiz\n", "Ana:\n"])
def test_bare_headers_are_refused_soon(line: str) -> None:
    begun = time.process_time()
    with pytest.raises(RefusedError):
        said(line * (100_000 // len(line)))
    assert time.process_time() - begun < 3
