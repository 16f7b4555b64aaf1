"""The one door to xlsxwriter: typed cells, tables with filters, pages that print. A text never becomes a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import xlsxwriter  # type: ignore[import-untyped] # it ships no types; what we use of it stays in this module

from voc_pipeline.report import palette
from voc_pipeline.report.fitting import BOLD as BOLD_WIDTH
from voc_pipeline.report.fitting import SERIF as SERIF_WIDTH
from voc_pipeline.report.fitting import line_count
from voc_pipeline.report.office import ELLIPSIS, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Cell = str | int | float | None
Kind = Literal[
    "text", "strong", "quiet", "count", "share", "net", "ratio", "tenths", "dollars", "right", "link", "words", "id"
]  # fmt: skip

CELL_LIMIT = 32_767  # characters that Excel keeps in a cell, in UTF-16 units
CUT_SIGN = f" {ELLIPSIS} [cut: a cell holds no more; the full text stands in the CSV files]"
CHART_MOMENT = datetime(1980, 1, 1)  # noqa: DTZ001 (document properties have no zone)
NAME_LIMIT, URL_LIMIT, FOOTER_LIMIT = 31, 2_000, 100
SANS, SERIF = "Arial", "Georgia"
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_POINTS_OF_A_DIGIT = 5.5  # what columns' widths count: digits of Excel's default face
_POINTS, _LINE, _PADDING, _HIGHEST = 10.0, 1.28, 3.0, 409.0  # size of text, height of its lines and of a row
_WIDE_PAGE = 230.0  # digits; wider sheets take two pages side by side

_BASE = {"font_name": SANS, "font_size": _POINTS, "font_color": f"#{palette.INK}", "valign": "top"}
_WRAP = {"text_wrap": True}
_RULED = {"bottom": 1, "bottom_color": f"#{palette.LINE}"}
_CELL = _RULED | _WRAP | {"align": "left", "indent": 1}
_NUMBER = _RULED | {"align": "right"}
_SMALL = _NUMBER | {"italic": True}
_HEADER = _WRAP | {
    "bold": True, "font_color": f"#{palette.CARD}", "bg_color": f"#{palette.ACCENT}", "valign": "bottom",
}  # fmt: skip
_STYLES: Mapping[str, Mapping[str, object]] = {
    "title": _WRAP | {"font_name": SERIF, "font_size": 18.0, "align": "left", "indent": 1},
    "section": {
        "font_name": SERIF,
        "font_size": 14.0,
        "font_color": f"#{palette.ACCENT}",
        "align": "left",
        "indent": 1,
    },
    "note": _WRAP | {"font_color": f"#{palette.MUTED}", "align": "left", "indent": 1},
    "warning": _WRAP | {"font_color": f"#{palette.SENTIMENTS['negative']}", "bold": True, "align": "left", "indent": 1},
    "label": _WRAP | {"font_color": f"#{palette.MUTED}", "align": "left", "indent": 1},
    "plain": _WRAP | {"align": "left", "indent": 1},
    "header": _HEADER | {"align": "left", "indent": 1},
    "header right": _HEADER | {"align": "right"},
    "text": _CELL,
    "strong": _CELL | {"bold": True},
    "quiet": _CELL | {"font_color": f"#{palette.MUTED}"},
    "words": _CELL | {"font_name": SERIF},
    "id": _CELL | {"font_size": 8.0, "font_color": f"#{palette.MUTED}"},
    "right": _NUMBER,
    "count": _NUMBER | {"num_format": "#,##0"},
    "share": _NUMBER | {"num_format": "0%"},
    "net": _NUMBER | {"num_format": '+0.00;"\N{MINUS SIGN}"0.00;0.00'},  # the sign that the page prints
    "ratio": _NUMBER | {"num_format": "0.00"},
    "tenths": _NUMBER | {"num_format": "0.0"},
    "dollars": _NUMBER | {"num_format": '"$"#,##0'},
    "small count": _SMALL | {"num_format": "#,##0\\ \N{DAGGER}"},
    "small share": _SMALL | {"num_format": "0%\\ \N{DAGGER}"},
    "link": _RULED | {"font_color": f"#{palette.ACCENT}", "underline": 1, "align": "left", "indent": 1},
    "open": _CELL | {"bg_color": f"#{palette.MARK}"},
}
_RIGHT = ("count", "share", "net", "ratio", "tenths", "dollars", "right")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, its width in digits, what its cells are, and whether shares get a bar."""

    title: str
    width: float
    kind: Kind = "text"
    bar: bool = False


