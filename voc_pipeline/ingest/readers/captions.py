"""Reader of captions: WebVTT (Zoom, Teams, Microsoft Graph, YouTube, noScribe) and SubRip."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import heads, labels, stamps
from voc_pipeline.ingest.boilerplate import RULE, SERVICE, is_rule, is_service_line
from voc_pipeline.ingest.cues import cut_cues, lines_above, plain, without_repeats
from voc_pipeline.ingest.decoding import decode
from voc_pipeline.records import NO_OPTIONS, LossReport, RawTranscript, Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voc_pipeline.ingest.cues import Cue
    from voc_pipeline.records import ReadingOptions

_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?(?:[ \t]+(?P<name>[^<>]{0,200}))?>", re.IGNORECASE)
_BROKEN_VOICE = re.compile(r"(<v[^<>\n]*)\n([^<>\n]*>)", re.IGNORECASE)
_TURN_MARK = re.compile(r"\s*(?:>>+|-(?=\s))\s*")
_STYLES = frozenset((heads.Style.COLON, heads.Style.BOLD, heads.Style.BRACKET))
_HABIT = 3
_WORDLESS = "line without words"
_TOLD_AGAIN = "speaker or time repeated in the text"


@dataclass(frozen=True, slots=True)
class _Piece:
    """Speech of one speaker within a cue. Where ``speaker`` is None, it ``carries`` on the one before, or nobody's."""

    speaker: str | None
    text: str
    start: float | None
    carries: bool = True


class CaptionsReader:
    """Reads cues; the speaker is a ``<v Name>`` tag, ``Name:``, ``[Name]`` or ``(Name)``, else that of the cue before.

    Where a mark (``>>``, or a dash before a second line) says that somebody else speaks, but not who, the
    words stay without a label.
    """

    name = "captions"
    suffixes: tuple[str, ...] = (".vtt", ".srt")

    def read(
        self,
        data: bytes,
        *,
        name: str,
        options: ReadingOptions = NO_OPTIONS,  # noqa: ARG002 (this format has nothing to set)
    ) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        text, warnings = decode(data, name=name)
        lines = text.lstrip("\ufeff").split("\n")
        dropped: Counter[str] = Counter()
        cues = cut_cues(lines, dropped, comments=not name.casefold().endswith(".srt"))
        if not cues:
            raise RefusedError(
                "no cue was found (a line such as '00:00:01.000 --> 00:00:04.000' with speech below)",
                where=name,
                hint="Export the captions again; a transcript without times is a .txt file",
            )
        shown = [_mended(cue) for cue in cues]
        voiced = any(_VOICE.search(line) for cue in shown for line in cue.lines)
        shown = shown if voiced else without_repeats(shown, dropped)
        pieces = [piece for piece in (_voiced if voiced else _labelled)(shown, dropped) if piece.text or piece.speaker]
        utterances, inferred = _attributed(pieces)
        if not utterances:
            raise RefusedError("the cues hold no speech", where=name, hint="Export the captions again")
        seen = sum(bool(line.strip()) for line in lines)
        loss = LossReport(seen, seen - dropped.total(), tuple(sorted((+dropped).items())), inferred)
        return RawTranscript(utterances, {}, loss, (*warnings, *_warnings(cues, lines, pieces)))


def _warnings(cues: Sequence[Cue], lines: Sequence[str], pieces: Sequence[_Piece]) -> Iterator[str]:
    if unreadable := sum(cue.start is None for cue in cues):
        yield f"{unreadable} cues have a time that can't be read; their words are kept"
    unnamed = sum(not piece.carries for piece in pieces)
    if unnamed and any(piece.speaker for piece in pieces):
        yield f"changes of speaker that don't say who speaks: {unnamed}; those words stay without a label"
    if above := lines_above(lines):
        yield f"lines above the first cue, not read: {above}; if somebody says them, give them a time"


def _mended(cue: Cue) -> Cue:
    """Join a voice tag that a line end breaks."""
    if not cue.lines:
        return cue
    return replace(cue, lines=tuple(_BROKEN_VOICE.sub(r"\1 \2", "\n".join(cue.lines)).split("\n")))


