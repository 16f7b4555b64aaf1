"""Reader of captions: WebVTT (Zoom, Teams, Microsoft Graph) and SubRip."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import heads, labels, stamps
from voc_pipeline.ingest.decoding import decode
from voc_pipeline.records import LossReport, RawTranscript, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_COMMENT = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s.*)?")
_NUMBER = re.compile(r"\s*\d+\s*")
_LONG_ID = re.compile(r"\s*[0-9A-Fa-f-]{8,}(?:/[\w-]+)?\s*")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,100})?(?:[ \t]+(?P<name>[^<>]{0,200}))?>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:v|c|i|b|u|s|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<-?(?:\d+:)?\d+:\d+(?:[.,]\d+)?>|\{\\an?\d[^{}]*\}",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:(?P<name>amp|lt|gt|nbsp|lrm|rlm|quot|apos)|#(?P<number>\d{1,7})|#x(?P<hex>[0-9a-f]{1,6}));", re.IGNORECASE
)
_ENTITIES = {
    "amp": "&", "lt": "<", "gt": ">", "nbsp": "\u00a0", "lrm": "\u200e", "rlm": "\u200f", "quot": '"', "apos": "'",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cue:
    start: float | None
    lines: tuple[str, ...]


class CaptionsReader:
    """Reads cues; the speaker is a ``<v Name>`` tag or a ``Name:`` at the front, else that of the cue before."""

    name = "captions"
    suffixes: tuple[str, ...] = (".vtt", ".srt")

    def read(self, data: bytes, *, name: str) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        text, warnings = decode(data, name=name)
        lines = text.lstrip("\ufeff").split("\n")
        dropped: Counter[str] = Counter()
        cues = _cues(lines, dropped)
        if not cues:
            raise RefusedError(
                "no cue was found (a line such as '00:00:01.000 --> 00:00:04.000' with speech below)",
                where=name,
                hint="Export the captions again; a transcript without times is a .txt file",
            )
        pieces = _voiced(cues) if any(_VOICE.search(line) for cue in cues for line in cue.lines) else _labelled(cues)
        utterances, inferred = _attributed(pieces)
        if not utterances:
            raise RefusedError("the cues hold no speech", where=name, hint="Export the captions again")
        unreadable = sum(cue.start is None for cue in cues)
        if unreadable:
            warnings = (*warnings, f"{unreadable} cues have a time that can't be read; their words are kept")
        seen = sum(bool(line.strip()) for line in lines)
        loss = LossReport(seen, seen - dropped.total(), tuple(sorted(dropped.items())), inferred)
        return RawTranscript(utterances, {}, loss, warnings)


def _cues(lines: Sequence[str], dropped: Counter[str]) -> list[_Cue]:
    """Cut a file into cues. What stands below a timing line belongs to it, blank lines or not, up to the next."""
    spans = {at: span for at, line in enumerate(lines) if (span := stamps.loose_timing(line)) is not None}
    if not spans:
        return []
    timings = list(spans)
    unpadded = any(stamps.is_unpadded(start) for start, _ in spans.values())
    is_id = _id_rule(lines, timings)
    dropped["head of the file"] = sum(bool(line.strip()) for line in lines[: timings[0]])
    cues = []
    for at, following in zip(timings, [*timings[1:], len(lines)], strict=True):
        end = following - 1 if following < len(lines) and is_id(following - 1) else following
        dropped["cue number"] += end < following
        dropped["timing line"] += 1
        start, words = spans[at]
        payload = [words] if words else []
        payload += _without_comments(lines[at + 1 : end], dropped)
        cues.append(_Cue(stamps.seconds(start, unpadded=unpadded), tuple(payload)))
    for reason in [reason for reason, count in dropped.items() if not count]:
        del dropped[reason]
    return cues


def _id_rule(lines: Sequence[str], timings: Sequence[int]) -> Callable[[int], bool]:
    """Learn from the whole file whether the line above a timing line is a cue's id or speech."""
    above = [at - 1 for at in timings if at and lines[at - 1].strip()]
    apart = [at for at in above if at == 0 or not lines[at - 1].strip()]
    numbered = 2 * sum(bool(_NUMBER.fullmatch(lines[at])) for at in above) > len(timings)
    habitual = 2 * len(apart) > len(timings)

    def is_id(at: int) -> bool:
        line = lines[at]
        if not line.strip() or stamps.loose_timing(line):
            return False
        if numbered:
            return _NUMBER.fullmatch(line) is not None
        return _LONG_ID.fullmatch(line) is not None or (habitual and at in apart)

    return is_id


def _without_comments(lines: Sequence[str], dropped: Counter[str]) -> Iterator[str]:
    comment = False
    for at, line in enumerate(lines):
        if not line.strip():
            comment = False
        elif comment or (at and not lines[at - 1].strip() and _COMMENT.fullmatch(line)):
            comment = True
            dropped["comment"] += 1
        else:
            yield line


_Piece = tuple[str | None, str, float | None]


def _voiced(cues: Sequence[_Cue]) -> Iterator[_Piece]:
    for cue in cues:
        payload = " ".join(line.strip() for line in cue.lines)
        position, speaker = 0, None
        for tag in _VOICE.finditer(payload):
            yield speaker, _plain(payload[position : tag.start()]), cue.start
            position, speaker = tag.end(), labels.clean_label(_plain(tag["name"] or "")) or None
        yield speaker, _plain(payload[position:]), cue.start


def _labelled(cues: Sequence[_Cue]) -> Iterator[_Piece]:
    possible: list[list[heads.Head | None]] = [
        [_colon_head(_plain(line), opens_block=at == 0) for at, line in enumerate(cue.lines)] for cue in cues
    ]
    is_head = heads.settle(head for row in possible for head in row if head)
    for cue, row in zip(cues, possible, strict=True):
        speaker: str | None = None
        words: list[str] = []
        for line, head in zip(cue.lines, row, strict=True):
            if head and is_head(head):
                yield speaker, " ".join(words), cue.start
                speaker, words = head.label, [head.text]
            else:
                words.append(_plain(line).strip())
        yield speaker, " ".join(words), cue.start


def _colon_head(line: str, *, opens_block: bool) -> heads.Head | None:
    head = heads.parse_head(line, opens_block=opens_block)
    return head if head and head.style in {heads.Style.COLON, heads.Style.BOLD} else None


def _plain(payload: str) -> str:
    """Take known tags off and decode entities, in this order: an escaped ``&lt;`` is speech."""
    return _ENTITY.sub(_character, _TAG.sub("", payload))


def _character(entity: re.Match[str]) -> str:
    if entity["name"]:
        return _ENTITIES[entity["name"].lower()]
    code = int(entity["number"]) if entity["number"] else int(entity["hex"], 16)
    return chr(code) if code <= 0x10FFFF else entity[0]  # noqa: PLR2004 (the last code point)


def _attributed(pieces: Iterator[_Piece]) -> tuple[tuple[Utterance, ...], int]:
    utterances: list[Utterance] = []
    inferred = 0
    previous: str | None = None
    for speaker, text, start in pieces:
        if speaker is not None:
            previous = speaker
        if text.strip():
            inferred += speaker is None and previous is not None
            utterances.append(Utterance(speaker or previous, text.strip(), start))
    return tuple(utterances), inferred
