"""At a glance: what most speak of, and the strongest complaints and praise, each with how far to trust it.

How segments differ is told by findings and patterns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from voc_pipeline.ids import ThemeId
from voc_pipeline.records import Sentiment
from voc_pipeline.report.measures import net_interval, net_text, reach
from voc_pipeline.report.panels import ThemeLink
from voc_pipeline.report.shapes import Standout, StandoutItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.rows import MentionRow, ShareRow, Tables

ITEMS = 3
ENOUGH_VOICES = 3
STRONG_TONE = 0.25  # of -1..1; a weaker lean is told in the theme's own section
_STANCE: Mapping[str, int] = {Sentiment.POSITIVE: 1, Sentiment.NEGATIVE: -1}
Names = Mapping[ThemeId, ThemeLink]


def standouts(tables: Tables, names: Names) -> tuple[Standout, ...]:
    """Find what stands out.

    Args:
        tables: The run's tables.
        names: Name and fragment id by id of each theme that was heard.
    """
    heard = [tables.totals[theme] for theme in names if theme in tables.totals]
    made = (
        _most_heard(heard, names),
        _tone(tables, heard, names, sign=-1),
        _tone(tables, heard, names, sign=1),
    )
    return tuple(standout for standout in made if standout.items)


def _most_heard(heard: Sequence[ShareRow], names: Names) -> Standout:
    top = sorted(heard, key=lambda row: (-row.participants, -row.mentions))[:ITEMS]
    items = []
    for row in top:
        made = reach(row)
        text = f"raised by {made.text} participants, {row.volunteered_participants} of them without being asked"
        items.append(
            StandoutItem(
                names[row.theme_id].name,
                names[row.theme_id].anchor,
                text,
                f"{made.share}, 95% interval {made.interval}",
            )
        )
    return Standout("Heard from most", tuple(items))


def _tone(tables: Tables, heard: Sequence[ShareRow], names: Names, *, sign: int) -> Standout:
    """Find the themes that weigh most on one side: mean stance times the people who hold it."""

    def weight(row: ShareRow) -> float:
        return sign * (row.net_sentiment or 0.0)

    side = [row for row in heard if row.participants >= ENOUGH_VOICES and weight(row) >= STRONG_TONE]
    top = sorted(side, key=lambda row: -round(weight(row) * row.participants, 6))[: ITEMS - 1]
    name = "negative" if sign < 0 else "positive"
    items = []
    for row in top:
        leaning = _leaning(tables.mentions, row.theme_id, sign)
        who = f"all {leaning}" if leaning == row.participants else f"{leaning} of the {row.participants}"
        text = f"{who} who raised it lean {name}"
        items.append(StandoutItem(names[row.theme_id].name, names[row.theme_id].anchor, text, _tone_hedge(row)))
    return Standout("Strongest complaints" if sign < 0 else "Strongest praise", tuple(items))


def _leaning(mentions: Sequence[MentionRow], theme_id: str, sign: int) -> int:
    balance: Counter[str] = Counter()
    for row in mentions:
        if row.theme_id == theme_id:
            balance[row.participant_id] += _STANCE.get(row.sentiment, 0)
    return sum(sign * value > 0 for value in balance.values())


def _tone_hedge(row: ShareRow) -> str:
    net, interval = f"net sentiment {net_text(row.net_sentiment)}", net_interval(row)
    low, high = row.sentiment_ci_low, row.sentiment_ci_high
    if low is None or high is None:
        return f"{net}; too few voices for an interval"
    if low == high:
        return f"{net}; all lean alike, so there is no interval to give"
    unsure = "; too few voices to be sure of the direction" if low <= 0 <= high else ""
    return f"{net}, 95% interval {interval}{unsure}"
