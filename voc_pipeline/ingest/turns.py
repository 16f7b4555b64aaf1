"""From the lines of a text or the paragraphs of a document to utterances."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import heads, labels, names, stamps, unlabelled
from voc_pipeline.ingest.boilerplate import BEFORE, HEADING, RULE, SERVICE, STAMP, is_rule, is_service_line
from voc_pipeline.ingest.metadata import LIST_MARK
from voc_pipeline.records import LossReport, RawTranscript, Role, Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence

_SERVICE_END = re.compile(
    r"\s*(?:\S.{0,80} (?:started|stopped) transcription|(?:Meeting|Transcription) ended (?:after|at) \d.*"
    r"|This editable transcript was computer generated.*)\s*",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S.*")
_BOLD_HEADING = re.compile(rf"\s*\*\*[^*]{{1,60}}:\*\*\s*(?:{stamps.BRACKETED})?\s*")  # **Break:** [18:27]
_FIELD = re.compile(r"\**(?P<key>[^:*\s][^:*]{0,39}?)\**\s{0,20}:\**(?:\s+(?P<value>\S.*)|)")
_SENTENCE_END = (".", "?", "!", "\u2026")
_MAX_NAMES = 200  # characters of a field that may list who is who
_BETWEEN_NAMES = re.compile(r"\s*[,;/&(]\s*|\s+(?:and|und|et|y|e|[-\u2013|])\s+")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass
class _Piece:
    """A turn in the making: ``paragraphs`` hold its lines."""

    speaker: str | None
    start: float | None
    paragraphs: list[list[str]] = field(default_factory=lambda: [[]])

    def text(self) -> str:
        """Join lines by one space and paragraphs by a line end, and take stamps out."""
        joined = (" ".join(line.strip() for line in lines) for lines in self.paragraphs if lines)
        return "\n".join(stamps.remove_inside(paragraph).strip() for paragraph in joined)


def read_lines(lines: Sequence[str], *, name: str, headings: bool = False) -> RawTranscript:
    r"""Read speaker turns from lines.

    Lines of one paragraph are joined by a space, paragraphs (parted by blank lines) of one turn by ``\n``.

    Args:
        lines: The text's lines, without line ends; tabs are kept.
        name: The file's name, for messages.
        headings: Whether ``# ...`` after a blank line is a heading (markdown), which nobody speaks.

    Raises:
        RefusedError: Time stamps but no speakers, or most of the file stands outside the speakers' turns.
    """
    lines = names.without_numbers(lines)
    found = _settled_heads(lines)
    if not found or (len(found) == 1 and unlabelled.count_listed(lines) > 1):  # "Agenda:" above a list speaks not
        return _unlabelled(lines, name, headings=headings)
    reading = _Reading(lines, found, headings=headings)
    raw = reading.run()
    outside = sum(len(line.split()) for line in lines[: min(found)])
    inside = sum(len(utterance.text.split()) for utterance in raw.utterances)
    if not inside or outside > max(inside, 100):
        raise RefusedError(
            f"only {inside} of {inside + outside} words stand in turns of a speaker",
            where=name,
            hint="Write each turn as 'Name: text' on a line of its own, and remove notes and summaries",
        )
    return raw


def _settled_heads(lines: Sequence[str]) -> dict[int, heads.Head]:
    possible = _possible_heads(lines)
    led = sum(head.style is heads.Style.LEAD for head in possible.values())
    is_head = heads.settle(
        possible.values(),
        led=bool(led) and led == sum(map(cache(_begins_with_time), lines)),
        one_liners=len(possible) > 2 and len(possible) == sum(bool(line.strip()) for line in lines),  # noqa: PLR2004 (a habit)
    )
    found = _from_first_stamp(lines, {number: head for number, head in possible.items() if is_head(head)})
    found = found or names.heads_of(lines, from_line=_header_end(lines))
    return found | _nameless(lines, found) if _are_stamped(found) else found


def _begins_with_time(line: str) -> bool:
    start, _, rest = stamps.take_leading(line)
    return start is not None and bool(rest.strip())


def _possible_heads(lines: Sequence[str]) -> dict[int, heads.Head]:
    possible: dict[int, heads.Head] = {}
    alone, parse = cache(stamps.alone), cache(heads.parse_head)  # a header line recurs: read each of them once
    body = _header_end(lines)
    for number, line in enumerate(lines):
        if number < body or not line.strip() or alone(line) is not None or stamps.timing(line):
            continue
        after_blank = number == 0 or not lines[number - 1].strip() or alone(lines[number - 1]) is not None
        head = parse(line, opens_block=after_blank)
        if number and stamps.timing(lines[number - 1]) and (head is None or not head.text):
            label = labels.clean_label(line)
            head = heads.Head(label, "", heads.Style.RANGED) if labels.is_label(label) else head
        elif head and not head.text and head.style in {heads.Style.LEAD, heads.Style.ALONE, heads.Style.BRACKET}:
            head = head if _speech_follows(lines, number) else None
        if head is not None:
            possible[number] = head
    return possible


def _are_stamped(found: dict[int, heads.Head]) -> bool:
    return 2 * sum(head.style is heads.Style.STAMPED for head in found.values()) > len(found)


def _nameless(lines: Sequence[str], found: dict[int, heads.Head]) -> dict[int, heads.Head]:
    """Find Otter's headers of a time alone beside those with a name: somebody speaks, and it isn't told who."""
    starts = sorted((at, head.start) for at, head in found.items() if head.start is not None)
    nameless = {}
    for number, line in enumerate(lines[:-1]):
        at = stamps.alone(line)
        if at is None or (number and lines[number - 1].strip()) or number + 1 in found or not lines[number + 1].strip():
            continue
        place = bisect(starts, (number, 0.0))
        before = starts[place - 1][1] if place else 0.0
        after = starts[place][1] if place < len(starts) else at
        if before <= at <= after:
            nameless[number] = heads.Head("", "", heads.Style.STAMPED, at)
    return nameless


def _speech_follows(lines: Sequence[str], number: int) -> bool:
    following = next((lines[at] for at in range(number + 1, len(lines)) if lines[at].strip()), "")
    return bool(following) and stamps.take_leading(following)[0] is None


def _from_first_stamp(lines: Sequence[str], found: dict[int, heads.Head]) -> dict[int, heads.Head]:
    """Drop what looks like speakers in the notes above a Google Meet transcript.

    There, speech begins at the first line that is only a time, with ``Name: text`` right below.
    """
    for number, line in enumerate(lines):
        if stamps.alone(line) is None:
            continue
        if _next_line(lines, number) not in found:
            return found
        above = {head.key for at, head in found.items() if at < number}
        below = {at: head for at, head in found.items() if at > number}
        return found if above & {head.key for head in below.values()} else below
    return found


def _next_line(lines: Sequence[str], number: int) -> int:
    return next((at for at in range(number + 1, len(lines)) if lines[at].strip()), len(lines))


class _Reading:
    """One walk over the lines of a file whose heads are known."""

    def __init__(self, lines: Sequence[str], found: dict[int, heads.Head], *, headings: bool) -> None:
        self.lines = lines
        self.heads = found
        self.headings = headings
        self.pieces: list[_Piece] = []
        self.dropped: Counter[str] = Counter()
        self.pending: float | None = None
        timings = [start for line in lines if (start := stamps.timing(line)) is not None]
        self.spans = bool(timings)
        self.unpadded = any(map(stamps.is_unpadded, timings))
        self.stamped = _are_stamped(found)
        self.inferred = 0

    def run(self) -> RawTranscript:
        first = min(self.heads, default=0)
        if not self.heads:
            self.pieces.append(_Piece(None, None))
        last = len(self.lines) - 1
        while last > first and last not in self.heads and self._ends_below(self.lines[last]):
            last -= 1
        for number, line in enumerate(self.lines[: last + 1]):
            self._take(number, line, spoken=number >= first)
        texts = [(piece, piece.text()) for piece in self.pieces]
        utterances = tuple(Utterance(piece.speaker, text, piece.start) for piece, text in texts if text.strip())
        seen = sum(bool(line.strip()) for line in self.lines)
        loss = LossReport(seen, seen - self.dropped.total(), tuple(sorted((+self.dropped).items())), self.inferred)
        return RawTranscript(utterances, _header_fields(self.lines[:first]), loss)

    def _ends_below(self, line: str) -> bool:
        """Tell a blank line or a closing one of the service, which is counted."""
        service = _SERVICE_END.fullmatch(line) is not None
        self.dropped[SERVICE] += service
        return service or not line.strip()

    def _take(self, number: int, line: str, *, spoken: bool) -> None:
        after_blank = number == 0 or not self.lines[number - 1].strip()
        if not line.strip():
            if self.pieces and self.pieces[-1].paragraphs[-1]:
                self.pieces[-1].paragraphs.append([])
        elif head := self.heads.get(number):
            start = self.pending if head.start is None else head.start
            self.pieces.append(_Piece(head.label or None, start, [[head.text]] if head.text.strip() else [[]]))
            self.pending = None
        elif (at := self._stamp(line)) is not None:
            if self.pieces and self.pieces[-1].start is None and self.pieces[-1].paragraphs == [[]]:
                self.pieces[-1].start = at  # below the name
            else:
                self.pending = at
            self.dropped[STAMP] += 1
        elif is_service_line(line):
            self.dropped[SERVICE] += 1
        elif is_rule(line):
            self.dropped[RULE] += 1
        elif not spoken:
            self.dropped[BEFORE] += 1
        elif self.headings and after_blank and (_HEADING.fullmatch(line) or _BOLD_HEADING.fullmatch(line)):
            self.dropped[HEADING] += 1
        else:
            self.inferred += self.pending is not None and self.pieces[-1].speaker is not None
            self.pieces[-1].paragraphs[-1].append(line)
            self.pending = None

    def _stamp(self, line: str) -> float | None:
        """Read a line that is a time.

        Where times are written ``start --> end``, or behind names, a bare ``07:30`` is speech.
        """
        start = stamps.timing(line)
        if start is not None:
            return stamps.seconds(start, unpadded=self.unpadded)
        spoken = self.spans or (self.stamped and line.strip()[0].isdigit())
        return None if spoken else stamps.alone(line)


def _unlabelled(lines: Sequence[str], name: str, *, headings: bool) -> RawTranscript:
    names.refuse_doubtful(lines, name=name)
    timed = unlabelled.timed_pieces(lines, headings=headings)
    if timed is not None:
        return timed
    unlabelled.refuse_timecodes(lines, name=name)
    raw = _Reading(lines, {}, headings=headings).run()
    if not raw.utterances:
        raise RefusedError("the file holds no speech", where=name, hint="Export the transcript again")
    return raw


def _header_end(lines: Sequence[str]) -> int:
    """Find where a head of fields (``Date: ...``, ``Interviewer: ...``) ends; 0 when the file has none.

    Such a head is a block with one field a line, no field twice, and a field that nobody could speak; only a title may
    stand above it. It ends at a blank line, or where somebody speaks.
    """
    first = end = 0
    keys: list[str] = []
    while end < len(lines) and not keys:
        first = next((at for at in range(end, len(lines)) if not _parts_blocks(lines[at])), len(lines))
        end = next((at for at in range(first, len(lines)) if _parts_blocks(lines[at])), len(lines))
        fields = [_FIELD.fullmatch(line.strip()) for line in lines[first:end]]
        keys = [labels.key_of(found["key"]) for found in fields if found]
    whole = len(keys) == end - first == len(set(keys))
    if whole:
        keys = keys[: _first_said(lines, first, end)]
        end = first + len(keys)
    block = whole and any(map(labels.is_field, keys)) and any(line.strip() for line in lines[end:])
    return max(end if block else 0, _spread_head_end(lines))


def _first_said(lines: Sequence[str], first: int, end: int) -> int:
    """Count the lines of a block of fields above the first that is speech: no known field stands below that one."""
    fields = [_field(line) for line in lines[first:end]]
    above = max((at for at, (key, _) in enumerate(fields, start=1) if labels.is_field(key)), default=0)
    doubtful = [(at, *fields[at]) for at in range(above, len(fields)) if not _names(fields[at][1])]
    below = {_field(line)[0] for line in lines[end:]} if doubtful else set()
    for at, key, value in doubtful:
        if labels.role_of_label(key, ()) is not None or value.endswith(_SENTENCE_END) or key in below:
            return at
    return len(fields)


def _field(line: str) -> tuple[str, str]:
    """Give the key and the value of a line that is a field; two empty strings for any other."""
    found = _FIELD.fullmatch(line.strip())
    return (labels.key_of(found["key"]), (found["value"] or "").strip(" *")) if found else ("", "")


def _names(value: str) -> list[str]:
    """List the names, codes and jobs that a field's value gives; an empty value gives one, and speech none."""
    if len(value) > _MAX_NAMES:
        return []
    if labels.is_generic_label(value):
        return [value]
    whole = labels.is_label(value) and labels.is_name_like(value) and not _opens_speech(value)
    parts = [part.strip(" )") for part in _BETWEEN_NAMES.split(value)]
    full = [part for part in parts if _is_full_name(part)]
    if whole and len(full) < len(parts):  # Wu, Dana
        return [value]
    return full if full[:1] == parts[:1] and (whole or not value.endswith(_SENTENCE_END)) else []