class Book:
    """A workbook in memory.

    Args:
        title: Title of the study, for the document's properties and each page's foot.
        status: Stands beside it at each page's foot.
        created: The moment to name as its creation; nothing else tells when or by whom it was made.
    """

    def __init__(self, title: str, status: str, created: datetime) -> None:
        self._bytes = BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": SANS, "font_size": _POINTS},  # columns' widths count its digits
        }
        self._book = xlsxwriter.Workbook(self._bytes, options)
        self._book.set_properties({"title": printable(title)[:255], "author": "", "created": created})
        self._foot = f"&L&8 {_foot(status)} \N{MIDDLE DOT} {_foot(title)}&R&8&P / &N"
        self._styles: dict[str, object] = {}
        self.names: list[str] = []

    def sheet(self, wanted: str, widths: Sequence[float]) -> Sheet:
        """Add a sheet under a name that Excel accepts, as near to the wanted one as can be."""
        name = free_name(wanted, self.names)
        self.names.append(name)
        sheet = self._book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.set_margins(left=0.5, right=0.5, top=0.55, bottom=0.65)
        sheet.fit_to_pages(1 if sum(widths) <= _WIDE_PAGE else 2, 0)
        sheet.set_footer(self._foot)
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        return Sheet(self, sheet, name, widths)

    def style(self, name: str, **more: object) -> object:
        """Give a format, made once."""
        key = f"{name} {more}" if more else name
        if key not in self._styles:
            self._styles[key] = self._book.add_format(_BASE | dict(_STYLES[name]) | more)
        return self._styles[key]

    def finish(self) -> bytes:
        """Close the workbook and give its bytes."""
        self._book.close()
        return self._bytes.getvalue()


class Sheet:
    """A sheet that is written from the top down. ``row`` is the next free one, from 0."""

    def __init__(self, book: Book, sheet: object, name: str, widths: Sequence[float]) -> None:
        self._book = book
        self._sheet: xlsxwriter.worksheet.Worksheet = sheet
        self._widths = widths
        self.name = name
        self.row = 0
        self._high = 0.0

    def put(self, column: int, value: Cell, style: str, **more: object) -> None:
        """Write a cell of the current row: a text stays a text, a number a number, nothing an empty cell."""
        made = self._book.style(style, **more)
        if value is None or value == "":
            self._sheet.write_blank(self.row, column, None, made)
        elif isinstance(value, str):
            text = cell_text(value)
            self._sheet.write_string(self.row, column, text, made)
            if style != "id":  # what doesn't fit beside the rest stays out of sight
                self._make_room(text, self._widths[column], dict(_STYLES[style]) | more)
        else:
            self._sheet.write_number(self.row, column, value, made)

    def line(self, *cells: tuple[str, str]) -> None:
        """Write texts with their styles from the first column on, and go to the next row."""
        for column, (text, style) in enumerate(cells):
            self.put(column, text, style)
        self.end_row()

    def end_row(self) -> None:
        """Go to the next row; this one is as high as its texts need, which not every program works out by itself."""
        if self._high:
            self._sheet.set_row(self.row, min(_HIGHEST, self._high))
        self.row, self._high = self.row + 1, 0.0

    def _make_room(self, text: str, width: float, style: Mapping[str, object]) -> None:
        look = _BASE | dict(style)
        points = float(str(look["font_size"]))
        serif = SERIF_WIDTH if look["font_name"] == SERIF else BOLD_WIDTH if look.get("bold") else 1.0
        room = (width - 1.5) * _POINTS_OF_A_DIGIT / (points * serif)
        lines = line_count(text, max(1.0, room)) if look.get("text_wrap") else 1
        self._high = max(self._high, lines * points * _LINE + _PADDING)

    def across(self, text: str, style: str) -> None:
        """Write a text over the whole width, as high as it needs to be."""
        if not text:
            return
        if len(self._widths) > 1:
            self._sheet.merge_range(self.row, 0, self.row, len(self._widths) - 1, "", self._book.style(style))
        self._make_room(printable(text), sum(self._widths), _STYLES[style])
        made = self._book.style(style)
        self._sheet.write_string(self.row, 0, cell_text(text), made)
        self.end_row()

    def fit_one_page(self) -> None:
        """Print all of it on one page."""
        self._sheet.fit_to_pages(1, 1)

    def skip(self) -> None:
        """Leave a row empty."""
        self.end_row()

    def header(self, titles: Sequence[tuple[str, bool]]) -> None:
        """Write column titles; ``True`` stands over numbers."""
        for column, (title, right) in enumerate(titles):
            self.put(column, title, "header right" if right else "header")
        self.end_row()

    def hold(self, rows: int, columns: int) -> None:
        """Keep what is above the current row in sight, and so many columns; print the last rows above on each page."""
        self._sheet.freeze_panes(self.row, columns)
        self._sheet.repeat_rows(self.row - rows, self.row - 1)
        if columns and sum(self._widths) > _WIDE_PAGE:
            self._sheet.repeat_columns(0, columns - 1)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, frozen: int = 0) -> None:
        """Write a table with a filter; bars stand behind shares."""
        self.header([(column.title, column.kind in _RIGHT) for column in columns])
        self.hold(1, frozen)
        top = self.row
        for row in rows:
            for number, (column, value) in enumerate(zip(columns, row, strict=True)):
                if column.kind == "link" and isinstance(value, str):
                    self.link(number, value)
                else:
                    self.put(number, value, column.kind)
            self.end_row()
        self.filter(top - 1, len(columns))
        for number, column in enumerate(columns):
            if column.bar and rows:
                self.bars(top, number)

    def filter(self, header: int, columns: int) -> None:
        """Put a filter over the rows from a header down to the last one written."""
        self._sheet.autofilter(header, 0, max(header, self.row - 1), columns - 1)

    def bars(self, top: int, column: int) -> None:
        """Draw bars of 0 to 100 % behind a column's shares, from row ``top`` down."""
        bar = {"type": "data_bar", "data_bar_2010": True, "bar_solid": True, "bar_color": f"#{palette.BAR}"}
        ends = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
        self._sheet.conditional_format(top, column, self.row - 1, column, bar | ends)

    def shade(self, top: int, first: int, last: int) -> None:
        """Colour shares from white to teal, from row ``top`` down; dark text stays readable on all of it."""
        colours = {"min_color": f"#{palette.HEAT[0]}", "max_color": f"#{palette.HEAT[7]}"}
        ends = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
        self._sheet.conditional_format(top, first, self.row - 1, last, {"type": "2_color_scale"} | colours | ends)

    def link(self, column: int, url: str) -> None:
        """Write a web address as a link; anything else stays a text."""
        if url.startswith(("https://", "http://")) and len(url) <= URL_LIMIT:
            self._sheet.write_url(self.row, column, printable(url), self._book.style("link"), printable(url))
        else:
            self.put(column, url, "text")

    def link_sheet(self, column: int, name: str) -> None:
        """Write a link to another sheet of the book."""
        quoted = name.replace("'", "''")
        self._sheet.write_url(self.row, column, f"internal:'{quoted}'!A1", self._book.style("link"), name)


