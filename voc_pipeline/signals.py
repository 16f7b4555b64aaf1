"""Signals of an account: which themes tell of goodwill, of political capital, of being left alone after the sale."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

GOODWILL, POLITICAL_CAPITAL, ABANDONMENT = SIGNALS = ("goodwill", "political_capital", "abandonment")
LENS = "relationship_health"
_THEMES: Mapping[str, tuple[str, ...]] = {
    GOODWILL: ("grace_account", "feeling_valued", "trust_candor"),
    POLITICAL_CAPITAL: ("political_capital",),
    ABANDONMENT: ("post_sale_abandonment", "support_responsiveness"),
}
_PARTS = {GOODWILL: "goodwill", ABANDONMENT: "after_sale"}  # political capital is one theme of a part


def signal_themes(lenses: Mapping[str, Mapping[str, Collection[str]]]) -> dict[str, frozenset[str]]:
    """Give the ids of the themes that each signal is made of.

    Args:
        lenses: Of the codebook: the parts ``goodwill`` and ``after_sale`` of its lens ``relationship_health``; the
            shipped codebook's themes where it lacks them.
    """
    lens = lenses.get(LENS, {})
    return {signal: frozenset(lens.get(_PARTS.get(signal, ""), ()) or usual) for signal, usual in _THEMES.items()}
