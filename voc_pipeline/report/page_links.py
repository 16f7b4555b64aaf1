"""Which links may leave the page: recordings, and nothing that could run in it."""

from __future__ import annotations

import re

_WEB = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+([/?#][^\s<>\"'`\\^{|}]*)?", re.IGNORECASE)
_BESIDE = re.compile(r"(?!/)[A-Za-z0-9._~%/-]+(#t=[0-9]+)?")


def recording(link: str) -> str:
    """Give a link back if it leads to a web address or a file beside the report, else nothing.

    The view makes such links only; the page does not rely on it.
    """
    return link if link.isprintable() and (_WEB.fullmatch(link) or _BESIDE.fullmatch(link)) else ""