def cell_text(text: str) -> str:
    """Make a text that a cell can hold: characters that XML knows, and at most what Excel keeps, with a sign if cut."""
    clean = printable(text)
    if _units(clean) <= CELL_LIMIT:
        return clean
    kept = clean[: CELL_LIMIT - len(CUT_SIGN)]
    while _units(kept) + len(CUT_SIGN) > CELL_LIMIT:
        kept = kept[: len(kept) - (_units(kept) + len(CUT_SIGN) - CELL_LIMIT + 1) // 2]
    return kept + CUT_SIGN


def _units(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """Give a sheet name that Excel accepts and that no other sheet has (case does not tell names apart)."""
    stem = " ".join(_NOT_IN_NAMES.sub(" ", printable(wanted)).split()).strip("' ")
    if not stem or stem.casefold() == "history":  # Excel keeps that one for itself
        stem = f"Sheet {stem}".strip()
    known = {name.casefold() for name in taken}
    name, number = _short(stem, ""), 1
    while name.casefold() in known:
        number += 1
        name = _short(stem, f" {number}")
    return name


def _short(stem: str, tail: str) -> str:
    while _units(stem) + len(tail) > NAME_LIMIT:
        stem = stem[:-1]
    return stem.rstrip("' ") + tail


def _foot(text: str) -> str:
    return printable(text)[:FOOTER_LIMIT].replace("&", "&&").replace("\n", " ")


def chart_book(categories: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> bytes:
    """Make the small workbook behind a slide's chart, laid out as PowerPoint looks for it."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"created": CHART_MOMENT})
    sheet = book.add_worksheet("Sheet1")
    for row, name in enumerate(categories, start=1):
        sheet.write_string(row, 0, cell_text(name))
    for column, (title, values) in enumerate(series, start=1):
        sheet.write_string(0, column, cell_text(title))
        for row, value in enumerate(values, start=1):
            sheet.write_number(row, column, value)
    book.close()
    return made.getvalue()
