"""One slide a finding: what was found, how sure, two quotes that show it and one against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import palette
from voc_pipeline.report.deck import BOTTOM, LEFT, RIGHT, TOP, Box, Paragraph, Run, kicker_run
from voc_pipeline.report.fitting import fitted, height
from voc_pipeline.report.office import printable
from voc_pipeline.report.quoted import by_id, sureness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.deck import Deck, Page
    from voc_pipeline.report.panels import Finding
    from voc_pipeline.report.quoted import Quoted
    from voc_pipeline.report.shapes import ReportView

FINDINGS_SHOWN = 5
_GAP, _INDENT, _CAPTION = 0.45, 0.25, 1.35  # inches; the caption is all of a quote but its words
_QUOTE_SIZES = (22, 20, 18, 16, 15, 14, 13, 12)


def finding_pages(deck: Deck, view: ReportView) -> None:
    """Add a slide for each finding that stands; when none does, for each pattern worth testing."""
    stand = bool(view.findings.findings)
    shown = (view.findings.findings or view.findings.patterns)[:FINDINGS_SHOWN]
    words = by_id(view)
    theme_ids = {theme.anchor: theme.theme_id for family in view.families for theme in family.themes}
    for number, finding in enumerate(shown, start=1):
        kicker = f"{'Finding' if stand else 'Pattern to test'} {number} of {len(shown)}"
        quotes = [("In their words", words[key]) for key in finding.quotes if key in words]
        quotes += [("Against it", words[key]) for key in finding.against if key in words]
        theme_id = theme_ids.get(finding.theme.anchor, finding.theme.name)
        source = f"Numbers: findings.csv and theme_by_segment.csv, rows where theme_id is {theme_id}"
        notes = [f"{source} ({finding.kind}).", sureness(finding)]
        notes += [_source(label, item) for label, item in quotes]
        page = deck.page(finding.text, kicker=kicker, lead=finding.theme.name, notes=[note for note in notes if note])
        _sureness(page, finding)
        _quotes(page, quotes)


def _sureness(page: Page, finding: Finding) -> None:
    look = Run("", 0, palette.MUTED)
    page.fit(Box(LEFT, TOP + 0.05, RIGHT - LEFT, 0.62), sureness(finding), (14, 13, 12, 11, 10), look)


def _source(label: str, item: Quoted) -> str:
    quote = item.quote
    return (
        f"{label}: mentions.csv, mention_id {quote.quote_id}; {item.who}; {item.place}; {_told(item)}.\n"
        f"\N{LEFT DOUBLE QUOTATION MARK}{quote.text}\N{RIGHT DOUBLE QUOTATION MARK}"
    )


def _quotes(page: Page, quotes: Sequence[tuple[str, Quoted]]) -> None:
    width = (RIGHT - LEFT - _GAP * (len(quotes) - 1)) / max(1, len(quotes))
    room = (width - _INDENT, BOTTOM - TOP - 0.95 - _CAPTION)
    texts = [fitted(_quotation(item), room, _QUOTE_SIZES, serif=True) for _, item in quotes]
    heights = [height(text, size, room[0], serif=True) for text, size in texts]
    for number, ((label, item), words) in enumerate(zip(quotes, texts, strict=True)):
        box = Box(LEFT + number * (width + _GAP), TOP + 0.95, width, _CAPTION + min(room[1], max(heights)))
        _quote(page, box, (label, item), words)


def _quote(page: Page, box: Box, labelled: tuple[str, Quoted], words: tuple[str, float]) -> None:
    label, item = labelled
    width = box.width - _INDENT
    who, who_size = fitted(printable(item.who), (width, 0.45), (13, 12, 11, 10), bold=True)
    told, told_size = fitted(printable(_told(item)), (width, 0.36), (11, 10, 9))
    page.block(Box(box.left, box.top, 0.045, box.height), palette.sentiment(item.quote.sentiment))
    paragraphs = [
        Paragraph((kicker_run(label),), after=8),
        Paragraph((Run(*words, serif=True),), after=10),
        Paragraph((Run(who, who_size, bold=True),), after=2),
        Paragraph((Run(told, told_size, palette.MUTED),)),
    ]
    page.write(Box(box.left + _INDENT, box.top, width, box.height), paragraphs)


def _quotation(item: Quoted) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{printable(item.quote.text)}\N{RIGHT DOUBLE QUOTATION MARK}"


def _told(item: Quoted) -> str:
    """Say what is known of a quote: ``negative, volunteered, support, problem``."""
    return ", ".join(filter(None, (item.quote.sentiment, *item.quote.remarks)))
