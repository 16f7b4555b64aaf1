"""Which lines of a text begin a turn: possible heads by their shape, settled by evidence over the whole file.

A wrong speaker is seen (the file waits for a person); a speaker that is missed puts words into another's mouth. So
where the evidence is even, a line counts as a head.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from voc_pipeline.ingest import labels, stamps
from voc_pipeline.records import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class Style(Enum):
    """How a file writes its heads; the better one first where two are equally frequent."""

    STAMPED = "Name  0:49, with the speech below"
    BOLD = "**Name:** speech"
    COLON = "Name: speech"
    BRACKET = "[Name] speech, or (Name) with the speech below"
    RANGED = "0:0:1.0 --> 0:0:2.0, then the name, then the speech"
    TAB = "name, tab, speech"
    LEAD = "[00:01] Name, with the speech below"
    ALONE = "Interviewer or **Name** on a line of its own"


@dataclass(frozen=True, slots=True)
class Head:
    """A line that may begin a turn.

    ``firm`` is false where the shape alone is weak evidence (one blank before a time, no blank after a colon).
    ``opens_block`` says that the line follows a blank one.
    """

    label: str
    text: str
    style: Style
    start: float | None = None
    firm: bool = True
    opens_block: bool = True

    @property
    def key(self) -> str:
        """What the spellings of one label share."""
        return labels.key_of(self.label)


_STAMPED = re.compile(
    rf"(?P<label>\S.{{0,63}}?)(?P<gap>[\s,|\u2013-]*)(?P<stamp>{stamps.BRACKETED}|(?<=\s){stamps.CLOCK})\s*:?\s*"
)
_COLON = re.compile(
    rf"(?P<label>[^:\uff1a\t]{{1,64}}?)\s{{0,20}}(?P<stamp>{stamps.BRACKETED}|(?<=\s){stamps.CLOCK}(?!:\d))?\s{{0,20}}[:\uff1a]"
    r"(?!//)(?P<gap>\s*)(?P<text>.*)"
)
_IN_CLOCK = re.compile(r"\d:\d\Z")  # "We stop at 9:15"
_TAB = re.compile(
    rf"(?P<label>[^\t:\uff1a]{{1,64}})\t\s*(?:(?P<stamp>{stamps.BRACKETED}|{stamps.CLOCK})\s*\t\s*)?(?P<text>\S.*)"
)
_BRACKET = re.compile(
    r"(?:\[(?P<square>[^\[\]]{1,64})\](?!\s*[:\uff1a])(?:\s+(?P<text>\S.*)|)|\((?P<round>[^()]{1,64})\)(?:\s+(?P<said>\S.*)|))\s*"
)
_BOLD = re.compile(r"(?P<mark>\*\*|__)(?P<inner>\S.{0,100}?)\s{0,20}(?P=mark)(?P<rest>.*)")
_ONCE = {Style.COLON, Style.BOLD, Style.BRACKET, Style.LEAD, Style.TAB, Style.ALONE}  # they hold who speaks but once
_COLONED = {Style.BOLD, Style.COLON}  # one file may write questions in bold and answers plainly
_INITIALS = re.compile(r"[^\W\d_]{1,3}\d{0,3}")
_CUE_MARK = re.compile(r"\s*(?:>>+|[-\u2013\u2014\u2022](?=\s))\s*")
_NAME_GAP = 2  # blanks that part a name from a time; prose has one
_MAX_HEADER = 160  # characters of a line that is a name and a time
_MAX_BARE = 100  # characters of a line that may be a name and nothing else


def parse_head(line: str, *, opens_block: bool = True) -> Head | None:
    """Read a line as the head of a turn, if its shape allows; whether it is one is for `settle` to say."""
    start, bracketed, rest = stamps.take_leading(_without_mark(line))
    rest, bold = _without_bold(_without_mark(rest))
    if start is None:
        start, bracketed, rest = stamps.take_leading(rest)
    rest = rest.strip(" \u00a0")
    head = _stamped(rest, bold=bold) or _tabbed(rest) or _bracketed(rest) or _colon(rest, bold=bold)
    if head is None:
        head = _bare(rest, bold=bold, stamped=start is not None)
    elif start is not None:
        firm = head.firm and (bracketed or head.style is Style.TAB)
        head = replace(head, start=start if head.start is None else head.start, firm=firm)
    if head is None or not labels.is_label(head.label) or labels.is_prose(head.label):
        return None
    return replace(head, start=start if head.start is None else head.start, opens_block=opens_block)


def _without_mark(line: str) -> str:
    found = _CUE_MARK.match(line)
    return line[found.end() :] if found else line.lstrip(" \u00a0\ufeff")


def _without_bold(line: str) -> tuple[str, bool]:
    found = _BOLD.match(line)
    if found is None:
        return line, False
    inner, rest = found["inner"], found["rest"]
    speaks = inner.endswith((":", "\uff1a")) or rest.lstrip().startswith((":", "\uff1a"))
    stamped = stamps.alone(rest) is not None or stamps.take_leading(inner)[0] is not None
    return (inner + rest, True) if speaks or stamped or not rest.strip() else (line, False)


def _stamped(line: str, *, bold: bool) -> Head | None:
    found = _STAMPED.fullmatch(line) if len(line) <= _MAX_HEADER else None
    if found is None:
        return None
    bracketed = not found["stamp"][0].isdigit()
    wrapped = found["label"].startswith("[") and found["label"].endswith("]")
    firm = bold or bracketed or wrapped or len(found["gap"]) >= _NAME_GAP or "\t" in found["gap"]
    label = labels.clean_label(found["label"])
    if not labels.is_label(label):
        return None
    return Head(label, "", Style.STAMPED, stamps.seconds(found["stamp"]), firm)


def _colon(line: str, *, bold: bool) -> Head | None:
    found = _COLON.fullmatch(line)
    if found is None or _IN_CLOCK.search(line[: found.end("label") + 2]):
        return None
    start = stamps.seconds(found["stamp"]) if found["stamp"] else None
    marked = found["label"][0]  # *Name:* speech, in italics
    text = found["text"].removeprefix(marked).lstrip() if marked in "*_" and not bold else found["text"]
    inner, bracketed, rest = stamps.take_leading(text)
    if start is None and inner is not None and bracketed:
        start, text = inner, rest
    firm = bool(found["gap"]) or not text
    return Head(labels.clean_label(found["label"]), text, Style.BOLD if bold else Style.COLON, start, firm)


def _tabbed(line: str) -> Head | None:
    found = _TAB.fullmatch(line)
    if found is None:
        return None
    start = stamps.seconds(found["stamp"]) if found["stamp"] else None
    return Head(labels.clean_label(found["label"]), found["text"], Style.TAB, start)


def _bracketed(line: str) -> Head | None:
    found = _BRACKET.fullmatch(line)
    if found is None:
        return None
    label = labels.clean_label(found["square"] or found["round"])
    text = found["text"] or found["said"] or ""
    if found["said"] and not labels.is_spelt_out(label):  # (Smiling) Yes
        return None
    start, stamped, rest = stamps.take_leading(text)
    named = labels.is_name_like(label) or labels.is_known(label)
    if rest.startswith((":", "\uff1a")) or not named or labels.is_remark(label):
        return None
    return Head(label, rest if stamped else text, Style.BRACKET, start if stamped else None)


def _bare(line: str, *, bold: bool, stamped: bool) -> Head | None:
    if len(line) > _MAX_BARE:
        return None
    label = labels.clean_label(line)
    if stamped:
        return Head(label, "", Style.LEAD)
    return Head(label, "", Style.ALONE) if bold or labels.is_spelt_out(label) else None


def settle(heads: Iterable[Head], *, led: bool = False, one_liners: bool = False) -> Callable[[Head], bool]:
    """Weigh all possible heads of a file and tell which are heads.

    A label counts when it recurs, names a part in the call, or is written like a name in a file where names speak.
    One style carries a file; other styles count for labels that speak in that one.

    Args:
        heads: All of them.
        led: Whether every line that begins with a time may be a head of style LEAD.
        one_liners: Whether each turn of the file is one line.
    """
    every = list(heads)
    counts = Counter((head.style, head.key) for head in every)
    strong = [head for head in every if _is_strong(head, counts[head.style, head.key], led=led)]
    by_style = Counter(head.style for head in strong)
    ranking = list(Style)
    if by_style:
        style = max(by_style, key=lambda one: (by_style[one], -ranking.index(one)))
    else:
        style = Style.BOLD if any(head.style is Style.BOLD for head in every) else Style.COLON
    main = {head.key for head in strong if head.style is style}
    main |= _in_other_hand(strong, style, counts) if style in _COLONED else set()
    recurring = [head for head in every if head.style is style and head.key in main and counts[style, head.key] > 1]

    def is_head(head: Head) -> bool:
        if head.key in main:
            return head.style is style or (head.style in {Style.STAMPED, Style.BOLD, Style.COLON} and head.firm)
        if head.style is not style or style not in _ONCE:
            return False
        if style in {Style.LEAD, Style.TAB, Style.ALONE}:
            return led or labels.is_name_like(head.label) or labels.is_known(head.label)
        return _fits_once(head, recurring, one_liners=one_liners)

    return is_head


def _in_other_hand(strong: Sequence[Head], style: Style, counts: Counter[tuple[Style, str]]) -> set[str]:
    """Find who speaks in bold where the others speak plainly, or plainly where the others speak in bold.

    A bold word that stands once is a heading; so is a break, however often. Where several speak in bold, what recurs
    plainly within their paragraphs is prose (``Priority: high``), unless it names a part in the call.
    """
    others = [head for head in strong if head.style in _COLONED and head.style is not style]
    bold = {head.key for head in strong if head.style is Style.BOLD and counts[Style.BOLD, head.key] > 1}
    alone = style is Style.COLON or len(bold) == 1
    within = {head.key for head in others if not (alone or head.opens_block)}
    return {
        head.key
        for head in others
        if labels.is_known(head.label)
        or (counts[head.style, head.key] > 1 and head.key not in within and not labels.is_remark(head.label))
    }


def _is_strong(head: Head, count: int, *, led: bool) -> bool:
    named, recurs = labels.is_name_like(head.label), count > 1
    match head.style:
        case Style.STAMPED:
            return (head.firm and named) or recurs
        case Style.COLON:
            words = len(head.label.split())
            few = words == 1 or (words == 2 and count > 2)  # noqa: PLR2004 (two small words need three sightings)
            return labels.is_spelt_out(head.label) or (recurs and (named or few))
        case Style.BOLD:
            return named or recurs or labels.is_known(head.label)
        case Style.RANGED | Style.BRACKET:
            return named or recurs
        case Style.TAB | Style.LEAD:
            return recurs and (named or led or labels.is_known(head.label))
        case Style.ALONE:
            return recurs


def _fits_once(head: Head, recurring: Sequence[Head], *, one_liners: bool) -> bool:
    """Weigh a label that stands once before a colon: a short appearance, or prose with a colon in it?"""
    if not head.firm or not labels.is_name_like(head.label):
        return False
    initials = head.label.isupper() and _INITIALS.fullmatch(head.label) and not labels.is_known(head.label)
    if not recurring or one_liners or initials:
        return True
    blocks = sum(other.opens_block for other in recurring)
    if blocks == len(recurring) and blocks > 2 and not head.opens_block:  # noqa: PLR2004 (three make a habit)
        return False
    parts = {labels.role_of_label(other.label, [one.label for one in recurring]) for other in recurring}
    named = any(not labels.is_known(other.label) for other in recurring)
    if labels.is_known(head.label) and not head.label[-1].isdigit():
        return not named or len(parts - {None}) > 0
    return named or len(head.label.split()) > 1 or Role.PARTICIPANT not in parts
