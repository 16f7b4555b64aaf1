"""What stands out: a few plain sentences, each with its numbers and with how far to trust them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.ids import ThemeId
from voc_pipeline.records import Sentiment
from voc_pipeline.report.measures import net_interval, net_text, reach
from voc_pipeline.report.panels import ThemeLink
from voc_pipeline.report.shapes import Standout, StandoutItem
from voc_pipeline.tables import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.rows import MentionRow, ShareRow, Tables

ITEMS = 3
ENOUGH_VOICES = 3
STRONG_TONE = 0.25  # of -1..1; a weaker lean is told in the theme's own section
LEAST_DIFFERENCE = 0.25
HOLDS_UP = 0.1
_STANCE: Mapping[str, int] = {Sentiment.POSITIVE: 1, Sentiment.NEGATIVE: -1}
Names = Mapping[ThemeId, ThemeLink]
PATTERN = "a pattern to test, not a finding"


@dataclass(frozen=True, slots=True)
class Difference:
    """A segment against everyone else with a value of the same attribute. Shares in 0..1."""

    row: ShareRow
    others: int
    others_base: int

    @property
    def gap(self) -> float:
        """Share in the segment minus share among the others."""
        return self.row.participants / self.row.base - self.others / self.others_base


def standouts(tables: Tables, names: Names, attributes: Sequence[str]) -> tuple[Standout, ...]:
    """Find what stands out.

    Args:
        tables: The run's tables.
        names: Name and fragment id by id of each theme that was heard.
        attributes: Segment attributes to compare.
    """
    heard = [tables.totals[theme] for theme in names if theme in tables.totals]
    made = (
        _most_heard(heard, names),
        _tone(tables, heard, names, sign=-1),
        _tone(tables, heard, names, sign=1),
        _differences(differences(tables, names, attributes), names),
    )
    return tuple(standout for standout in made if standout.items or standout.note)


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
    if low is None or high is None or low == high:
        return f"{net}; too few voices for an interval"
    unsure = "; too few voices to be sure of the direction" if low <= 0 <= high else ""
    return f"{net}, 95% interval {interval}{unsure}"


def differences(tables: Tables, names: Names, attributes: Sequence[str]) -> tuple[Difference, ...]:
    """List differences between segments, the firmest first, one an attribute and theme.

    A segment is compared with all others that have a value of the attribute; of two that mirror each other the one
    with the higher share stays.
    """
    best: dict[tuple[str, str], Difference] = {}
    for attribute in attributes:
        rows = [row for row in tables.by_attribute.get(attribute, ()) if row.segment_value != NOT_GIVEN]
        for row in rows:
            if row.theme_id not in names:
                continue
            others = [other for other in rows if other.theme_id == row.theme_id and other is not row]
            found = Difference(row, sum(o.participants for o in others), sum(o.base for o in others))
            if not row.base or not found.others_base or not _worth_telling(found):
                continue
            key = (attribute, row.theme_id)
            if key not in best or _firmness(found) < _firmness(best[key]):
                best[key] = found
    return tuple(sorted(best.values(), key=_firmness))


def _worth_telling(found: Difference) -> bool:
    return _holds_up(found) or abs(found.gap) >= LEAST_DIFFERENCE


def _holds_up(found: Difference) -> bool:
    return found.row.q_value is not None and found.row.q_value < HOLDS_UP


def _firmness(found: Difference) -> tuple[bool, float, bool, float, str, str]:
    p_value = found.row.p_value if found.row.p_value is not None else 1.0
    gap = round(found.gap, 6)
    return (not _holds_up(found), p_value, gap < 0, -abs(gap), found.row.theme_id, found.row.segment_value)


def _differences(found: Sequence[Difference], names: Names) -> Standout:
    items = []
    for difference in found[:ITEMS]:
        row = difference.row
        others = f"all others: {difference.others} of {difference.others_base}"
        text = f"{row.segment_value}: {row.participants} of {row.base}; {others}"
        items.append(
            StandoutItem(names[row.theme_id].name, names[row.theme_id].anchor, text, _difference_hedge(difference))
        )
    note = "" if items else "No segment differs clearly from the others."
    return Standout("Segments differ on", tuple(items), note)


def _difference_hedge(difference: Difference) -> str:
    q_value = difference.row.q_value
    if q_value is not None and q_value < HOLDS_UP:
        hedge = f"holds up against chance after correction for many comparisons (q = {q_value:.2f})"
    else:
        hedge = PATTERN if q_value is None else f"{PATTERN} (q = {q_value:.2f})"
    return f"{hedge}; small base" if difference.row.small_base else hedge
