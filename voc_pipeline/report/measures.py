"""How counts, shares and net sentiments become texts, places on a bar and steps of colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from voc_pipeline.records import Sentiment
from voc_pipeline.report import wording
from voc_pipeline.report.shapes import Reach, Slice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voc_pipeline.report.rows import MentionRow, ShareRow

HEAT_LEVELS, TONE_LEVELS = 10, 5
TONE_THRESHOLD = 0.15
SENTIMENT_ORDER = (Sentiment.NEGATIVE, Sentiment.MIXED, Sentiment.NEUTRAL, Sentiment.POSITIVE)


class _Counts(Protocol):
    """A row that counts mentions by sentiment."""

    @property
    def negative(self) -> int: ...
    @property
    def mixed(self) -> int: ...
    @property
    def neutral(self) -> int: ...
    @property
    def positive(self) -> int: ...


class _Share(Protocol):
    """A row with a share (0..1) of participants and its interval."""

    @property
    def participants(self) -> int: ...
    @property
    def base(self) -> int: ...
    @property
    def ci_low(self) -> float | None: ...
    @property
    def ci_high(self) -> float | None: ...


def reach(row: _Share) -> Reach:
    """Write a row's share with its interval and place it on 0..100."""
    return reach_of(row.participants, row.base, low=row.ci_low, high=row.ci_high)


def reach_of(count: int, base: int, *, low: float | None, high: float | None) -> Reach:
    """Do as `reach` with the parts of a row; the interval (0..1) of nobody is everything."""
    low, high = 0.0 if low is None else low, 1.0 if high is None else high
    share = count / base if base else 0.0
    return Reach(
        text=f"{count} of {base}",
        share=wording.percent(share) if base else "no one asked",
        interval=wording.percent_range(low, high),
        point=round(share * 100, 2),
        low=round(low * 100, 2),
        high=round(high * 100, 2),
    )


def level(share: float) -> int:
    """Give the colour step of a share (0..1): 0 only for nobody, 1 to 10 above."""
    return 0 if share == 0 else max(1, min(HEAT_LEVELS, int(share * HEAT_LEVELS + 0.5)))


def tone_level(net: float) -> int:
    """Give the colour step of a net sentiment (-1..1): -5 to 5, 0 for balance."""
    step = int(abs(net) * TONE_LEVELS + 0.5)
    return -step if net < 0 else step


def tone(net: float | None) -> str:
    """Name the side that a net sentiment is on: negative, positive, balanced, or nothing."""
    if net is None:
        return ""
    if abs(net) < TONE_THRESHOLD:
        return "balanced"
    return "negative" if net < 0 else "positive"


def net_text(net: float | None) -> str:
    """Write a net sentiment, empty when nobody said anything."""
    return "" if net is None else wording.signed(net)


def net_interval(row: ShareRow) -> str:
    """Write the interval of a row's net sentiment, empty when there is none: of too few, or of all alike."""
    low, high = row.sentiment_ci_low, row.sentiment_ci_high
    return "" if low is None or high is None or low == high else wording.signed_range(low, high)


def sentiment_bar(mentions: Sequence[MentionRow]) -> tuple[Slice, ...]:
    """Split mentions by sentiment into slices of a bar."""
    return _bar({sentiment: sum(row.sentiment == sentiment for row in mentions) for sentiment in SENTIMENT_ORDER})


def counts_bar(row: _Counts) -> tuple[Slice, ...]:
    """Do as `sentiment_bar` with counts."""
    return _bar(
        {
            Sentiment.NEGATIVE: row.negative,
            Sentiment.MIXED: row.mixed,
            Sentiment.NEUTRAL: row.neutral,
            Sentiment.POSITIVE: row.positive,
        }
    )


def _bar(counts: Mapping[Sentiment, int]) -> tuple[Slice, ...]:
    """Lay counts out on 0..100, from negative to positive; empty ones are left out."""
    slices = []
    start = 0.0
    for sentiment, count in counts.items():
        if count:
            width = 100 * count / sum(counts.values())
            slices.append(Slice(sentiment.value, count, round(start, 2), round(width, 2)))
            start += width
    return tuple(slices)


def people(mentions: Iterable[MentionRow]) -> int:
    """Count the participants who speak."""
    return len({mention.participant_id for mention in mentions})
