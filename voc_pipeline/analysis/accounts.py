"""Accounts: how strained the relationship with each participant is, beside what the account is worth."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from voc_pipeline.analysis.voices import counted, participant_ids, segment_value, voices
from voc_pipeline.signals import SIGNALS, signal_themes
from voc_pipeline.tables import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from voc_pipeline.analysis.voices import Voice

VALUE_COLUMNS = ("account_value_usd", "account_value")
_AMOUNT = re.compile(
    r"(?:usd|us\$|eur|chf|gbp|[$\u20ac\u00a3])?(?P<number>\d[\d.,]{0,19})(?P<unit>k|m|mn|mio)?"
    r"(?:usd|eur|chf|gbp|[$\u20ac\u00a3])?"
)
_UNITS = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6}
_SPACES = re.compile(r"[\s'\u2019_]+")  # between thousands, or around a currency
_BY_COMMA = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_BY_POINT = re.compile(r"[1-9]\d{0,2}((\.\d{3}){2,}(,\d*)?|\.\d{3},\d*)")
_EITHER = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_DECIMAL = re.compile(r"\d+([.,]\d*)?")


def accounts(
    mentions: pd.DataFrame,
    participants: pd.DataFrame,
    lenses: Mapping[str, Mapping[str, Collection[str]]],
) -> pd.DataFrame:
    """Weigh signs of strain against the value of the account.

    A signal is one participant's net sentiment, (positive - negative) / mentions, -1..1, over a group of themes:
    goodwill, political capital, and being left alone after the sale; NaN where they were not heard.
    ``strain`` = (max(0, -goodwill) + max(0, -political capital) + max(0, -abandonment)) / 3, 0..1, a signal that was
    not heard counting 0: silence is no sign of strain. ``value_at_stake`` = strain * value. It is a way to sort
    participants for a person to look at, in no way a forecast of loss. Where no lens names a theme of the signals and
    none was heard of anybody, silence tells nothing, since nobody may have listened for it: the value at stake is NaN.

    Args:
        mentions: Table ``MENTIONS`` in any order; rejected ones count nowhere.
        participants: Table ``PARTICIPANTS``; the account's value stands in ``account_value_usd`` or ``account_value``.
        lenses: Of the codebook; see ``signals.signal_themes``.

    Returns:
        Table ``ACCOUNTS``: participants with a signal or a value, the most at stake first, then the most strained,
        then by id.

    Raises:
        ValueError: A participant stands twice in ``participants``, or a counted mention's not at all.
    """
    everyone = participant_ids(participants)
    groups = signal_themes(lenses)
    themes = frozenset().union(*groups.values())
    said = counted(mentions, themes, everyone)
    known = bool(said) or any(not themes.isdisjoint(part) for lens in lenses.values() for part in lens.values())
    heard = voices((signal, row) for row in said for signal in SIGNALS if row.theme in groups[signal])
    values = _values(participants)
    rows = [_row(who, values[who], heard, known=known) for who in sorted(everyone)]
    told = (row for row in rows if not all(math.isnan(float(str(row[name]))) for name in ("value", *SIGNALS)))
    return ACCOUNTS.frame(sorted(told, key=_place))


def _row(who: str, value: float, heard: Mapping[str, Mapping[str, Voice]], *, known: bool) -> dict[str, object]:
    found = {signal: heard[signal][who].net if who in heard.get(signal, {}) else math.nan for signal in SIGNALS}
    strain = math.fsum(max(0.0, -net) for net in found.values() if not math.isnan(net)) / len(SIGNALS)
    at_stake = strain * value if known else math.nan
    return {"participant_id": who, "value": value, **found, "strain": strain, "value_at_stake": at_stake}


def amount(cell: object) -> float:
    """Read an amount of money: ``210000``, ``$1,250,000``, ``1.250.000 EUR``, ``1.2m``, ``340 k``.

    NaN if it is none, or can't be told: ``1.250`` may be a thousand times ``1,250`` or as much.
    """
    found = _AMOUNT.fullmatch(_SPACES.sub("", segment_value(cell)).casefold())
    if found is None:
        return math.nan
    return _number(found["number"], scaled=found["unit"] is not None) * _UNITS.get(found["unit"] or "", 1.0)


def _number(text: str, *, scaled: bool) -> float:
    """Read digits with separators; ``scaled``: a unit follows, so that one point or comma is likelier a decimal one."""
    if _BY_COMMA.fullmatch(text):
        return math.nan if scaled and text.count(",") == 1 else float(text.replace(",", ""))
    if _BY_POINT.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    if _EITHER.fullmatch(text) and not scaled:
        return math.nan
    return float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else math.nan


def _values(participants: pd.DataFrame) -> dict[str, float]:
    column = next((name for name in VALUE_COLUMNS if name in participants), None)
    ids = [str(value) for value in participants["participant_id"]]
    cells = list(participants[column]) if column else [""] * len(ids)
    return {participant: amount(cell) for participant, cell in zip(ids, cells, strict=True)}


def _place(row: Mapping[str, object]) -> tuple[bool, float, float, str]:
    stake, strain = float(str(row["value_at_stake"])), float(str(row["strain"]))
    unknown = math.isnan(stake)
    return unknown, 0.0 if unknown else -stake, -strain, str(row["participant_id"])
