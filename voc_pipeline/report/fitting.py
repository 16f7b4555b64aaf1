"""Estimates how much room a text takes, so that a slide's text fits before anybody opens it.

Widths are those of Arial (Liberation Sans has the same metrics) in classes of letters, in em; a serif face takes the
factor ``SERIF``. The estimate errs towards too wide.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from voc_pipeline.report.office import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

SERIF, BOLD = 1.08, 1.06
LINE_HEIGHT = 1.2
POINTS_PER_INCH = 72
_CLASSES = (
    ("ijl|!.,:;'\u2019\u2018", 0.25), ('ftrI()[]/\\- \u201c\u201d"*', 0.32), ("ckJsvxyz", 0.5), ("mM", 0.83),
    ("wCDHNRUAEBKPSVXY&", 0.71), ("GOQ", 0.78), ("W%@", 0.95), ("_abdeghnopqu0123456789?LFTZ", 0.58),
)  # fmt: skip
_WIDTH = {letter: width for letters, width in _CLASSES for letter in letters}
_SHRINK = 0.92


def em_width(text: str) -> float:
    """Estimate the width of one line of text, in em."""
    return sum(_WIDTH.get(letter) or _other_width(letter) for letter in text)


def _other_width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.7


def line_count(text: str, room: float) -> int:
    """Estimate how many lines a text takes in lines of ``room`` em; a word longer than a line is broken."""
    return sum(_paragraph_lines(paragraph, room) for paragraph in text.split("\n"))


def _paragraph_lines(text: str, room: float) -> int:
    lines, used, space = 1, 0.0, em_width(" ")
    for word in text.split():
        width = em_width(word)
        if used and used + space + width > room:
            lines, used = lines + 1, 0.0
        used += width + (space if used else 0.0)
        while used > room:
            lines, used = lines + 1, used - room
    return lines


def height(text: str, size: float, width: float, *, serif: bool = False, bold: bool = False) -> float:
    """Estimate the height (inches) of a text at a font size (points) in a box of a width (inches)."""
    em = size * (SERIF if serif else 1.0) * (BOLD if bold else 1.0) / POINTS_PER_INCH
    return line_count(text, max(width, em) / em) * size * LINE_HEIGHT / POINTS_PER_INCH


def fitted(
    text: str, box: tuple[float, float], sizes: Sequence[float], *, serif: bool = False, bold: bool = False
) -> tuple[str, float]:
    """Choose the largest size (points) at which a text fits a box; cut it when even the smallest does not.

    Args:
        text: What to show.
        box: Width and height, in inches.
        sizes: Accepted sizes, the largest first.
        serif: The face is a serif one.
        bold: The face is bold.

    Returns:
        The text, cut with an ellipsis if need be, and its size.
    """
    for size in sizes:
        if height(text, size, box[0], serif=serif, bold=bold) <= box[1]:
            return text, size
    smallest, limit = sizes[-1], len(text)
    while limit > 1 and height(cut(text, limit), smallest, box[0], serif=serif, bold=bold) > box[1]:
        limit = int(limit * _SHRINK)
    return cut(text, limit), smallest
