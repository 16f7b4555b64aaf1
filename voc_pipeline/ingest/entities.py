"""Character entities: ``&amp;``, ``&aacute;``, ``&#39;``, ``&#x27;``."""

from __future__ import annotations

import html
import re
from html.entities import html5

_ENTITY = re.compile(r"&(?:(?P<name>[A-Za-z][A-Za-z0-9]{1,31})|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")


def decode_entities(text: str) -> str:
    """Decode the entities of HTML 5, once: ``&amp;lt;`` is ``&lt;``. What lacks its semicolon or a meaning stays."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    name = entity["name"]
    if name is None:
        return html.unescape(entity[0])
    return html5.get(f"{name};") or html5.get(f"{name.lower()};") or entity[0]
