"""The slides on the whole study: title, summary, decisions, themes by reach, themes by segment, method."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from voc_pipeline.report import palette
from voc_pipeline.report.deck import BOTTOM, LEFT, RIGHT, TOP, Box, Paragraph, Run, kicker_run
from voc_pipeline.report.deck_charts import Series, TableCell, bars, set_plot, table
from voc_pipeline.report.fitting import fitted, height
from voc_pipeline.report.office import cut, printable
from voc_pipeline.report.quoted import sureness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.deck import Deck, Page
    from voc_pipeline.report.shapes import Fact, HeatCell, HeatColumn, HeatRow, HeatTable, ReportView

_Item = TypeVar("_Item")
FULL = RIGHT - LEFT
BARS_A_SLIDE, ROWS_A_SLIDE, SEGMENTS_A_SLIDE, DECISIONS_A_SLIDE, FINDINGS_SHOWN = 14, 17, 8, 5, 5
HEAT_TOP, METHOD_TOP = 1.38, 1.45
SENTIMENT_KINDS = ("negative", "mixed", "neutral", "positive")
NAME_LENGTH = 40
_NAME_WIDTH = 3.5
_MUTED = Run("", 0, palette.MUTED)


def title_page(deck: Deck, view: ReportView) -> None:
    """Add the title with status, coverage and key figures."""
    notes = ("Coverage: transcripts.csv, one row a file. Key figures: mentions.csv, participants.csv, turns.csv.",)
    page = deck.page(view.title, kicker="Voice of customer", notes=notes)
    page.block(Box(LEFT, 1.9, 1.1, 0.05), palette.ACCENT)
    page.fit(Box(LEFT, 2.15, 9.5, 0.75), view.coverage_sentence, (20, 18, 16, 14), Run("", 0, serif=True))
    warning = Run("", 0, palette.SENTIMENTS["negative"])
    page.fit(Box(LEFT, 2.95, 9.5, 0.5), view.coverage_gap, (14, 12, 11), warning)
    status = Run(f"{printable(view.status).upper()}  ", 14, palette.SENTIMENTS["negative"], bold=True)
    note, size = fitted(printable(view.status_note), (9.0, 0.5), (14, 12, 11))
    page.write(Box(LEFT, 3.6, 11, 0.5), [Paragraph((status, Run(note, size)))])
    facts = f"{view.published}  \N{MIDDLE DOT}  Machine-coded; internal use  \N{MIDDLE DOT}  "
    page.fit(Box(LEFT, 4.15, FULL, 0.3), f"{facts}Adverse events: {view.adverse_events}", (12, 11, 10, 9), _MUTED)
    _figures(page, view.key_figures)


def _figures(page: Page, facts: Sequence[Fact]) -> None:
    page.block(Box(LEFT, 5.05, FULL, 0.012), palette.LINE)
    width = FULL / max(1, len(facts))
    for number, fact in enumerate(facts):
        left = LEFT + number * width
        page.write(Box(left, 5.25, width - 0.2, 0.25), [Paragraph((kicker_run(fact.label),))])
        page.fit(Box(left, 5.5, width - 0.2, 0.55), fact.value, (28, 24, 20, 16, 12), Run("", 0, serif=True))
        page.fit(Box(left, 6.08, width - 0.2, 0.5), fact.note, (11, 10, 9), _MUTED)


def summary_page(deck: Deck, view: ReportView) -> None:
    """Add what stands, or the honest sentence and the patterns worth testing."""
    panel = view.findings
    stand = bool(panel.findings)
    shown = [(item.theme.name, item.text, sureness(item)) for item in panel.findings or panel.patterns]
    notes = [f"Source: findings.csv, rows where stands is {str(stand).lower()}, by rank."]
    if not shown:
        shown = [(item.theme, item.text, item.hedge) for standout in view.standouts for item in standout.items]
        notes = ["Source: theme_by_segment.csv; this is what was heard, none of it a finding."]
    notes += [f"- {' '.join(filter(None, line))}" for line in shown]
    page = deck.page("What the study can say", kicker="Summary", notes=notes)
    page.fit(Box(LEFT, TOP, FULL, 0.6), panel.sentence, (18, 16, 14, 13, 12), Run("", 0, serif=True))
    top = TOP + 0.7
    if not stand and panel.patterns:
        page.fit(Box(LEFT, top, FULL, 0.45), panel.patterns_note, (14, 13, 12, 11), _MUTED)
        top += 0.5
    room = min(1.1, (BOTTOM - top) / max(1, len(shown[:FINDINGS_SHOWN])))
    for number, line in enumerate(shown[:FINDINGS_SHOWN]):
        _summary_line(page, line, top + number * room, room)


def _summary_line(page: Page, line: tuple[str, str, str], top: float, room: float) -> None:
    theme, text, hedge = line
    page.block(Box(LEFT, top, FULL, 0.012), palette.LINE)
    name = Run("", 0, palette.ACCENT, bold=True)
    page.fit(Box(LEFT, top + 0.1, 2.9, room - 0.15), theme, (15, 14, 13, 12), name)
    wide, hedge_room = FULL - 3.1, 0.36 if hedge else 0.0
    page.fit(Box(LEFT + 3.1, top + 0.1, wide, room - 0.2 - hedge_room), text, (15, 14, 13, 12, 11, 10))
    page.fit(Box(LEFT + 3.1, top + room - 0.06 - hedge_room, wide, hedge_room), hedge, (11, 10, 9), _MUTED)


def decision_pages(deck: Deck, view: ReportView) -> None:
    """Add what waits for a person, as many slides as it takes."""
    notes = ("Source: transcripts.csv (outcome, reason), review_queue.csv and the report's first screen.",)
    chunks = _chunks(view.decisions, DECISIONS_A_SLIDE) or [()]
    number = 0
    for index, chunk in enumerate(chunks):
        title = "What needs a decision" if view.decisions else "Nothing waits for a decision"
        page = deck.page(_continued(title, index), kicker="Decisions", notes=notes)
        for place, decision in enumerate(chunk):
            top, number = TOP + place * 0.98, number + 1
            page.block(Box(LEFT, top, FULL, 0.012), palette.LINE)
            page.write(Box(LEFT, top + 0.1, 0.5, 0.4), [Paragraph((Run(str(number), 20, palette.ACCENT, serif=True),))])
            page.fit(Box(LEFT + 0.6, top + 0.12, FULL - 0.6, 0.44), decision.text, (15, 14, 13, 12, 11, 10))
            page.fit(Box(LEFT + 0.6, top + 0.58, FULL - 0.6, 0.34), decision.action, (12, 11, 10, 9), _MUTED)


def reach_pages(deck: Deck, view: ReportView) -> None:
    """Add themes by reach with their intervals, and how they were spoken of, as native charts."""
    note = "Source: theme_by_segment.csv, rows where segment_attribute is (all); sentiments: mentions.csv by theme_id."
    for index, rows in enumerate(_even(view.ranking, BARS_A_SLIDE)):
        lines = [
            f"- {row.theme}: {row.reach.text}, {row.reach.share}, 95% interval {row.reach.interval}; unasked "
            f"{row.volunteered}; net sentiment {row.net_sentiment or 'none'}"
            for row in rows
        ]
        title = _continued("Themes by reach", index)
        page = deck.page(title, kicker="How many participants raised each theme at least once", notes=(note, *lines))
        names = [f"{cut(printable(row.theme), NAME_LENGTH)} ({row.reach.text})" for row in rows]
        spans = tuple((row.reach.low, row.reach.high) for row in rows)
        reach = Series("Share of participants, %", tuple(row.reach.point for row in rows), palette.BAR, spans)
        counts = [{part.kind: part.count for part in row.sentiments} for row in rows]
        tones = [
            Series(kind.capitalize(), tuple(count.get(kind, 0) for count in counts), palette.SENTIMENTS[kind])
            for kind in SENTIMENT_KINDS
        ]
        _charts(page, names, (reach, tones))


def _charts(page: Page, names: Sequence[str], data: tuple[Series, Sequence[Series]]) -> None:
    bar = min(0.42, 4.35 / len(names))
    tall, head = 0.85 + bar * len(names), 0.4
    inner = {"top": head / tall, "height": bar * len(names) / tall}
    first, second = Box(LEFT, 1.65, 8.3, tall), Box(LEFT + 8.45, 1.65, FULL - 8.45, tall)
    for box, text in ((first, "Share of participants, with its 95% interval"), (second, "How mentions of it sound")):
        offset = 0.44 * first.width if box is first else 0.1
        page.write(Box(box.left + offset, 1.42, box.width - offset, 0.25), [Paragraph((Run(text, 11, palette.MUTED),))])
    alt = "Bar chart: share of participants who raised each theme, with its 95% interval. The notes have all numbers."
    set_plot(bars(page, first, names, (data[0],), alt=alt), left=0.44, width=0.53, **inner)
    alt = "Stacked bar chart: how mentions of each theme split into negative, mixed, neutral and positive."
    set_plot(bars(page, second, names, data[1], alt=alt), left=0.04, width=0.88, **inner)


def heat_pages(deck: Deck, view: ReportView) -> None:
    """Add themes by segment as native tables, more slides for many themes or segments."""
    for heat in view.heat_tables:
        themes = [(group.family, row) for group in heat.groups for row in group.rows]
        blocks = _even(range(1, len(heat.columns)), SEGMENTS_A_SLIDE) or [()]
        lines = _even(themes, max(1, int(ROWS_A_SLIDE * len(themes) / max(1, len(themes) + len(heat.groups)))))
        source = (
            f"Source: theme_by_segment.csv, rows where segment_attribute is the column shown as {heat.attribute}; "
            "first column: (all). Each cell: participants of base; report.xlsx has the shares."
        )
        for index, (columns, rows) in enumerate((columns, rows) for columns in blocks for rows in lines):
            title = _continued(f"Themes by {heat.attribute}", index)
            notes = (source, *heat.notes)
            page = deck.page(title, kicker="Participants who raised a theme, of all in the segment", notes=notes)
            _heat(page, heat, (0, *columns), rows)


def _heat(page: Page, heat: HeatTable, columns: Sequence[int], lines: Sequence[tuple[str, HeatRow]]) -> None:
    width = min(1.8, (FULL - _NAME_WIDTH) / len(columns))
    rows = [_heat_header([heat.columns[place] for place in columns])]
    family = None
    for name, row in lines:
        if name != family:
            family = name
            rows.append([TableCell(kicker_run(cut(printable(name), 2 * NAME_LENGTH)), span=1 + len(columns))])
        theme = TableCell(Run(cut(printable(row.theme), NAME_LENGTH), 11))
        rows.append([theme, *(_heat_cell(row.cells[place]) for place in columns)])
    room = 6.3 - HEAT_TOP
    tall = min(0.32, room / (len(rows) + 1)) * (len(rows) + 1)
    alt = f"Table: participants who raised each theme, by {heat.attribute}."
    table(page, Box(LEFT, HEAT_TOP, FULL, tall), rows, (_NAME_WIDTH, *(width,) * len(columns)), alt=alt)
    _scale(page)
    page.fit(Box(LEFT + 4.2, 6.45, FULL - 4.2, 0.5), " ".join(heat.notes), (10, 9, 8), _MUTED)


def _heat_header(columns: Sequence[HeatColumn]) -> list[TableCell]:
    cells = [TableCell(Run("Theme", 10, palette.MUTED))]
    for column in columns:
        mark = " \N{DAGGER}" if column.small else ""
        name = f"{cut(printable(column.value), 22)}{mark}\n{column.base}"
        cells.append(TableCell(Run(name, 10, bold=True), centred=True))
    return cells


def _heat_cell(cell: HeatCell) -> TableCell:
    run = Run(f"{cell.participants} of {cell.base}", 11, palette.on_heat(cell.level))
    return TableCell(run, palette.HEAT[cell.level], centred=True)


def _scale(page: Page) -> None:
    page.write(Box(LEFT, 6.42, 0.7, 0.2), [Paragraph((Run("no one", 9, palette.MUTED),))])
    for level, colour in enumerate(palette.HEAT):
        page.block(Box(LEFT + 0.62 + 0.2 * level, 6.44, 0.19, 0.13), colour, edge="" if level else palette.LINE)
    page.write(Box(LEFT + 2.92, 6.42, 0.9, 0.2), [Paragraph((Run("everyone", 9, palette.MUTED),))])


def method_pages(deck: Deck, view: ReportView) -> None:
    """Add method and limits in two columns, as many slides as it takes; facts of the run stand in the notes."""
    notes = [f"{fact.label}: {fact.value}" for fact in view.facts]
    notes += [f"{checklist.name}: see report.xlsx, sheet Method, and report.html" for checklist in view.checklists]
    items = [("", note) for note in view.notes] + [(fact.label, fact.value) for fact in view.principles]
    items.append(("Adverse events", f"{view.adverse_events.capitalize()}."))
    width, size = FULL / 2 - 0.25, 13.0
    for index, columns in enumerate(_chunks(_flow(items, width, size), 2)):
        page = deck.page(_continued("Method and limits", index), kicker="How to read this", notes=notes)
        for place, column in enumerate(columns):
            paragraphs = []
            for label, text in column:
                head = (Run(f"{label}. ", size, bold=True),) if label else ()
                paragraphs.append(Paragraph((*head, Run(text, size)), after=9))
            page.write(Box(LEFT + place * (width + 0.5), METHOD_TOP, width, BOTTOM - METHOD_TOP), paragraphs)


def _flow(items: Sequence[tuple[str, str]], width: float, size: float) -> list[list[tuple[str, str]]]:
    """Deal labelled texts into columns that they fit; one that fits no column by itself is cut."""
    room, used = BOTTOM - METHOD_TOP, 0.0
    columns: list[list[tuple[str, str]]] = [[]]
    for label, text in items:
        shown = fitted(printable(f"{label}. {text}"), (width, room), (size,))[0][len(label) + 2 :]
        need = height(f"{label}. {shown}", size, width) + 0.13
        if columns[-1] and used + need > room:
            columns.append([])
            used = 0.0
        columns[-1].append((printable(label), shown))
        used += need
    return columns


def _even(items: Sequence[_Item], most: int) -> list[Sequence[_Item]]:
    """Split into as few parts of at most ``most`` as possible, about equally long."""
    parts = -(-len(items) // most)
    return _chunks(items, -(-len(items) // parts)) if parts else []


def _continued(title: str, index: int) -> str:
    return title if index == 0 else f"{title} ({index + 1})"


def _chunks(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
