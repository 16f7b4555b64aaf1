"""Numbers read from the view's texts, for cells that are sorted, averaged and pivoted.

They are read from the text rather than made anew of the tables, so that a cell shows what the page shows: a spreadsheet
rounds a net sentiment of 0.125 to +0.13, where the page says +0.12. What was not rounded stands in the CSV files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc_pipeline.report.cells import Cell

DOLLAR = "$"
_FIGURE = re.compile(
    r"(?P<sign>[+\N{MINUS SIGN}]?)\$?(?P<whole>0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)(?P<rest>\.\d+)?(?P<percent>%?)",
    re.ASCII,
)


def figure(text: str) -> Cell:
    """Give the number that a text shows: ``+0.12``, ``$340,000``, ``58%``; any other text stays as it is."""
    found = _FIGURE.fullmatch(text)
    if found is None:
        return text
    digits = found["whole"].replace(",", "")
    number = float(digits + found["rest"]) if found["rest"] else int(digits)
    if found["percent"]:
        number = round(number / 100, 4)
    return -number if found["sign"] == "\N{MINUS SIGN}" else number


def pair(text: str, between: str) -> tuple[Cell, Cell]:
    """Give the two numbers of ``4 of 12`` or ``+0.12 to +0.46``; any other text stays whole, beside an empty cell."""
    first, _, last = text.partition(between)
    numbers = figure(first), figure(last)
    return (text, None) if any(isinstance(number, str) for number in numbers) else numbers


def count_of(text: str) -> Cell:
    """Give the number of ``9 mentions``; any other text stays as it is."""
    number, _, noun = text.partition(" ")
    found = figure(number)
    return found if noun.isalpha() and not isinstance(found, str) else text
