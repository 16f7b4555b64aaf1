"""The workbook's sheets besides themes: summary, journey, statements, accounts, coverage, method and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report.cells import Column
from voc_pipeline.report.figures import DOLLAR, count_of, figure, pair
from voc_pipeline.report.quoted import by_id, sureness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.cells import Book, Cell, Kind, Sheet
    from voc_pipeline.report.panels import AccountLine, Finding
    from voc_pipeline.report.shapes import Reach, ReportView, Slice

SENTIMENT_KINDS = ("negative", "mixed", "neutral", "positive")


def percent_cell(percent: float) -> float:
    """Give a percentage (0..100) as the number that a cell formatted as percent holds."""
    return round(percent / 100, 4)


def reach_cells(reach: Reach) -> tuple[float, float, float]:
    """Give a share and the ends of its interval."""
    return percent_cell(reach.point), percent_cell(reach.low), percent_cell(reach.high)


def sentiment_cells(slices: Sequence[Slice]) -> tuple[int, ...]:
    """Give the counts of negative, mixed, neutral and positive mentions."""
    counts = {part.kind: part.count for part in slices}
    return tuple(counts.get(kind, 0) for kind in SENTIMENT_KINDS)


def sentiment_columns() -> tuple[Column, ...]:
    """Give the columns of the four counts."""
    return tuple(Column(kind.capitalize(), 9, "count") for kind in SENTIMENT_KINDS)


def titled(book: Book, name: str, columns: Sequence[Column], *notes: str) -> Sheet:
    """Add a sheet with its title and what to know before reading it."""
    sheet = book.sheet(name, [column.width for column in columns])
    sheet.across(name, "title")
    for note in notes:
        sheet.across(note, "note")
    sheet.skip()
    return sheet


def start_summary(book: Book) -> Sheet:
    """Add the first sheet; it is written last, when the others are known."""
    sheet = book.sheet("Summary", (26, 84, 64))
    sheet.fit_one_page()
    return sheet


def write_summary(sheet: Sheet, view: ReportView, others: Sequence[str]) -> None:
    """Write title, status, coverage, findings, decisions and where the rest stands."""
    sheet.across(view.title, "title")
    sheet.skip()
    sheet.line(("Status", "label"), (view.status.capitalize(), "warning"), (view.status_note, "label"))
    sheet.line(("Published", "label"), (view.published, "plain"))
    sheet.line(("Coverage", "label"), (view.coverage_sentence, "plain"))
    if view.coverage_gap:
        sheet.line(("", "label"), (view.coverage_gap, "warning"))
    sheet.line(("Adverse events", "label"), (view.adverse_events.capitalize(), "plain"))
    for fact in view.key_figures:
        sheet.line((fact.label, "label"), (f"{fact.value} {fact.note}".strip(), "plain"))
    _findings(sheet, "What stands", view.findings.sentence, view.findings.findings)
    if view.findings.patterns:
        _findings(sheet, "Patterns to test", view.findings.patterns_note, view.findings.patterns)
    _decisions(sheet, view)
    _not_heard(sheet, view)
    sheet.skip()
    sheet.line(("In this workbook", "section"))
    for name in others:
        sheet.link_sheet(0, name)
        sheet.end_row()


def _findings(sheet: Sheet, title: str, sentence: str, findings: Sequence[Finding]) -> None:
    sheet.skip()
    sheet.line((title, "section"))
    sheet.across(sentence, "note")
    if findings:
        sheet.header((("Theme", False), ("What was heard", False), ("How sure", False)))
    for finding in findings:
        sheet.line((finding.theme.name, "strong"), (finding.text, "text"), (sureness(finding), "quiet"))


def _decisions(sheet: Sheet, view: ReportView) -> None:
    sheet.skip()
    sheet.line(("What needs a decision", "section"))
    if not view.decisions:
        sheet.line(("Nothing waits for a person.", "note"))
        return
    sheet.header((("", False), ("What", False), ("What to do", False)))
    for number, decision in enumerate(view.decisions, start=1):
        sheet.line((str(number), "quiet"), (decision.text, "text"), (decision.action, "text"))


def _not_heard(sheet: Sheet, view: ReportView) -> None:
    for title, note, names in (
        ("Not heard", view.unheard_note, view.unheard),
        ("Not coded", "These themes of the codebook are unknown to the coder: nobody looked for them.", view.uncovered),
    ):
        if names:
            sheet.skip()
            sheet.line((title, "section"))
            sheet.across(note, "note")
            sheet.across(", ".join(names), "plain")


def journey(book: Book, view: ReportView) -> None:
    """Write a row for each stage and for each theme heard in it."""
    columns = (
        Column("Stage", 20, "strong"), Column("Theme", 34), Column("Participants", 13, "count"),
        Column("Of", 7, "count"), Column("Share", 12, "share", bar=True), Column("From", 8, "share"),
        Column("To", 8, "share"), *sentiment_columns(), Column("Net", 8, "net"), Column("Tone", 11),
        Column("Definition of the stage", 44, "quiet"),
    )  # fmt: skip
    note = "Where in the customer's journey themes were heard. Shares are of all participants, with their 95% interval."
    rows: list[tuple[Cell, ...]] = []
    for stage in view.journey:
        reach = stage.reach
        head = (stage.name, "All themes", *pair(reach.text, " of "), *reach_cells(reach))
        tone = (figure(stage.net_sentiment), stage.tone)
        rows.append((*head, *sentiment_cells(stage.sentiments), *tone, stage.definition))
        rows += [
            (
                *(stage.name, item.theme.name, *pair(item.participants, " of "), *(None,) * 7),
                *(figure(item.net_sentiment), item.tone, None),
            )
            for item in stage.themes
        ]
    titled(book, "Journey", columns, note).table(columns, rows, frozen=2)


def statements(book: Book, view: ReportView) -> None:
    """Write problems, desired outcomes and solution requests, each with the words that show it best."""
    columns = (
        Column("Kind", 20, "strong"), Column("Theme", 34), Column("Participants", 13, "count"),
        Column("Of", 7, "count"), Column("Mentions", 11, "count"), Column("In their words", 80, "words"),
        Column("Participant", 14), Column("Quotes", 30, "id"),
    )  # fmt: skip
    words = by_id(view)
    rows: list[tuple[Cell, ...]] = []
    for group in view.statements:
        for item in group.themes:
            shown = next((words[key] for key in item.quotes if key in words), None)
            quote = (shown.quote.text, shown.quote.participant_id) if shown else ("", "")
            heard = (*pair(item.participants, " of "), count_of(item.mentions))
            rows.append((group.name, item.theme.name, *heard, *quote, ", ".join(item.quotes)))
    notes = [f"{group.name}: {group.note}" for group in view.statements if group.note]
    titled(book, "Statements", columns, *notes).table(columns, rows, frozen=2)


def accounts(book: Book, view: ReportView) -> None:
    """Write the accounts by what is at stake."""
    panel = view.accounts
    if panel is None:
        return
    attributes = tuple(dict.fromkeys(part.attribute for line in panel.lines for part in line.segments))
    money: Kind = "dollars" if any(line.value.startswith(DOLLAR) for line in panel.lines) else "count"
    columns = (
        Column("Participant", 14, "strong"), *(Column(name, 18) for name in attributes),
        Column("Account value", 16, money), *_signal_columns("Goodwill"), *_signal_columns("Political capital"),
        *_signal_columns("Abandonment"), Column("Strain", 10, "ratio"), Column("Value at stake", 16, money),
        Column("Quotes", 30, "id"),
    )  # fmt: skip
    rows = []
    for line in panel.lines:
        values = {part.attribute: part.value for part in line.segments}
        who = (line.participant_id, *(values.get(name, "") for name in attributes))
        rows.append((*who, *_account(line), ", ".join(line.quotes)))
    titled(book, "Accounts", columns, panel.formula, panel.total, panel.note).table(columns, rows, frozen=1)


def _signal_columns(name: str) -> tuple[Column, Column]:
    return Column(name, 14, "net"), Column(f"{name} tone", 15)


def _account(line: AccountLine) -> tuple[Cell, ...]:
    """Give value, signals with their tones, strain and value at stake."""
    signals = (line.goodwill, line.political_capital, line.abandonment)
    told = (cell for fact in signals for cell in (figure(fact.value), fact.note))
    return figure(line.value), *told, figure(line.strain), figure(line.value_at_stake)


def lenses(book: Book, view: ReportView) -> None:
    """Write the codebook's ways to read several themes together."""
    if not view.lenses:
        return
    columns = (
        Column("Lens", 26, "strong"), Column("Part", 28), Column("Participants", 13, "count"),
        Column("Of", 7, "count"), Column("Share", 12, "share", bar=True), Column("From", 8, "share"),
        Column("To", 8, "share"), *sentiment_columns(), Column("Net", 8, "net"), Column("Themes", 60, "quiet"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for lens in view.lenses:
        for part in lens.parts:
            head = (lens.name, part.name, *pair(part.reach.text, " of "), *reach_cells(part.reach))
            names = ", ".join(theme.name for theme in part.themes)
            rows.append((*head, *sentiment_cells(part.sentiments), figure(part.net_sentiment), names))
    note = "Several themes read together; a participant counts once in a part."
    titled(book, "Lenses", columns, note).table(columns, rows, frozen=2)


def advocacy(book: Book, view: ReportView) -> None:
    """Write what promoters and detractors speak of."""
    panel = view.advocacy
    if panel is None:
        return
    columns = (
        Column("Theme", 36, "strong"), *_side_columns("promoters"), *_side_columns("detractors"),
        Column("Net of promoters", 12, "net"), Column("Net of detractors", 12, "net"),
        Column("What it is worth", 60, "quiet"),
    )  # fmt: skip
    rows = [
        (
            row.theme.name, *_side(row.promoters), *_side(row.detractors), figure(row.net_promoters),
            figure(row.net_detractors), row.note,
        )
        for row in panel.rows
    ]  # fmt: skip
    score = " ".join(filter(None, (f"Net promoter score {panel.nps}", panel.interval)))
    titled(book, "Advocacy", columns, score, panel.sentence, panel.note).table(columns, rows, frozen=1)


def _side_columns(side: str) -> tuple[Column, ...]:
    count = Column(side.capitalize(), 12, "count")
    return count, Column(f"Of {side}", 12, "count"), Column(f"Share of {side}", 12, "share", bar=True)


def _side(reach: Reach) -> tuple[Cell, ...]:
    return *pair(reach.text, " of "), percent_cell(reach.point)


def saturation(book: Book, view: ReportView) -> None:
    """Write how much the last interviews still added."""
    panel = view.saturation
    if panel is None:
        return
    columns = (
        Column("Segment of", 20), Column("Segment", 26, "strong"), Column("Interviews", 14, "count"),
        Column("Themes", 14, "count"), Column("New information", 18, "share"), Column("Next interview", 18, "tenths"),
        Column("In words", 70, "quiet"),
    )  # fmt: skip
    rows = [
        (
            *(line.attribute, line.value, figure(line.interviews), figure(line.themes)),
            *(figure(line.new_information), figure(line.next_interview), line.sentence),
        )
        for line in panel.lines
    ]  # fmt: skip
    titled(book, "Saturation", columns, panel.sentence, panel.note).table(columns, rows, frozen=2)


def coverage(book: Book, view: ReportView) -> None:
    """Write every file of the inbox and what became of it."""
    columns = (
        Column("File", 40, "strong"), Column("Outcome", 20), Column("Size", 26), Column("Reason", 60),
        Column("What to do", 50),
    )  # fmt: skip
    rows = [(line.source_file, line.outcome, line.size, line.reason, line.action) for line in view.coverage]
    titled(book, "Coverage", columns, view.coverage_sentence, view.coverage_gap).table(columns, rows, frozen=1)


def method(book: Book, view: ReportView) -> None:
    """Write principles, facts and the reporting checklists, with open fields where a person must write."""
    columns = (Column("Number", 12), Column("Item", 44), Column("Answer", 90))
    sheet = titled(book, "Method", columns, *view.notes)
    for fact in (*view.principles, *view.facts):
        sheet.line(("", "plain"), (fact.label, "strong"), (fact.value, "text"))
    sheet.line(("", "plain"), ("Adverse events", "strong"), (view.adverse_events.capitalize(), "text"))
    for checklist in view.checklists:
        sheet.skip()
        sheet.line((checklist.name, "section"))
        sheet.across(checklist.source, "note")
        sheet.header((("Item", False), ("What to report", False), ("Answer; yellow waits for a person", False)))
        for item in checklist.items:
            sheet.line((item.number, "quiet"), (item.item, "text"), (item.answer, "text" if item.answer else "open"))
