"""Time stamps as transcripts write them: ``0:49``, ``[00:01:02]``, ``(00:01)``, ``#00:12:34-5#``, ``a --> b``."""

from __future__ import annotations

import re

CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_LOOSE = r"-?(?:\d{1,4}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,9})?"
_SPAN = rf"{CLOCK}(?:\s*(?:-->|-|\u2013)\s*{CLOCK})?(?:-\d{{1,3}})?"
BRACKETED = rf"(?:\[\s*{_SPAN}\s*\]|\(\s*{_SPAN}\s*\)|#{_SPAN}#)"

_TIMING = re.compile(rf"\s*\[?(?P<start>{_LOOSE})\s*-->\s*{_LOOSE}\]?(?P<rest>\s.*|)")
_TIMING_LIKE = re.compile(r"\s*[\d:.,-]+\s*-->\s*(?:[:.,-]*\d[\d:.,-]*(?P<rest>.*)|)")
_CUE_SETTINGS = re.compile(r"(?:\s+[A-Za-z]\w*:\S+)*\s*")
_ALONE = re.compile(rf"\s*(?:{BRACKETED}|{CLOCK})\s*")
_SPANNED = re.compile(rf"\s*{_SPAN}\s*")
_SHORTHAND = re.compile(r"\s*\d{1,4}:\d{1,2}\s*")  # NVivo's 1:6
_INSIDE = re.compile(rf"[ \t]?(?:\[\s*{_SPAN}\s*\]|#{_SPAN}#)")
_LEADING = re.compile(rf"\s*(?P<stamp>(?P<bracketed>{BRACKETED})|{CLOCK})(?=\s|\[|$)[\s\u2013-]*")
_MARK = re.compile(rf"\[[^\[\]\d]{{1,40}}{CLOCK}\s*\]")  # [inaudible 00:01:02]
_CODE = re.compile(rf"{BRACKETED}|\b\d{{1,3}}:\d{{2}}:\d{{2}}\b")
_PARTS = re.compile(r"(?P<sign>-?)(?:(?P<hours>\d+):)?(?P<minutes>\d+):(?P<seconds>\d+)(?:[.,](?P<fraction>\d+))?")
_SIXTY = 60


def seconds(stamp: str, *, unpadded: bool = False) -> float | None:
    """Read the first clock time of a stamp.

    Args:
        stamp: ``h:mm:ss`` or ``mm:ss`` with an optional sign and fraction, in any brackets.
        unpadded: Microsoft Graph's form, in which what follows the dot is a count of milliseconds: ``0:0:6.90`` is
            6.090 s. Elsewhere it is a decimal fraction.

    Returns:
        Seconds, or None where there is no time or its seconds (minutes beside hours) are 60 or more.
    """
    found = _PARTS.search(stamp)
    if found is None:
        return None
    hours, minutes, whole = int(found["hours"] or 0), int(found["minutes"]), int(found["seconds"])
    if whole >= _SIXTY or (found["hours"] and minutes >= _SIXTY):
        return None
    fraction = found["fraction"] or "0"
    part = int(fraction) / 1000 if unpadded else float(f"0.{fraction}")
    value = hours * 3600 + minutes * 60 + whole + part
    return -value if found["sign"] else value


def timing(line: str) -> str | None:
    """Give the start stamp of a line that is a cue's timing, ``start --> end``, and nothing else but cue settings."""
    found = _TIMING.fullmatch(line)
    return found["start"] if found and _CUE_SETTINGS.fullmatch(found["rest"]) else None


def loose_timing(line: str) -> tuple[str, str] | None:
    """Split a line that was meant as a cue's timing into its start stamp ("": can't be read) and words behind it."""
    found = _TIMING.fullmatch(line) or _TIMING_LIKE.fullmatch(line)
    if found is None:
        return None
    rest = found["rest"] or ""
    return found.groupdict().get("start", ""), "" if _CUE_SETTINGS.fullmatch(rest) else rest


def is_unpadded(stamp: str) -> bool:
    """Tell Microsoft Graph's unpadded stamps (``0:0:6.90``): one digit for minutes beside hours, or for seconds."""
    found = _PARTS.search(stamp)
    if found is None:
        return False
    return len(found["seconds"]) == 1 or (found["hours"] is not None and len(found["minutes"]) == 1)


def alone(line: str) -> float | None:
    """Read a line that holds a stamp and nothing else; None for any other line."""
    return seconds(line) if _ALONE.fullmatch(line) else None


def take_leading(line: str) -> tuple[float | None, bool, str]:
    """Take a stamp off the front of a line.

    Returns:
        Its seconds (None: there is none), whether it stands in brackets, and the rest of the line.
    """
    found = _LEADING.match(line)
    start = seconds(found["stamp"]) if found else None
    if found is None or start is None:
        return None, False, line
    return start, found["bracketed"] is not None, line[found.end() :]


def remove_inside(text: str) -> str:
    """Remove ``[00:01:02]`` and ``#00:01:02-3#`` from speech, leaving a blank where one parted two words."""

    def gap(found: re.Match[str]) -> str:
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        parts_words = found[0][0].isspace() and not after.isspace()
        return " " if parts_words or (before.isalnum() and after.isalnum()) else ""

    return _INSIDE.sub(gap, text)


def codes_inside(line: str) -> int:
    """Count what can only be a place in a recording: ``00:03:15`` and stamps in brackets; not marks, nor ``9:15``."""
    return len(_CODE.findall(_MARK.sub("", line)))


def whole(cell: str) -> float | None:
    """Read a cell that holds a stamp, a span of two or ``1:6``, and nothing else; None for any other cell."""
    return seconds(cell) if any(form.fullmatch(cell) for form in (_ALONE, _SPANNED, _SHORTHAND)) else None
