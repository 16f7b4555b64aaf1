"""Text in which no speaker's turn is told: speech with times, a list of chapters, or minutes?"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import stamps
from voc_pipeline.ingest.boilerplate import BEFORE, HEADING, RULE, SERVICE, STAMP, is_rule, is_service_line
from voc_pipeline.records import LossReport, RawTranscript, Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S.*")
_LISTED = re.compile(rf"(?:[-*+|\u2022]\s*|\d+[.)]\s*)?\**{stamps.CLOCK}(?=\W|$)")
_ENDS_IN_CLOCK = re.compile(rf".*\s{stamps.CLOCK}\W*")
_SENTENCE_END = (".", "?", "!", "\u2026", '."', "\u3002", "\uff1f", "\u061f")
_MAX_ABOVE = 3  # lines of title above the first time
_SPOKEN_WORDS = 5  # on average under one time; a title of a chapter has fewer


@dataclass
class _Piece:
    start: float | None
    paragraphs: list[list[str]] = field(default_factory=lambda: [[]])

    def text(self) -> str:
        return "\n".join(" ".join(line.strip() for line in lines) for lines in self.paragraphs if lines)


def timed_pieces(lines: Sequence[str], *, headings: bool) -> RawTranscript | None:
    """Read speech whose pieces each have their time but no speaker (Otter with names off, Whisper's console, Teams).

    A time stands on a line of its own, or in brackets before the words. Where times are written ``start --> end``, a
    bare ``07:30`` is what somebody says.

    Args:
        lines: The text's lines.
        headings: Whether ``# ...`` is a heading.

    Returns:
        Utterances without speakers; None where the text isn't of this form: fewer than two times, times that go back,
        more than a title above the first, or titles rather than speech below them.
    """
    timings = [line for line in lines if stamps.timing(line) is not None]
    unpadded = any(stamps.is_unpadded(stamps.timing(line) or "") for line in timings)
    pieces: list[_Piece] = []
    dropped: Counter[str] = Counter()
    for line in lines:
        start, text = _timed(line, spans=bool(timings), unpadded=unpadded)
        if start is not None:
            pieces.append(_Piece(start))
            dropped[STAMP] += not text
        if not text:
            if pieces and not line.strip():
                pieces[-1].paragraphs.append([])
        elif reason := _unspoken(text, headings=headings, below=bool(pieces)):
            dropped[reason] += 1
        else:
            pieces[-1].paragraphs[-1].append(text)
    if dropped[BEFORE] > _MAX_ABOVE or not _is_speech(pieces, spans=any("-->" in line for line in lines)):
        return None
    utterances = tuple(Utterance(None, piece.text(), piece.start) for piece in pieces if piece.text())
    seen = sum(bool(line.strip()) for line in lines)
    return RawTranscript(utterances, {}, LossReport(seen, seen - dropped.total(), tuple(sorted((+dropped).items()))))


def _timed(line: str, *, spans: bool, unpadded: bool) -> tuple[float | None, str]:
    """Split a line into its time and its words."""
    if spans:
        start = stamps.timing(line)
        return (None, line) if start is None else (stamps.seconds(start, unpadded=unpadded), "")
    alone = stamps.alone(line)
    if alone is not None:
        return alone, ""
    leading, bracketed, rest = stamps.take_leading(line)
    return (leading, rest) if bracketed else (None, line)


def _unspoken(text: str, *, headings: bool, below: bool) -> str:
    """Say why a line is no speech; empty for speech."""
    if is_service_line(text):
        return SERVICE
    if is_rule(text):
        return RULE
    if headings and _HEADING.fullmatch(text):
        return HEADING
    return "" if below else BEFORE


def _is_speech(pieces: Sequence[_Piece], *, spans: bool) -> bool:
    texts = [text for piece in pieces if (text := piece.text())]
    starts = [piece.start for piece in pieces if piece.start is not None]
    if len(texts) < (1 if spans else 2) or any(after < before for before, after in pairwise(starts)):
        return False
    words = sum(len(text.split()) for text in texts)
    sentences = sum(text.endswith(_SENTENCE_END) for text in texts)
    return spans or words >= _SPOKEN_WORDS * len(texts) or 2 * sentences >= len(texts)


def count_listed(lines: Sequence[str]) -> int:
    """Count the lines that begin with a time, behind a bullet or a number too."""
    return sum(_LISTED.match(line.lstrip()) is not None for line in lines)


def _is_marked(line: str) -> bool:
    return stamps.take_leading(line)[1] or stamps.alone(line) is not None or stamps.timing(line) is not None


def refuse_timecodes(lines: Sequence[str], *, name: str) -> None:
    """Refuse a text with times in it that aren't the times of anybody's turns: chapters, minutes, notes.

    Raises:
        RefusedError: A line begins with a stamp in brackets or is one, several begin with a time or most end in one,
            or several timecodes such as ``00:03:15`` stand in the text.
    """
    marked = sum(map(cache(_is_marked), lines))
    listed = count_listed(lines)
    ending = sum(_ENDS_IN_CLOCK.fullmatch(line) is not None for line in lines)
    inside = sum(map(cache(stamps.codes_inside), lines))
    most = 2 * ending > sum(bool(line.strip()) for line in lines)
    count = max(marked, listed, inside, ending if most else 0)
    if marked or count > 1:
        raise RefusedError(
            f"{count} time stamp{'s' if count > 1 else ''}, but no speaker's turn could be told",
            where=name,
            hint="Export the transcript again with speaker names, or write each turn as 'Name: text' or 'Name  0:49' "
            "with the speech below; chapter lists, minutes and notes with times are no transcripts",
        )