def _voiced(cues: Sequence[Cue], dropped: Counter[str]) -> Iterator[_Piece]:
    for cue in cues:
        speaker: str | None = None
        for line in cue.lines:
            parts = list(_voices(line, speaker))
            pieces = [_without_told_again(speaker, text) for speaker, text in parts]
            if not any(pieces) and len(parts) == 1:
                dropped[_reason(parts[0][1])] += 1
            speaker = parts[-1][0]
            yield from (_Piece(voice, text, cue.start) for (voice, _), text in zip(parts, pieces, strict=True))


def _voices(line: str, speaker: str | None) -> Iterator[tuple[str | None, str]]:
    position = 0
    for tag in _VOICE.finditer(line):
        if words := plain(line[position : tag.start()]).strip():
            yield speaker, words
        position, speaker = tag.end(), labels.clean_label(plain(tag["name"] or "")) or None
    yield speaker, plain(line[position:]).strip()


def _without_told_again(speaker: str | None, text: str) -> str:
    """Take off the name and the time that noScribe's editor writes into the text, and a service's own line."""
    name, colon, rest = text.partition(":")
    if speaker and colon and labels.key_of(labels.clean_label(name)) == labels.key_of(speaker):
        text = rest.strip()
    _, bracketed, rest = stamps.take_leading(text)
    text = rest if bracketed else text
    return "" if is_service_line(text) else text


def _reason(text: str) -> str:
    if is_service_line(text):
        return SERVICE
    return _TOLD_AGAIN if text else _WORDLESS


def _labelled(cues: Sequence[Cue], dropped: Counter[str]) -> Iterator[_Piece]:
    rows = [[plain(line) for line in cue.lines] for cue in cues]
    possible = [[_head(line, opens_block=at == 0) for at, line in enumerate(row)] for row in rows]
    _drop_wrapped(rows, possible)
    is_head = heads.settle(head for row in possible for head in row if head)
    for cue, row, found in zip(cues, rows, possible, strict=True):
        yield from _pieces_of(row, [head if head and is_head(head) else None for head in found], cue.start, dropped)


def _drop_wrapped(rows: Sequence[Sequence[str]], possible: Sequence[list[heads.Head | None]]) -> None:
    """Drop, in place, what looks like ``Name:`` where a caption wraps.

    That is below the first line, without a dash or another mark, in a file whose speakers never stand there.
    """
    first = [found[0].key for found in possible if found and found[0]]
    below = [
        (found, at, head)
        for row, found in zip(rows, possible, strict=True)
        for at, head in enumerate(found)
        if at and head and head.style is heads.Style.COLON and not (_TURN_MARK.match(row[at]) or is_rule(row[at - 1]))
    ]
    if len(first) >= _HABIT and not {head.key for _, _, head in below} & set(first):
        for found, at, _ in below:
            found[at] = None


def _head(line: str, *, opens_block: bool) -> heads.Head | None:
    head = heads.parse_head(line, opens_block=opens_block)
    return head if head and head.style in _STYLES else None


def _pieces_of(
    lines: Sequence[str], found: Sequence[heads.Head | None], start: float | None, dropped: Counter[str]
) -> Iterator[_Piece]:
    """Cut one cue at its heads and at marks that somebody else speaks; a dash says so below the first line."""
    dashes = any(line.lstrip().startswith("- ") for line in lines[1:])
    speaker, carries = None, True
    words: list[str] = []
    for line, head in zip(lines, found, strict=True):
        text = (line if head is None else head.text).strip()
        mark = _TURN_MARK.match(line)
        changes = is_rule(line) or (mark is not None and (dashes or ">" in mark[0]))
        if head is not None or changes:
            yield _Piece(speaker, " ".join(words), start, carries)
            speaker, carries, words = (None, False, []) if head is None else (head.label, True, [])
        if head is None and changes and mark:
            text = line[mark.end() :].strip()
        if is_rule(line) or is_service_line(text) or not (text or head):
            dropped[RULE if is_rule(line) else SERVICE if text else _WORDLESS] += 1
        else:
            words.append(text)
    yield _Piece(speaker, " ".join(words), start, carries)


def _attributed(pieces: Sequence[_Piece]) -> tuple[tuple[Utterance, ...], int]:
    utterances: list[Utterance] = []
    inferred = 0
    previous: str | None = None
    for piece in pieces:
        if piece.speaker is not None or not piece.carries:
            previous = piece.speaker
        if piece.text:
            inferred += piece.speaker is None and previous is not None
            utterances.append(Utterance(previous, piece.text, piece.start))
    return tuple(utterances), inferred
