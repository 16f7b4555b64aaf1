"""Accounts: each participant's signs of strain beside what their account is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.measures import level, net_text, tone
from voc_pipeline.report.panels import AccountLine, AccountsPanel
from voc_pipeline.report.shapes import Fact
from voc_pipeline.signals import signal_themes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import AccountRow, MentionRow

DOLLARS, VALUE = "account_value_usd", "account_value"
_FORMULA = (
    "Each signal is the participant's own net sentiment, from \N{MINUS SIGN}1 to +1: goodwill, political capital, and "
    "attention after the sale (abandonment). Strain is how far the three lie below zero, added up and divided by "
    "three; a signal that was not heard, or is not negative, adds nothing. Value at stake = strain "
    "\N{MULTIPLICATION SIGN} account value. It sorts participants for a person to look at; it forecasts no loss."
)
_SEVERAL = "The value of a customer of whom several people took part counts once for each of them."


def accounts_panel(material: Material) -> AccountsPanel | None:
    """List participants as the table has them, the most at stake first; None if there are no signals and no values."""
    rows = material.tables.accounts
    if not rows:
        return None
    symbol = "$" if DOLLARS in material.tables.attribute_names else ""
    return AccountsPanel(
        formula=_FORMULA,
        total=_total(rows, symbol),
        lines=tuple(_line(material, row, symbol) for row in rows),
        note=_note(rows),
    )


def _line(material: Material, row: AccountRow, symbol: str) -> AccountLine:
    strain = row.strain or 0.0
    return AccountLine(
        participant_id=row.participant_id,
        segments=material.quotes.segments(row.participant_id),
        value=_money(row.value, symbol),
        goodwill=_signal("Goodwill", row.goodwill),
        political_capital=_signal("Political capital", row.political_capital),
        abandonment=_signal("Abandonment", row.abandonment),
        strain=f"{strain:.2f}",
        level=level(strain),
        value_at_stake=_money(row.value_at_stake, symbol),
        quotes=material.quote_ids(_behind(material, row.participant_id)),
    )


def _behind(material: Material, participant: str) -> list[MentionRow]:
    themes = frozenset().union(*signal_themes(material.codebook.lenses).values())
    return [row for row in material.tables.mentions if row.participant_id == participant and row.theme_id in themes]


def _signal(label: str, net: float | None) -> Fact:
    return Fact(label, net_text(net), tone(net))


def _money(amount: float | None, symbol: str) -> str:
    return "" if amount is None else f"{symbol}{amount:,.0f}"


def _total(rows: Sequence[AccountRow], symbol: str) -> str:
    valued = [row.value for row in rows if row.value is not None]
    people = wording.counted(len(rows), "participant")
    if not valued:
        return f"{people}, none with a value in the roster."
    total, stakes = _money(sum(valued), symbol), [row.value_at_stake for row in rows if row.value_at_stake is not None]
    if not stakes:
        return (
            f"{people}, {len(valued)} with a value, {total} together. None of the signals' themes was heard, so that "
            "nothing is known of what is at stake."
        )
    return f"{people}, {len(valued)} with a value: {_money(sum(stakes), symbol)} at stake of {total}."


def _note(rows: Sequence[AccountRow]) -> str:
    missing = sum(row.value is None for row in rows)
    if missing == len(rows):
        return f"The most strained come first. A column {DOLLARS} in the roster would put the value beside."
    if not missing:
        return _SEVERAL
    last = "stands" if missing == 1 else "stand"
    without = f"{wording.counted(missing, 'participant')} without a value in the roster"
    return f"{_SEVERAL} {without} {last} last, the most strained first."
