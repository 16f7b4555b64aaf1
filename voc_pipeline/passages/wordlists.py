"""Small word lists that stand beside the code: names, places, fillers. One file a list, lower case."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def word_list(name: str) -> frozenset[str]:
    """Read a list; words of one entry are joined by a blank.

    Args:
        name: File name in ``data/`` without its ending.
    """
    text = (files(__package__) / "data" / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(entry.replace("_", " ") for line in lines for entry in line.split())
