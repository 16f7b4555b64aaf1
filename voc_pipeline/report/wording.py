"""How numbers, dates and lists read in the report. Everything here is a pure function to text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MISSED_PREVALENCE = 0.2
_MINUS = "\N{MINUS SIGN}"
_DASH = "\N{EN DASH}"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_SMALLEST_Q = 0.01


def percent(share: float) -> str:
    """Write a share (0..1) as whole percent: ``83%``."""
    return f"{_whole(share)}%"


def percent_range(low: float, high: float) -> str:
    """Write an interval of shares (0..1): ``55-95%`` with an en dash."""
    return f"{_whole(low)}{_DASH}{_whole(high)}%"


def _whole(share: float) -> int:
    return int(share * 100 + 0.5)  # round() would send 12.5 to 12 and 13.5 to 14


def signed(value: float) -> str:
    """Write a net sentiment (-1..1) with a true sign: ``+0.40``, ``0.00``."""
    text = f"{abs(value):.2f}"
    sign = "" if float(text) == 0 else "+" if value > 0 else _MINUS
    return sign + text


def signed_range(low: float, high: float) -> str:
    """Write an interval of net sentiment."""
    return f"{signed(low)} to {signed(high)}"


def points(value: float) -> str:
    """Write a difference of shares (-1..1) in points of percent with a true sign: ``+67``."""
    number = _whole(abs(value))
    return ("" if number == 0 else "+" if value > 0 else _MINUS) + str(number)


def q_text(value: float) -> str:
    """Write a q-value: ``q = 0.04``."""
    return f"q = {value:.2f}" if value >= _SMALLEST_Q else f"q < {_SMALLEST_Q}"


def cut(text: str, most: int) -> str:
    """Give the beginning of a text, cut between words, with an ellipsis where something follows."""
    text = text.strip()
    if len(text) <= most:
        return text
    kept = text[: most + 1].rsplit(None, 1)[0] if any(char.isspace() for char in text[: most + 1]) else text[:most]
    return f"{kept.rstrip()}{_ELLIPSIS}"


def whole_number(value: int) -> str:
    """Write a count with thousands separators."""
    return f"{value:,}"


def counted(value: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: ``1 file``, ``2 files``."""
    return f"{whole_number(value)} {noun if value == 1 else plural or noun + 's'}"


def listing(items: Sequence[str]) -> str:
    """Join words as prose does: ``a, b and c``."""
    if len(items) < 2:  # noqa: PLR2004 (one item needs no joining)
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def clock(seconds: float | None) -> str:
    """Write a position in a recording: ``05:12``, ``1:02:03``; empty when it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def long_date(moment: str) -> str:
    """Write an ISO moment as ``22 November 2026, 04:10 UTC``, in the zone it carries."""
    when = datetime.fromisoformat(moment)
    zone = when.strftime("%Z")
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    )  # fmt: skip
    # strftime's %B would follow the machine's locale
    return f"{when.day} {months[when.month - 1]} {when.year}, {when:%H:%M} {zone}".rstrip()


def label(name: str) -> str:
    """Turn a column name into words: ``account_type`` to ``Account type``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def missed(base: int) -> float:
    """Give the chance (0..1) of hearing nothing from ``base`` people when a fifth of all would say it."""
    return (1 - MISSED_PREVALENCE) ** base


def zero_note(base: int) -> str:
    """Say what hearing a theme from none of ``base`` people is worth."""
    return (
        f"not heard in {base}; at {percent(MISSED_PREVALENCE)} prevalence it would be missed "
        f"{percent(missed(base))} of the time"
    )


class Anchors:
    """Hands out fragment ids: readable, safe in HTML, and never the same one twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, kind: str, name: str) -> str:
        """Give an id such as ``theme-price-value`` from any text."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        anchor = stem = f"{kind}-{slug}" if slug else kind
        number = 2
        while anchor in self._taken:
            anchor = f"{stem}-{number}"
            number += 1
        self._taken.add(anchor)
        return anchor


def tally(labels: Iterable[str], order: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Count labels, known ones in the given order, then others by name; empty ones don't count."""
    counts: dict[str, int] = {}
    for item in labels:
        if item:
            counts[item] = counts.get(item, 0) + 1
    known = [item for item in order if item in counts]
    return tuple((item, counts[item]) for item in [*known, *sorted(counts.keys() - set(known))])
