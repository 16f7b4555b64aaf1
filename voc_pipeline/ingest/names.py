"""Names on lines of their own, where neither a colon nor a time tells who speaks; and names that can't be told."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import heads, labels, stamps

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBERED = re.compile(r"\s*(?P<number>\d{1,5})(?:[.):]\s*|\s+)(?=\S)")
_ONLY_NAME = re.compile(r"\s*(?:#{1,6}\s+|[-*\u2022]\s+)?(?P<name>\S.{0,59}?)(?:\s+\d+ minutes? \d+ seconds?)?\s*")
_TIMECODE = re.compile(r"(?=[^:;]*[:;])[\d\s:;.,>\u2013-]+")  # of a form that is not read: 00:00:01:12 - 00:00:03:04
_SENTENCE_END = (".", ",", "?", "!", ":", ";", "\u2026")
_PREFIX = re.compile(
    r"\s*(?:[#>|*_\u2022-]+\s*)*(?:\d{1,4}[.)]?\s+)?[*_]*(?P<name>[^\W\d_][^|@\t:;>\u2013\u2014]{0,39}?)[*_]*"
    r"\s*(?:\s[-\u2013\u2014@]\s|[|\t;>]|:|$)"
)
_FEW = 4  # lines: fewer show no habit
_MAX_WORDS = 4
_DIALOGUE = 2  # names that recur


def without_numbers(lines: Sequence[str]) -> Sequence[str]:
    """Take numbers off lines that are numbered, each of them, by ones."""
    written = [(at, line) for at, line in enumerate(lines) if line.strip()]
    numbers = [_NUMBERED.match(line) for _, line in written]
    if len(written) < _FEW or not all(numbers):
        return lines
    counted = [int(found["number"]) for found in numbers if found]
    if counted != list(range(counted[0], counted[0] + len(counted))):
        return lines
    bare = list(lines)
    for (at, line), found in zip(written, numbers, strict=True):
        bare[at] = line[found.end() :] if found else line
    return bare


def heads_of(lines: Sequence[str], *, from_line: int) -> dict[int, heads.Head]:
    """Find turns whose speaker's name has a line of its own, with nothing that marks it.

    At least two names recur so, and below each stands speech, never another name. Beside them, a name of somebody who
    speaks once counts where it stands as they do.

    Args:
        lines: The text's lines.
        from_line: Where the text begins, below a head of fields.

    Returns:
        The heads by line; empty where the text is of another form.
    """
    name_in = cache(_name)
    possible = {at: name for at, line in enumerate(lines) if at >= from_line and (name := name_in(line))}
    counts = Counter(map(labels.key_of, possible.values()))
    recurring = {at for at, name in possible.items() if counts[labels.key_of(name)] > 1}
    if len({labels.key_of(possible[at]) for at in recurring}) < _DIALOGUE:
        return {}
    below = {at: _below(lines, at) for at in possible}
    if any(below[at] is None or below[at] in recurring for at in recurring):
        return {}
    if any(_TIMECODE.fullmatch(line) and stamps.alone(line) is None for line in lines):
        return {}
    tight = all(below[at] == at + 1 for at in recurring)
    apart = all(at == 0 or not lines[at - 1].strip() for at in recurring)
    said = {below[at] for at in recurring}
    found = set(recurring)
    for at in set(possible) - recurring - said:
        fits = below[at] is not None and below[at] not in recurring
        if fits and (not tight or below[at] == at + 1) and (not apart or at == 0 or not lines[at - 1].strip()):
            found.add(at)
    return {at: heads.Head(possible[at], "", heads.Style.ALONE) for at in found if at >= min(recurring)}


def _name(line: str) -> str:
    """Give the name that a line is; empty for any other line."""
    found = _ONLY_NAME.fullmatch(line) if len(line) <= 100 else None  # noqa: PLR2004 (a name is short)
    label = labels.clean_label(found["name"]) if found else ""
    short = (
        len(label.split()) <= _MAX_WORDS and not found["name"].rstrip("*_ ").endswith(_SENTENCE_END) if found else False
    )
    named = labels.is_name_like(label) or labels.is_known(label)
    no_name = labels.is_prose(label) or labels.is_remark(label)
    return label if short and labels.is_label(label) and named and not no_name else ""


def _below(lines: Sequence[str], at: int) -> int | None:
    """Find the next line with words that is no time."""
    following = range(at + 1, min(at + 6, len(lines)))
    return next((line for line in following if lines[line].strip() and stamps.alone(lines[line]) is None), None)


def refuse_doubtful(lines: Sequence[str], *, name: str) -> None:
    """Refuse a text without recognised turns in which names seem to begin them nevertheless.

    Raises:
        RefusedError: Two names or more recur at the beginnings of most lines, or every time is followed by what may
            be a name and is said once.
    """
    written = [line for line in lines if line.strip()]
    opening, parse, take = cache(_opening), cache(heads.parse_head), cache(stamps.take_leading)
    openings = Counter(found for line in written if (found := labels.key_of(opening(line))))
    recurring = {key: count for key, count in openings.items() if count > 1}
    begun = sum(recurring.values())
    if len(recurring) >= _DIALOGUE and 3 * begun >= len(written):
        raise RefusedError(
            f"{begun} lines seem to begin with a speaker's name, but not in a form that tells it from speech",
            where=name,
            hint="Write each turn as 'Name: speech', with a colon and a blank behind the name",
        )
    led = [head for line in written if (head := parse(line)) and head.style is heads.Style.LEAD]
    titled = [head for head in led if labels.is_name_like(head.label)]
    timed = sum(take(line)[0] is not None and bool(take(line)[2].strip()) for line in written)
    if len(titled) >= _DIALOGUE and len(titled) == timed < len(written):
        raise RefusedError(
            f"{timed} times are followed by a name or a title, each only once, so who speaks can't be told",
            where=name,
            hint="If they are names, put a colon behind each: '[00:01] Name:'; a list of chapters is no transcript",
        )


def _opening(line: str) -> str:
    found = _PREFIX.match(stamps.take_leading(line)[2])
    label = labels.clean_label(found["name"]) if found else ""
    named = labels.is_name_like(label) or labels.is_known(label)
    fits = labels.is_label(label) and named and not labels.is_prose(label) and not labels.is_remark(label)
    return label if fits and len(label.split()) <= _MAX_WORDS else ""
