"""What workbook and slides share: text that XML can hold, cuts that show, files that are the same every time."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from io import BytesIO

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SENTENCE_END = re.compile(r"[.!?][\"'\u2019\u201d)\]]*(?=\s)")
_LEAST_OF_A_CUT = 0.4
_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a zip entry can carry


def printable(text: str) -> str:
    """Replace what XML 1.0 cannot hold by the replacement character, so that a reader sees that something was there."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def cut(text: str, limit: int) -> str:
    """Shorten to ``limit`` characters: after a sentence if one ends late enough, else after a word; it shows."""
    if len(text) <= limit:
        return text
    kept = text[: max(0, limit - 2)]
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: len(kept) + 1]) if match.end() <= len(kept)]
    if ends and ends[-1] >= _LEAST_OF_A_CUT * limit:
        return f"{kept[: ends[-1]]} {ELLIPSIS}"
    word = len(kept) if text[len(kept)].isspace() else kept.rfind(" ")
    return f"{(kept[:word] if word >= _LEAST_OF_A_CUT * limit else kept).rstrip()} {ELLIPSIS}"


def moment(published_at: str) -> datetime:
    """Read the view's moment as UTC, without a zone and without microseconds, as document properties want it."""
    when = datetime.fromisoformat(published_at)
    return (when if when.tzinfo is None else when.astimezone(UTC)).replace(tzinfo=None, microsecond=0)


def settled(archive: bytes) -> bytes:
    """Write a zip file again with the same entries in the same order and no trace of when it was made."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            new.writestr(entry, old.read(name))
    return made.getvalue()
