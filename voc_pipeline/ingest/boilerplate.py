"""Lines that nobody speaks, and how the loss report calls them."""

from __future__ import annotations

import re

BEFORE = "before the first speaker"
HEADING = "heading"
STAMP = "time stamp"
SERVICE = "line of the transcription service"
RULE = "line of dashes"

_SERVICE = re.compile(
    r"\s*Transcribed by \W*(?:https?://)?(?:www\.)?(?:otter\.ai|rev\.com|sonix\.ai)\W*"
    r"|\s*[\[(*<]+\s*end of (?:audio|file|interview|recording|tape|transcript|transcription)\s*[\])*>]+\s*"
    r"|\s*end of (?:audio|recording|transcript|transcription)\.?\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*(?:(?:[-*_=]\s*){3,}|[-\u2013\u2014]\s*)")


def is_service_line(line: str) -> bool:
    """Tell Otter's footer, which Whisper also writes where it hears nothing, and ``[End of recording]``."""
    return _SERVICE.fullmatch(line) is not None


def is_rule(line: str) -> bool:
    """Tell lines that are drawn, not spoken: ``---``, ``***``, or one dash between two speakers."""
    return _RULE.fullmatch(line) is not None
