"""Theme sections: definition, reach, tone, segments and quotes of each theme that was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.records import Sentiment
from voc_pipeline.report import wording
from voc_pipeline.report.heat import reach, segment_values
from voc_pipeline.report.quotes import distinct, select
from voc_pipeline.report.shapes import Fact, RankingRow, SegmentLine, Slice, ThemeSection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.records import Codebook, Theme
    from voc_pipeline.report.quotes import QuoteMaker
    from voc_pipeline.report.rows import MentionRow, ShareRow, Tables

TONE_THRESHOLD = 0.15
SENTIMENT_ORDER = (Sentiment.NEGATIVE, Sentiment.MIXED, Sentiment.NEUTRAL, Sentiment.POSITIVE)
CONTEXT_LIMIT = 1500
"""Above this many mentions only the quotes shown at first carry their context, or the page grows past use."""


class ThemeSections:
    """Makes the sections of one run.

    Args:
        tables: The run's tables.
        codebook: What the themes mean.
        attributes: Segment attributes in order.
        quotes: Makes quotes of these tables.
        quotes_per_theme: How many quotes stand open.
        small_base: Segments of fewer participants are marked.
    """

    def __init__(
        self,
        tables: Tables,
        codebook: Codebook,
        *,
        attributes: Sequence[str],
        quotes: QuoteMaker,
        quotes_per_theme: int,
        small_base: int,
    ) -> None:
        self._tables = tables
        self._codebook = codebook
        self._attributes = attributes
        self._quotes = quotes
        self._quotes_per_theme = quotes_per_theme
        self._small_base = small_base
        self._full_context = len(tables.mentions) <= CONTEXT_LIMIT
        self._mentions = _by_theme(tables.mentions)
        self._waiting = _by_theme(tables.waiting)

    def make(self, theme: Theme, anchor: str) -> ThemeSection:
        """Make the section of a theme that has a row in the totals."""
        total = self._tables.totals[theme.theme_id]
        mentions = self._mentions.get(theme.theme_id, [])
        ordered = distinct(mentions)
        chosen = select(ordered, self._quotes_per_theme, self._quotes.segment_of)
        rest = [mention for mention in ordered if mention not in chosen]
        waiting = len(self._waiting.get(theme.theme_id, []))
        return ThemeSection(
            theme_id=theme.theme_id,
            anchor=anchor,
            name=theme.name,
            definition=theme.definition,
            include=theme.include,
            exclude=theme.exclude,
            reach=reach(total),
            volunteered=f"{total.volunteered_participants} of {total.participants}",
            mentions=wording.counted(total.mentions, "mention"),
            sentiments=sentiment_bar(mentions),
            net_sentiment=net_text(total),
            net_interval=net_interval(total),
            tone=tone(total),
            stages=_facts(mentions, "stage", self._codebook.journey_stages),
            types=_facts(mentions, "type", self._codebook.statement_types),
            segments=self._segments(theme.theme_id),
            quotes=tuple(self._quotes.of_mention(mention) for mention in chosen),
            more_quotes=tuple(self._quotes.of_mention(mention, context=self._full_context) for mention in rest),
            more_label="Show the other quote" if len(rest) == 1 else f"Show the other {len(rest)} quotes",
            waiting=_waiting_text(waiting),
        )

    def _segments(self, theme_id: str) -> tuple[SegmentLine, ...]:
        lines = []
        for attribute in self._attributes:
            rows = self._tables.by_attribute.get(attribute, ())
            found = {row.segment_value: row for row in rows if row.theme_id == theme_id}
            lines += [
                _segment_line(attribute, found[value], self._small_base)
                for value in segment_values(rows)
                if value in found
            ]
        return tuple(lines)


def ranking_row(section: ThemeSection, family: str) -> RankingRow:
    """Give a section's line in the ranking by reach."""
    return RankingRow(
        theme=section.name,
        anchor=section.anchor,
        family=family,
        reach=section.reach,
        volunteered=section.volunteered,
        sentiments=section.sentiments,
        net_sentiment=section.net_sentiment,
        tone=section.tone,
    )


def sentiment_bar(mentions: Sequence[MentionRow]) -> tuple[Slice, ...]:
    """Split mentions by sentiment into slices of a bar of 100, from negative to positive; empty ones are left out."""
    slices = []
    start = 0.0
    for sentiment in SENTIMENT_ORDER:
        count = sum(row.sentiment == sentiment for row in mentions)
        if count:
            width = 100 * count / len(mentions)
            slices.append(Slice(sentiment.value, count, round(start, 2), round(width, 2)))
            start += width
    return tuple(slices)


def net_text(row: ShareRow) -> str:
    """Write a row's net sentiment, empty when nobody said anything."""
    return "" if row.net_sentiment is None else wording.signed(row.net_sentiment)


def net_interval(row: ShareRow) -> str:
    """Write the interval of a row's net sentiment, empty when there is none."""
    if row.sentiment_ci_low is None or row.sentiment_ci_high is None:
        return ""
    return wording.signed_range(row.sentiment_ci_low, row.sentiment_ci_high)


def tone(row: ShareRow) -> str:
    """Name the side that a row's net sentiment is on: negative, positive, balanced, or nothing."""
    if row.net_sentiment is None:
        return ""
    if abs(row.net_sentiment) < TONE_THRESHOLD:
        return "balanced"
    return "negative" if row.net_sentiment < 0 else "positive"


def _segment_line(attribute: str, row: ShareRow, small_base: int) -> SegmentLine:
    return SegmentLine(
        attribute=wording.label(attribute),
        value=row.segment_value,
        reach=reach(row),
        small=row.base < small_base,
        sentiment=net_text(row),
        q_value="" if row.q_value is None else f"{row.q_value:.2f}",
        note=wording.zero_note(row.base) if row.participants == 0 else "",
    )


def _facts(mentions: Sequence[MentionRow], field: str, known: Mapping[str, str]) -> tuple[Fact, ...]:
    values = (row.stage if field == "stage" else row.type for row in mentions)
    return tuple(
        Fact(wording.label(value), str(count), known.get(value, "")) for value, count in wording.tally(values, known)
    )


def _by_theme(mentions: Sequence[MentionRow]) -> dict[str, list[MentionRow]]:
    found: dict[str, list[MentionRow]] = {}
    for mention in mentions:
        found.setdefault(mention.theme_id, []).append(mention)
    return found


def _waiting_text(count: int) -> str:
    if not count:
        return ""
    stand = "stands" if count == 1 else "stand"
    return f"{wording.counted(count, 'further mention')} {stand} below the confidence floor and count nowhere."
