"""Renders interviews in the gold format (JSON) as the files that researchers drop: docx, vtt, txt, md and csv."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_WORDS_PER_CUE = 18
_SECONDS_PER_WORD = 0.35
_ZIP_EPOCH = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """One turn to render: seconds from the start, label and text."""

    seconds: float
    speaker: str
    text: str


def interview_lines(interview: Mapping[str, Any]) -> list[Line]:
    """Take the turns of a gold interview, with real names as labels where the metadata has them."""
    metadata = interview["metadata"]
    names = {
        "Interviewer": metadata.get("interviewer_name", "Interviewer"),
        "Respondent": metadata.get("respondent_name", "Respondent"),
    }
    return [
        Line(_seconds(turn["start"]), names.get(turn["speaker"], turn["speaker"]), turn["text"])
        for turn in interview["turns"]
    ]


def as_txt(lines: Sequence[Line]) -> bytes:
    """Plain ``Name: text`` turns with a blank line between them."""
    return "\n\n".join(f"{line.speaker}: {line.text}" for line in lines).encode() + b"\n"


def as_otter(lines: Sequence[Line]) -> bytes:
    """Otter's text export: ``Name  0:49`` over the text, and its footer."""
    turns = [f"{line.speaker}  {_short(line.seconds)}  \n{line.text}\n" for line in lines]
    return ("\n".join(turns) + "\nTranscribed by https://otter.ai\n").encode()


def as_markdown(lines: Sequence[Line]) -> bytes:
    """Bold names with inline stamps."""
    turns = [f"**{line.speaker}:** [{_clock(line.seconds)}] {line.text}" for line in lines]
    return ("# Interview\n\n" + "\n\n".join(turns) + "\n").encode()


def as_zoom_vtt(lines: Sequence[Line]) -> bytes:
    """Zoom's captions: numbered cues, the name inline."""
    cues = [
        f"{number}\n{_clock(cue.seconds, millis=True)} --> {_clock(end, millis=True)}\n{cue.speaker}: {cue.text}\n"
        for number, (cue, end) in enumerate(_cues(lines), start=1)
    ]
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def as_teams_vtt(lines: Sequence[Line]) -> bytes:
    """Teams' captions: voice tags."""
    cues = [
        f"{_clock(cue.seconds, millis=True)} --> {_clock(end, millis=True)}\n<v {cue.speaker}>{_escape(cue.text)}</v>\n"
        for cue, end in _cues(lines)
    ]
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def as_docx(lines: Sequence[Line]) -> bytes:
    """Word: one paragraph a turn, the name in bold. The same bytes for the same lines."""
    document = docx.Document()
    for line in lines:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{line.speaker}: ").bold = True
        paragraph.add_run(line.text)
    raw, stable = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with ZipFile(raw) as source, ZipFile(stable, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(ZipInfo(name, _ZIP_EPOCH), source.read(name), ZIP_DEFLATED)
    return stable.getvalue()


def as_csv(lines: Sequence[Line]) -> bytes:
    """Rows of start, speaker and text, as research panels export them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["start", "speaker", "text"])
    writer.writerows([_clock(line.seconds), line.speaker, line.text] for line in lines)
    return out.getvalue().encode()


RENDERERS: dict[str, tuple[str, Callable[[Sequence[Line]], bytes]]] = {
    "docx": (".docx", as_docx),
    "vtt": (".vtt", as_zoom_vtt),
    "teams": (".vtt", as_teams_vtt),
    "txt": (".txt", as_txt),
    "otter": (".txt", as_otter),
    "md": (".md", as_markdown),
    "csv": (".csv", as_csv),
}


def _cues(lines: Sequence[Line]) -> list[tuple[Line, float]]:
    """Split turns into cues of a caption's length, each with its end in seconds."""
    cues = []
    for line in lines:
        words = line.text.split()
        start = line.seconds
        for first in range(0, len(words), _WORDS_PER_CUE):
            part = words[first : first + _WORDS_PER_CUE]
            end = start + len(part) * _SECONDS_PER_WORD
            cues.append((Line(start, line.speaker, " ".join(part)), end))
            start = end
    return cues


def _seconds(clock: str) -> float:
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _clock(seconds: float, *, millis: bool = False) -> str:
    whole = int(seconds)
    text = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{text}.{round((seconds - whole) * 1000):03d}" if millis else text


def _short(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