def _is_full_name(text: str) -> bool:
    named = labels.is_label(text) and labels.is_name_like(text) and not _opens_speech(text)
    return named and (" " in text or text[-1].isdigit())


def _opens_speech(text: str) -> bool:
    """Tell what begins with a remark: Thanks, Hi Ana."""
    return labels.is_prose(text) or labels.is_prose(text.split(maxsplit=1)[0].rstrip(","))


def _spread_head_end(lines: Sequence[str]) -> int:
    """Find where a head of fields ends whose fields are paragraphs of their own, as in a document; 0: there is none.

    Who is who belongs to it (``Interviewer: Ana Ruiz``): what is said there is a name or a code, and nothing else.
    """
    end, keys, titled = 0, list[str](), False
    for at, line in enumerate(lines):
        if _parts_blocks(line):
            continue
        found = _FIELD.fullmatch(line.strip())
        if found is None and not end and not titled:
            titled = True
            continue
        key = labels.key_of(found["key"]) if found else ""
        if found is None or key in keys or not (labels.is_field(key) or _names_somebody(key, found["value"] or "")):
            break
        keys.append(key)
        end = at + 1
    fields = any(map(labels.is_field, keys)) and any(line.strip() for line in lines[end:])
    return end if fields else 0


def _names_somebody(key: str, value: str) -> bool:
    named = labels.is_label(value) and labels.is_name_like(value)
    return labels.role_of_label(key, ()) is not None and named and (" " in value or value[-1].isdigit())


def _parts_blocks(line: str) -> bool:
    return not line.strip() or is_rule(line) or _HEADING.fullmatch(line) is not None


def _header_fields(lines: Sequence[str]) -> dict[str, str]:
    """Take who is who and the date from the head of fields; the rest of it is nobody's attribute."""
    fields: dict[str, str] = {}
    people: dict[Role, list[str]] = {}
    for line in lines[: _header_end([*lines, "", "speech"])]:
        key, value = _field(line)
        if not value:
            continue
        role = labels.role_of_label(key, ())
        if key in {"date", "interview date"} and _ISO_DATE.fullmatch(value):
            fields["interview_date"] = value
        elif role is not None:
            people.setdefault(role, []).extend(_names(value))
    told = {role.value: LIST_MARK.join(dict.fromkeys(names)) for role, names in people.items() if names}
    return fields | told
