"""Theme sections: definition, reach, tone, segments and quotes of each theme that was heard."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.records import Sentiment
from voc_pipeline.report import wording
from voc_pipeline.report.heat import segment_values
from voc_pipeline.report.measures import net_interval, net_text, reach, sentiment_bar, tone
from voc_pipeline.report.quotes import distinct, select
from voc_pipeline.report.shapes import Fact, RankingRow, SegmentLine, ThemeSection, Together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.ids import ThemeId
    from voc_pipeline.records import Theme
    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import MentionRow, PairRow, ShareRow

MOST_AGAINST, MOST_TOGETHER = 3, 4
HOLDS_UP = 0.1
_OTHER_SIDE = {"negative": Sentiment.POSITIVE, "positive": Sentiment.NEGATIVE}


class ThemeSections:
    """Makes the sections of one run.

    Args:
        material: What the report is made of.
        quotes_per_theme: How many quotes stand open.
    """

    def __init__(self, material: Material, *, quotes_per_theme: int) -> None:
        self._material = material
        self._tables = material.tables
        self._codebook = material.codebook
        self._quotes = material.quotes
        self._quotes_per_theme = quotes_per_theme
        self._waiting = Counter(row.theme_id for row in material.tables.waiting)

    def make(self, theme: Theme) -> ThemeSection:
        """Make the section of a theme that was heard."""
        total = self._tables.totals[theme.theme_id]
        mentions = self._tables.by_theme.get(theme.theme_id, ())
        chosen = select(distinct(mentions), self._quotes_per_theme, self._quotes.segment_of)
        against = self._against(mentions, tone(total.net_sentiment))
        rest = [mention for mention in mentions if mention not in chosen]
        return ThemeSection(
            theme_id=theme.theme_id,
            anchor=self._material.links[theme.theme_id].anchor,
            name=theme.name,
            definition=theme.definition,
            include=theme.include,
            exclude=theme.exclude,
            reach=reach(total),
            volunteered=f"{total.volunteered_participants} of {total.participants}",
            mentions=wording.counted(total.mentions, "mention"),
            sentiments=sentiment_bar(mentions),
            net_sentiment=net_text(total.net_sentiment),
            net_interval=net_interval(total),
            tone=tone(total.net_sentiment),
            stages=_facts(mentions, "stage", self._codebook.journey_stages),
            types=_facts(mentions, "type", self._codebook.statement_types),
            segments=self._segments(theme.theme_id),
            quotes=tuple(self._quotes.of_mention(mention) for mention in chosen),
            more_quotes=tuple(self._quotes.of_mention(mention) for mention in rest),
            more_label="Show the other quote" if len(rest) == 1 else f"Show the other {len(rest)} quotes",
            against=tuple(mention.mention_id for mention in against),
            against_note=_against_note(mentions, tone(total.net_sentiment)),
            together=self._together(theme.theme_id),
            waiting=_waiting_text(self._waiting[theme.theme_id]),
        )

    def _against(self, mentions: Sequence[MentionRow], side: str) -> list[MentionRow]:
        """Choose mentions that speak against the side that the theme leans to."""
        other = [mention for mention in mentions if mention.sentiment == _OTHER_SIDE.get(side)]
        return select(distinct(other), MOST_AGAINST, self._quotes.segment_of)

    def _together(self, theme_id: ThemeId) -> tuple[Together, ...]:
        """List the themes that meet this one more often than chance has it, the firmest first."""
        pairs = [
            (row, row.other_theme_id if row.theme_id == theme_id else row.theme_id)
            for row in self._tables.pairs
            if theme_id in {row.theme_id, row.other_theme_id} and row.participants > row.expected
        ]
        pairs.sort(key=lambda pair: _firmness(pair[0]))
        links = self._material.links
        return tuple(
            Together(links[other].name, links[other].anchor, f"{row.participants} of {row.base}", _together_note(row))
            for row, other in pairs[:MOST_TOGETHER]
            if other in links
        )

    def _segments(self, theme_id: str) -> tuple[SegmentLine, ...]:
        lines = []
        for attribute in self._material.attributes:
            rows = self._tables.by_attribute.get(attribute, ())
            found = {row.segment_value: row for row in rows if row.theme_id == theme_id}
            lines += [
                _segment_line(attribute, found[value], self._material.small_base)
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


def _segment_line(attribute: str, row: ShareRow, small_base: int) -> SegmentLine:
    return SegmentLine(
        attribute=wording.label(attribute),
        value=row.segment_value,
        reach=reach(row),
        small=row.base < small_base,
        sentiment=net_text(row.net_sentiment),
        q_value="" if row.q_value is None else f"{row.q_value:.2f}",
        note=wording.zero_note(row.base) if row.participants == 0 else "",
    )


def _facts(mentions: Sequence[MentionRow], field: str, known: Mapping[str, str]) -> tuple[Fact, ...]:
    values = (row.stage if field == "stage" else row.type for row in mentions)
    return tuple(
        Fact(wording.label(value), str(count), known.get(value, "")) for value, count in wording.tally(values, known)
    )


def _waiting_text(count: int) -> str:
    if not count:
        return ""
    stand = "stands" if count == 1 else "stand"
    return f"{wording.counted(count, 'further mention')} {stand} below the confidence floor and count nowhere."


def _against_note(mentions: Sequence[MentionRow], side: str) -> str:
    """Say how many of the quotes speak against the prevailing side; nothing where neither prevails."""
    if side not in _OTHER_SIDE:
        return ""
    found = sum(mention.sentiment == _OTHER_SIDE[side] for mention in mentions)
    if not found:
        were = "was" if len(mentions) == 1 else "were"
        return f"No quote speaks against it; {len(mentions)} {were} read."
    speak = "speaks" if found == 1 else "speak"
    return f"{found} of {wording.counted(len(mentions), 'quote')} {speak} against the {side} lean."


def _firmness(row: PairRow) -> tuple[float, float, str, str]:
    q_value = 1.0 if row.q_value is None else row.q_value
    return (round(q_value, 9), round(row.expected - row.participants, 9), row.theme_id, row.other_theme_id)


def _together_note(row: PairRow) -> str:
    told = f"raise both; chance would give {row.expected:.1f}"
    if row.q_value is None:
        return told
    hedge = "more than chance" if row.q_value < HOLDS_UP else "may be chance"
    return f"{told}; {wording.q_text(row.q_value)}: {hedge}"
