"""Every word that is said is in an utterance of whoever says it, and every other line is counted with its reason.

Files are written with what programs add to them: the speech, and beside it lines that nobody speaks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.decoding import decode
from voc_pipeline.ingest.reading import read_transcript

if TYPE_CHECKING:
    from collections.abc import Callable

BY_ANOTHER_HAND = Path(__file__).parent / "by_another_hand"
SPEAKERS = ("Dana Wu", "Zoë O'Brien", "李雷", "Unknown Speaker", "Speaker 2", "Dr. van den Berg", "Kim (PharmaNord)")
WORDS = (
    "no",
    "yes",
    "the",
    "42",
    "kit,",
    "twice:",
    "9:15",
    "or",
    "hours?",
    "(laughs)",
    "[inaudible]",
    "3.400",
    "價格",
    "-",
)
sentence = st.lists(st.sampled_from(WORDS), max_size=8).map(
    lambda words: " ".join(["And as I have told you", *words, "done."])
)


@dataclass
class Written:
    """A file in the making: its lines, and how many of them nobody speaks, by reason."""

    lines: list[str] = field(default_factory=list)
    unspoken: dict[str, int] = field(default_factory=dict)

    def speak(self, *lines: str) -> None:
        self.lines += lines

    def add(self, reason: str, *lines: str) -> None:
        self.lines += lines
        self.unspoken[reason] = self.unspoken.get(reason, 0) + sum(bool(line.strip()) for line in lines)


@dataclass(frozen=True)
class Talk:
    """Who says what in which lines, what stands around it, and how the file is saved."""

    turns: list[tuple[str, list[str]]]
    extras: list[bool]
    newline: str
    encoding: str
    trailing: str

    def bytes_of(self, written: Written) -> bytes:
        return self.newline.join(line + self.trailing for line in written.lines).encode(self.encoding)


@st.composite
def talks(draw: st.DrawFn) -> Talk:
    one, two = draw(st.permutations(SPEAKERS))[:2]
    said = draw(st.lists(st.lists(sentence, min_size=1, max_size=3), min_size=4, max_size=8))
    return Talk(
        [(two if at % 2 else one, lines) for at, lines in enumerate(said)],
        draw(st.lists(st.booleans(), min_size=len(said), max_size=len(said))),
        draw(st.sampled_from(["\n", "\r\n", "\r\r\n"])),
        draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])),
        draw(st.sampled_from(["", "  "])),
    )


def clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def as_otter(talk: Talk) -> Written:
    file = Written()
    if talk.extras[0]:
        file.add("before the first speaker", "Our talk", "")
    for at, (speaker, lines) in enumerate(talk.turns):
        file.speak(f"{speaker}  {clock(4000 * at)}", *lines, "")
    file.add("line of the transcription service", "Transcribed by https://otter.ai")
    return file


def as_text(talk: Talk) -> Written:
    file = Written()
    for at, (speaker, lines) in enumerate(talk.turns):
        if talk.extras[at]:
            file.add("line of dashes", "-----", "")
        file.speak(f"{speaker} ({clock(at)}): {lines[0]}", *lines[1:], "")
    return file


def as_stamp_above(talk: Talk) -> Written:
    file = Written()
    for at, (speaker, lines) in enumerate(talk.turns):
        file.add("time stamp", f"[{clock(at)}]")
        file.speak(f"{speaker}: {lines[0]}", *lines[1:], "")
    return file


def as_vtt(talk: Talk, form: str, *, ids: bool = True) -> Written:
    file = Written()
    file.add("head of the file", "WEBVTT Our talk", "Kind: captions", "", "STYLE", "::cue { color: red }", "")
    for at, (speaker, lines) in enumerate(talk.turns):
        if talk.extras[at]:
            file.add("comment" if at else "head of the file", "", "NOTE media: C:/a.wav", "confidential", "")
        if ids:
            file.add("cue number", f"a1b2c3d4-0000/{at}-0")
        file.add("time stamp", f"{clock(at)}.000 --> {clock(at + 1)}.500 align:start line:0")
        file.speak(form.format(speaker, lines[0]), *lines[1:], "")
    return file


def as_teams(talk: Talk) -> Written:
    return as_vtt(talk, "<v {}>{}")


def as_zoom(talk: Talk) -> Written:
    return as_vtt(talk, "{}: {}", ids=False)


def as_brackets(talk: Talk) -> Written:
    return as_vtt(talk, "[{}] {}")


def as_srt(talk: Talk) -> Written:
    file = Written()
    for at, (speaker, lines) in enumerate(talk.turns):
        file.add("cue number", str(at + 1))
        file.add("time stamp", f"00:00:{at:02},000 --> 00:00:{at:02},900")
        file.speak(f"{{\\an8}}{speaker}: {lines[0]}", *lines[1:], "")
        if talk.extras[at]:
            file.add("cue number", str(at + 100))
            file.add("time stamp", f"00:01:{at:02},000 --> 00:01:{at:02},900")
            file.add("line of the transcription service", "Transcribed by https://otter.ai", "")
    return file


FORMS: list[tuple[str, Callable[[Talk], Written]]] = [
    (".txt", as_otter), (".txt", as_text), (".txt", as_stamp_above), (".vtt", as_teams), (".vtt", as_zoom),
    (".vtt", as_brackets), (".srt", as_srt),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "write"), FORMS, ids=lambda value: getattr(value, "__name__", value))
@given(talk=talks())
@settings(max_examples=60, deadline=None)
def test_words_said_are_words_read_and_the_rest_is_counted(
    suffix: str, write: Callable[[Talk], Written], talk: Talk
) -> None:
    written = write(talk)
    raw = read_transcript(talk.bytes_of(written), name=f"talk{suffix}")
    found = [(one.speaker, one.text.split()) for one in raw.utterances]
    assert found == [(speaker, " ".join(lines).split()) for speaker, lines in talk.turns]
    assert dict(raw.loss.dropped) == {reason: count for reason, count in written.unspoken.items() if count}
    assert raw.loss.lines_seen == sum(bool(line.strip()) for line in written.lines)
    assert raw.loss.lines_attributed == raw.loss.lines_seen - sum(written.unspoken.values())


@given(talk=talks(), silent=st.sets(st.integers(0, 7)))
@settings(max_examples=60, deadline=None)
def test_inferred_speakers_are_counted(talk: Talk, silent: set[int]) -> None:
    """A cue without a label is spoken by the one before, and counted as inferred."""
    cues = []
    for at, (speaker, lines) in enumerate(talk.turns):
        label = "" if at > 3 and at in silent else f"<v {speaker}>"
        cues.append(f"00:{at:02}.000 --> 00:{at:02}.900\n{label}{' '.join(lines)}\n")
    raw = read_transcript(("WEBVTT\n\n" + "\n".join(cues)).encode(), name="talk.vtt")
    assert raw.loss.inferred_speakers == len([at for at in range(4, len(talk.turns)) if at in silent])
    words = [word for one in raw.utterances for word in one.text.split()]
    assert words == [word for _, lines in talk.turns for line in lines for word in line.split()]


FILES = [path for path in sorted(BY_ANOTHER_HAND.iterdir()) if path.suffix in {".txt", ".md", ".vtt", ".srt"}]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_seen_lines_are_attributed_or_dropped_in_every_file(path: Path) -> None:
    lines = decode(path.read_bytes(), name=path.name)[0].split("\n")
    try:
        loss = read_transcript(path.read_bytes(), name=path.name).loss
    except RefusedError:
        return
    assert loss.lines_seen <= sum(bool(line.strip("\ufeff \n")) for line in lines)
    assert loss.lines_attributed + sum(count for _, count in loss.dropped) == loss.lines_seen
    assert all(count > 0 for _, count in loss.dropped)
