"""The workbook's sheets on themes: all themes, themes by segment, and every quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import palette
from voc_pipeline.report.cells import Column
from voc_pipeline.report.figures import figure, pair
from voc_pipeline.report.quoted import all_quotes
from voc_pipeline.report.workbook_sheets import reach_cells, sentiment_cells, sentiment_columns, titled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.cells import Book, Cell, Sheet
    from voc_pipeline.report.quoted import Quoted
    from voc_pipeline.report.shapes import HeatCell, HeatColumn, HeatTable, RankingRow, ReportView, ThemeSection

_HEAD = 2  # columns before the segments: family and theme


def themes(book: Book, view: ReportView) -> None:
    """Write a row for each theme that was heard, the one most heard first."""
    columns = (
        Column("Theme", 30, "strong"), Column("Family", 22), Column("Participants", 13, "count"),
        Column("Of", 7, "count"), Column("Share", 14, "share", bar=True), Column("From", 8, "share"),
        Column("To", 8, "share"), Column("Unasked", 10, "count"), Column("Mentions", 10, "count"),
        *sentiment_columns(), Column("Net", 8, "net"), Column("Net from", 8, "net"),
        Column("Net to", 8, "net"), Column("Definition", 46, "quiet"),
    )  # fmt: skip
    sections = {theme.anchor: theme for family in view.families for theme in family.themes}
    everyone = {row.anchor: row.cells[0] for table in view.heat_tables for group in table.groups for row in group.rows}
    rows = [_theme(row, sections[row.anchor], everyone.get(row.anchor)) for row in view.ranking]
    note = (
        "Share: participants who raised the theme at least once, with its 95% interval. Unasked: raised it without "
        "being asked. Net: positive less negative mentions, averaged over participants, -1 to 1, with its 95% interval."
    )
    titled(book, "Themes", columns, note).table(columns, rows, frozen=1)


def _theme(row: RankingRow, section: ThemeSection, everyone: HeatCell | None) -> tuple[Cell, ...]:
    reach, counts = row.reach, sentiment_cells(row.sentiments)
    heard: tuple[Cell, ...] = (everyone.participants, everyone.base) if everyone else pair(reach.text, " of ")
    unasked: Cell = everyone.volunteered if everyone else pair(row.volunteered, " of ")[0]
    return (
        row.theme, row.family, *heard, *reach_cells(reach), unasked, sum(counts), *counts, figure(row.net_sentiment),
        *pair(section.net_interval, " to "), section.definition,
    )  # fmt: skip


def heat(book: Book, view: ReportView) -> None:
    """Write a sheet for each attribute: participants, shares, unasked and net sentiment by segment."""
    for table in view.heat_tables:
        width = len(table.columns)
        widths = (22, 30, *(_segment_width(column) for _ in range(4) for column in table.columns))
        sheet = book.sheet(table.attribute, widths)
        sheet.across(f"Themes by {table.attribute}", "title")
        for note in table.notes:
            sheet.across(note, "note")
        sheet.skip()
        _heat_header(sheet, table)
        top = sheet.row
        for group in table.groups:
            for row in group.rows:
                _heat_row(sheet, table.columns, row.cells, (group.family, row.theme))
        sheet.filter(top - 1, _HEAD + 4 * width)
        if sheet.row > top:
            sheet.shade(top, _HEAD + width, _HEAD + 2 * width - 1)


def _segment_width(column: HeatColumn) -> float:
    return min(16.0, max(9.0, 3 + 1.1 * max(map(len, column.value.split()), default=0)))


def _heat_header(sheet: Sheet, table: HeatTable) -> None:
    blocks = ("Participants", "Share of the segment", "Unasked", "Net sentiment")
    sheet.put(0, "", "header")
    sheet.put(1, "", "header")
    for number, block in enumerate(blocks):
        for place in range(len(table.columns)):
            column = _HEAD + number * len(table.columns) + place
            sheet.put(column, block if place == 0 else "", "header", text_wrap=False, **_edge(place))
    sheet.end_row()
    titles = [f"{column.value}{_dagger(small=column.small)}\n{column.base}" for column in table.columns]
    sheet.put(0, "Family", "header")
    sheet.put(1, "Theme", "header")
    for number in range(len(blocks)):
        for place, title in enumerate(titles):
            sheet.put(_HEAD + number * len(titles) + place, title, "header right", **_edge(place))
    sheet.end_row()
    sheet.hold(2, _HEAD)


def _dagger(*, small: bool) -> str:
    return "\N{NO-BREAK SPACE}\N{DAGGER}" if small else ""


def _edge(place: int) -> dict[str, object]:
    """Set blocks apart by a line before their first column."""
    return {"left": 2, "left_color": f"#{palette.CARD}"} if place == 0 else {}


def _heat_row(sheet: Sheet, columns: Sequence[HeatColumn], cells: Sequence[HeatCell], names: tuple[str, str]) -> None:
    sheet.put(0, names[0], "quiet")
    sheet.put(1, names[1], "strong")
    width = len(columns)
    for place, cell in enumerate(cells):
        small = "small " if cell.small else ""
        share = cell.participants / cell.base if cell.base else None
        edge = _edge(place)
        sheet.put(_HEAD + place, cell.participants, f"{small}count", **edge)
        sheet.put(_HEAD + width + place, share, f"{small}share", **edge)
        sheet.put(_HEAD + 2 * width + place, cell.volunteered, f"{small}count", **edge)
        fill = {} if cell.tone_level is None else {"bg_color": f"#{palette.tone(cell.tone_level)}"}
        sheet.put(_HEAD + 3 * width + place, figure(cell.net_sentiment), "net", **edge, **fill)
    sheet.end_row()


def quotes(book: Book, view: ReportView) -> None:
    """Write every quote with all that is needed to find it again."""
    found = list(all_quotes(view))
    attributes = tuple(dict.fromkeys(part.attribute for item in found for part in item.quote.segments))
    recorded = any(item.quote.recording for item in found)
    columns = (
        Column("Theme", 26, "strong"), Column("Quote", 74, "words"), Column("Participant", 13),
        *(Column(name, 17) for name in attributes), Column("Sentiment", 11), Column("Against its tone", 11),
        Column("Stage", 14), Column("Type", 16), Column("Asked", 12), Column("Source file", 26),
        Column("Turn", 6, "count"), Column("Time", 9, "right"),
        *((Column("Recording", 30, "link"),) if recorded else ()), Column("Family", 22, "quiet"),
        Column("Quote id", 30, "id"),
    )  # fmt: skip
    note = (
        "All quotes, verbatim. [PERSON_...] and the like stand for what was replaced. The quote id is the mention_id "
        "of mentions.csv, which has the place to the character."
    )
    rows = [_quote(item, attributes, recorded=recorded) for item in found]
    titled(book, "Quotes", columns, note).table(columns, rows, frozen=1)


def _quote(item: Quoted, attributes: Sequence[str], *, recorded: bool) -> tuple[Cell, ...]:
    quote = item.quote
    values = {part.attribute: part.value for part in quote.segments}
    coded = bool(quote.remarks)  # a topic's passage was not coded: whether it was asked for is not known
    asked = ("prompted" if quote.prompted else "volunteered") if coded else ""
    return (
        item.theme, quote.text, quote.participant_id, *(values.get(name, "") for name in attributes), quote.sentiment,
        "against" if item.against else "", quote.stage, quote.type.replace("_", " "), asked, quote.source_file,
        quote.turn, quote.time, *((quote.recording,) if recorded else ()), item.family, quote.quote_id,
    )  # fmt: skip
