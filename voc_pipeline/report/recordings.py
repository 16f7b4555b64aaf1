"""Links to a recording at the second of a quote."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

_WEB = re.compile(r"https?://[^\s\x00-\x20<>\"'`\\^{|}]+", re.IGNORECASE)


def recording_link(written: str, seconds: float | None) -> str:
    """Make a link of the roster's column ``recording``.

    Args:
        written: A web address or the path of a file relative to the report. Anything else is no link: other schemes
            (javascript:, data:), absolute paths, addresses with a password.
        seconds: Where the turn begins; None when it is not known.

    Returns:
        The link, with a media fragment (``#t=312``) unless the address has a fragment of its own; "" for no link.
    """
    written = written.strip()
    if _WEB.fullmatch(written):
        return _web_link(written, seconds)
    path = written.replace("\\", "/")
    if not path or path.startswith("/") or ":" in path or not path.isprintable():
        return ""
    return quote(path, safe="/") + _moment(seconds)


def _web_link(written: str, seconds: float | None) -> str:
    try:
        address = urlsplit(written)
    except ValueError:  # a host such as "[::"
        return ""
    if not address.hostname or "@" in address.netloc:
        return ""
    return written if "#" in written else written + _moment(seconds)


def _moment(seconds: float | None) -> str:
    return "" if seconds is None else f"#t={int(seconds)}"
