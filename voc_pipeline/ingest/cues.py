"""From the lines of a caption file to its cues: what is shown when, without ids, comments and repetitions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from voc_pipeline.ingest import stamps
from voc_pipeline.ingest.boilerplate import STAMP
from voc_pipeline.ingest.entities import decode_entities

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Sequence

HEAD = "head of the file"
REPEATED = "caption shown again"

_COMMENT = re.compile(r"NOTE(?:\s.*)?|(?:STYLE|REGION)\s*")
_NO_SPEECH = re.compile(r"WEBVTT|NOTE\b|STYLE\s|REGION\s|\s*\d+\s*$")
_NUMBER = re.compile(r"\s*\d+\s*")
_LONG_ID = re.compile(r"\s*(?:[0-9A-Fa-f-]{8,}/[\w-]+|[0-9A-Fa-f-]{32,})\s*")
_TAG = re.compile(
    r"</?(?:v|c|i|b|u|s|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<-?(?:\d+:)?\d+:\d+(?:[.,]\d+)?>|\{\\an?\d[^{}]*\}",
    re.IGNORECASE,
)
_ROLLING = 0.7  # of the cues begin with the line that ended the one before
_TWO_LINES = 0.25  # of the cues add a line below: else one cue is only said twice


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown at one time: seconds from the recording's start (None: can't be read) and lines with markup."""

    start: float | None
    lines: tuple[str, ...]


def plain(payload: str) -> str:
    """Take known tags off and decode entities, in this order: an escaped ``&lt;`` is speech."""
    return decode_entities(_TAG.sub("", payload))


def cut_cues(lines: Sequence[str], dropped: Counter[str], *, comments: bool) -> list[Cue]:
    """Cut a file into cues. What stands below a timing line belongs to it, blank lines or not, up to the next.

    Args:
        lines: The file's lines.
        dropped: Counts the lines that are no speech, by reason; added to.
        comments: Whether ``NOTE``, ``STYLE`` and ``REGION`` begin a block that is not shown (WebVTT).
    """
    spans = {at: span for at, line in enumerate(lines) if (span := stamps.loose_timing(line)) is not None}
    if not spans:
        return []
    timings = list(spans)
    unpadded = any(stamps.is_unpadded(start) for start, _ in spans.values())
    find_id = _id_rule(lines, timings)
    above = find_id(timings[0])
    dropped[HEAD] += sum(bool(line.strip()) for line in lines[: timings[0]]) - (above is not None)
    dropped["cue number"] += above is not None
    cues = []
    for at, following in zip(timings, [*timings[1:], len(lines)], strict=True):
        end = find_id(following) if following < len(lines) else None
        dropped["cue number"] += end is not None
        dropped[STAMP] += 1
        start, words = spans[at]
        payload = [words] if words else []
        shown = lines[at + 1 : following if end is None else end]
        payload += _without_comments(shown, dropped) if comments else [line for line in shown if line.strip()]
        cues.append(Cue(stamps.seconds(start, unpadded=unpadded), tuple(payload)))
    return cues


def is_caption_file(lines: Sequence[str]) -> bool:
    """Tell SubRip and WebVTT by most timing lines having a number above them, or by a voice tag below one."""
    timings = [at for at, line in enumerate(lines) if stamps.timing(line) is not None]
    numbered = sum(any(_NUMBER.fullmatch(line) for line in lines[max(at - 2, 0) : at]) for at in timings)
    voiced = any(line.lstrip().startswith("<v ") for at in timings for line in lines[at + 1 : at + 3])
    return len(timings) > 1 and (voiced or 2 * numbered > len(timings))


def lines_above(lines: Sequence[str]) -> int:
    """Count lines above the first cue that may be speech: not the header's block, comments, numbers or an id."""
    first = next((at for at, line in enumerate(lines) if stamps.loose_timing(line) is not None), 0)
    blocks = "\n".join(line.rstrip() for line in lines[:first]).split("\n\n")
    unknown = [block.strip() for block in blocks if block.strip() and not _NO_SPEECH.match(block.lstrip("\n"))]
    if unknown and lines[first - 1].strip() and "\n" not in unknown[-1]:
        unknown.pop()
    return sum(block.count("\n") + 1 for block in unknown)


def _id_rule(lines: Sequence[str], timings: Sequence[int]) -> Callable[[int], int | None]:
    """Learn from the whole file where the id above a timing line stands, if there is one and it is no speech."""
    above = [at - 1 for at in timings if at and lines[at - 1].strip()]
    apart = {at for at in above if at == 0 or not lines[at - 1].strip()}
    spread = {at - 2 for at in timings if at > 1 and not lines[at - 1].strip() and _NUMBER.fullmatch(lines[at - 2])}
    if 2 * len(spread) > len(timings):  # every other line is blank
        return lambda timing: timing - 2 if timing - 2 in spread else None
    numbered = 2 * sum(bool(_NUMBER.fullmatch(lines[at])) for at in above) > len(timings)
    habitual = 2 * len(apart) > len(timings)

    def find_id(timing: int) -> int | None:
        at = timing - 1
        if at < 0 or not lines[at].strip() or stamps.loose_timing(lines[at]):
            return None
        if numbered:
            return at if _NUMBER.fullmatch(lines[at]) else None
        return at if _LONG_ID.fullmatch(lines[at]) or (habitual and at in apart) else None

    return find_id


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


def without_repeats(cues: Sequence[Cue], dropped: Counter[str]) -> list[Cue]:
    """Keep each line of rolling captions once.

    There (YouTube's), a cue shows the line before and a new one, and most lines stand in three cues. In other files
    equal cues are words said twice, and all of them stay.
    """
    shown = [[plain(line).strip() for line in cue.lines] for cue in cues]
    rolls = sum(before[-1:] == after[:1] != [] for before, after in pairwise(shown))
    adds = sum(len(lines) > 1 for lines in shown)
    if rolls < max(3, _ROLLING * (len(cues) - 1)) or adds < _TWO_LINES * len(cues):
        return list(cues)
    kept = [cues[0]]
    for (before, after), cue in zip(pairwise(shown), cues[1:], strict=True):
        again = next((n for n in range(min(len(before), len(after)), 0, -1) if before[-n:] == after[:n]), 0)
        dropped[REPEATED] += again
        kept.append(replace(cue, lines=cue.lines[again:]))
    return kept
