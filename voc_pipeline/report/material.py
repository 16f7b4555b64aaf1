"""What every part of the report is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.report.quotes import distinct, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voc_pipeline.ids import ThemeId
    from voc_pipeline.records import Codebook
    from voc_pipeline.report.panels import ThemeLink
    from voc_pipeline.report.quotes import QuoteMaker
    from voc_pipeline.report.rows import MentionRow, Tables

LEADING = 3


@dataclass(frozen=True, slots=True)
class Material:
    """The run's tables and what reads them.

    Args:
        tables: The run's tables as typed rows.
        codebook: What the themes mean, in which order.
        attributes: Segment attributes in order.
        small_base: Segments of fewer participants are marked.
        quotes: Makes quotes of these tables.
        links: Name and fragment id of each theme that was heard, in the order of the report.
    """

    tables: Tables
    codebook: Codebook
    attributes: tuple[str, ...]
    small_base: int
    quotes: QuoteMaker
    links: Mapping[ThemeId, ThemeLink]

    def quote_ids(self, mentions: Iterable[MentionRow]) -> tuple[str, ...]:
        """Name all of these mentions: three that are typical of as many people as can be, then the others."""
        ordered = sorted(mentions, key=lambda row: (-row.score, row.mention_id))
        leading = select(distinct(ordered), LEADING, self.quotes.segment_of)
        first = [mention.mention_id for mention in leading]
        return (*first, *(mention.mention_id for mention in ordered if mention.mention_id not in first))
