"""Quotes for findings: typical ones, spread over people and segments, and none that stands twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report.quotes import distinct, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voc_pipeline.report.rows import MentionRow


class Evidence:
    """Hands out mentions, each span of words once; of words that are said twice, one.

    Args:
        segment_of: Each participant's segment values.
    """

    def __init__(self, segment_of: Mapping[str, tuple[str, ...]]) -> None:
        self._segment_of = segment_of
        self._taken: list[MentionRow] = []

    def take(self, mentions: Iterable[MentionRow], count: int) -> tuple[str, ...]:
        """Choose up to ``count`` of the mentions that are still free, by id, and keep them from the next call."""
        free = [mention for mention in mentions if not any(_same_words(mention, taken) for taken in self._taken)]
        chosen = select(distinct(free), count, self._segment_of)
        kept: list[MentionRow] = []
        for mention in chosen:
            if not any(_same_words(mention, other) for other in kept):
                kept.append(mention)
        self._taken += kept
        return tuple(mention.mention_id for mention in kept)


def _same_words(one: MentionRow, other: MentionRow) -> bool:
    """Tell whether two mentions overlap, or say the same words elsewhere."""
    if (one.transcript_id, one.turn) == (other.transcript_id, other.turn):
        return one.start < other.end and other.start < one.end
    return one.quote.casefold().split() == other.quote.casefold().split()
