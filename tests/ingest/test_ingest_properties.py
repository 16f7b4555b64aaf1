"""Arbitrary Unicode speech, written in each format, comes back with the same speakers, words and starts."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.decoding import normalise
from voc_pipeline.ingest.reading import merge_pieces, read_transcript
from voc_pipeline.records import Utterance

if TYPE_CHECKING:
    from collections.abc import Callable

Turn = tuple[str, str, int]
SPEAKERS = ["Dana", "Zoë O'Brien", "李雷", "Doe, Jane", "مريم حداد", "Dr. van den Berg", "Speaker 2", "Björn Ek (Besu)"]
# A line of speech that itself looks like structure is another test's business: no colons, brackets, tabs or marks.
letters = st.characters(
    exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=':\uff1a[]()#<>&*_{}\\"\t\ufeff|~'
)
speech = st.text(letters, min_size=1, max_size=60).filter(
    lambda text: (
        any(character.isalpha() for character in text)
        and text.split()[:1] != []
        and text.strip()[0] not in "->\u2013\u2014\u2022"
    )
)


@st.composite
def conversations(draw: st.DrawFn) -> list[Turn]:
    """At least two turns of two alternating speakers, whose times rise by whole seconds."""
    first, second = draw(st.permutations(SPEAKERS))[:2]
    texts = draw(st.lists(speech, min_size=4, max_size=9))
    gaps = draw(st.lists(st.integers(1, 4000), min_size=len(texts), max_size=len(texts)))
    return [(second if at % 2 else first, text, sum(gaps[: at + 1])) for at, text in enumerate(texts)]


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def as_colons(turns: list[Turn]) -> str:
    return "\n\n".join(f"[{clock(start)}] {speaker}: {text}" for speaker, text, start in turns)


def as_next_lines(turns: list[Turn]) -> str:
    return "\n\n".join(f"{speaker} ({clock(start)}):\n{text}" for speaker, text, start in turns)


def as_otter(turns: list[Turn]) -> str:
    return "".join(f"{speaker}  {clock(start)}  \n{text}\n\n" for speaker, text, start in turns)


def as_bold(turns: list[Turn]) -> str:
    return "\n\n".join(f"**{speaker}:** [{clock(start)}] {text}" for speaker, text, start in turns)


def as_zoom(turns: list[Turn]) -> str:
    cues = [
        f"{number}\n{clock(start)}.000 --> {clock(start + 1)}.000\n{speaker}: {text}\n"
        for number, (speaker, text, start) in enumerate(turns, start=1)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


def as_teams(turns: list[Turn]) -> str:
    return "WEBVTT\n\n" + "\n".join(
        f"{clock(start)}.000 --> {clock(start + 1)}.000\n<v {speaker}>{escape(text)}</v>\n"
        for speaker, text, start in turns
    )


def as_subrip(turns: list[Turn]) -> str:
    return "\n".join(
        f"{number}\n{clock(start)},000 --> {clock(start + 1)},000\n{speaker}: {text}\n"
        for number, (speaker, text, start) in enumerate(turns, start=1)
    )


def as_rows(turns: list[Turn]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    writer.writerow(["start", "speaker", "text"])
    writer.writerows((start, speaker, text) for speaker, text, start in turns)
    return stream.getvalue()


RENDERERS: list[tuple[str, Callable[[list[Turn]], str]]] = [
    (".txt", as_colons), (".txt", as_next_lines), (".txt", as_otter), (".md", as_bold), (".vtt", as_zoom),
    (".vtt", as_teams), (".srt", as_subrip), (".csv", as_rows),
]  # fmt: skip


def reading_of(data: bytes, suffix: str) -> list[tuple[str | None, list[str], float | None]]:
    raw = read_transcript(data, name=f"talk{suffix}")
    return [(one.speaker, one.text.split(), one.start_seconds) for one in raw.utterances]


def expected_of(turns: list[Turn]) -> list[tuple[str | None, list[str], float | None]]:
    return [(speaker, text.split(), float(start)) for speaker, text, start in turns]


@pytest.mark.parametrize(("suffix", "render"), RENDERERS, ids=lambda value: getattr(value, "__name__", value))
@given(turns=conversations())
@settings(max_examples=60, deadline=None)
def test_speech_survives_its_format(suffix: str, render: Callable[[list[Turn]], str], turns: list[Turn]) -> None:
    assert reading_of(render(turns).encode(), suffix) == expected_of(turns)


def xml_safe(text: str) -> str:
    return re.sub("[\x00-\x1f\ufffe\uffff]", "", text)


@given(turns=conversations())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("shape", ["colon", "teams", "table"])
def test_speech_survives_word(docx: Callable[[str], bytes], shape: str, turns: list[Turn]) -> None:
    turns = [(speaker, xml_safe(text) + " so", start) for speaker, text, start in turns]
    body = ""
    for speaker, text, start in turns:
        run = f'<w:t xml:space="preserve">{escape(text)}</w:t>'
        if shape == "colon":
            body += f"<w:p><w:r><w:t>[{clock(start)}] {speaker}: </w:t></w:r><w:ins><w:r>{run}</w:r></w:ins></w:p>"
        elif shape == "teams":
            body += f"<w:p><w:r><w:t>{speaker}   {clock(start)}</w:t><w:br/>{run}</w:r></w:p>"
        else:
            cells = (f"<w:t>{speaker}</w:t>", f"<w:t>{clock(start)}</w:t>", run)
            body += "<w:tr>" + "".join(f"<w:tc><w:p><w:r>{cell}</w:r></w:p></w:tc>" for cell in cells) + "</w:tr>"
    body = f"<w:tbl>{body}</w:tbl>" if shape == "table" else body
    assert reading_of(docx(body), ".docx") == expected_of(turns)


@given(st.text())
def test_normalised_text_keeps_the_rule_of_the_text_of_record(text: str) -> None:
    result = normalise(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\ud800-\udfff]", result)
    assert normalise(result) == result
    plain = re.sub("[\x00-\x08\x0e-\x1b\ud800-\udfff]", "", text)
    assert result.split() == plain.split()


@given(st.lists(st.tuples(st.sampled_from([None, "Dana", "DANA", "Ben"]), st.text(max_size=20), st.integers(0, 99))))
def test_merging_alternates_speakers_and_loses_no_word(pieces: list[tuple[str | None, str, int]]) -> None:
    turns = merge_pieces(Utterance(speaker, text, float(start)) for speaker, text, start in pieces)
    assert all(before.speaker != after.speaker for before, after in pairwise(turns))
    assert [word for turn in turns for word in turn.text.split()] == [
        word for _, text, _ in pieces for word in normalise(text).split()
    ]


structured = st.text("AbC :[]()019\n*-#>,<v.\t\"'&;?", max_size=120).map(str.encode)


@given(
    data=st.binary(max_size=300) | structured,
    suffix=st.sampled_from([".txt", ".md", ".vtt", ".srt", ".docx", ".csv", ".tsv"]),
)
@settings(max_examples=300)
def test_no_bytes_raise_anything_but_a_refusal(data: bytes, suffix: str) -> None:
    with contextlib.suppress(RefusedError):
        assert read_transcript(data, name=f"x{suffix}").utterances
