"""Themes that the same participants raise.

``expected`` is a b / n, of n participants a who raise the one and b the other. ``p_value`` is Fisher's exact test,
one-sided: that as many or more raise both. ``q_value`` controls the false discovery rate (Benjamini & Hochberg
1995) over all pairs of themes that two participants or more raise each, not over the rows alone: which rows there
are depends on how often the two meet, which themes are compared does not. ``turns`` are the answers in which both
stand.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from voc_pipeline.analysis.testing import false_discovery_rates, more_together
from voc_pipeline.analysis.voices import counted, participant_ids
from voc_pipeline.tables import COOCCURRENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

LEAST = 2


def cooccurrence(
    mentions: pd.DataFrame, participants: pd.DataFrame, codebook_themes: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    """Count the participants who raise both of two themes, against what chance would give.

    Args:
        mentions: Table ``MENTIONS`` in any order; rejected ones count nowhere.
        participants: Table ``PARTICIPANTS``.
        codebook_themes: Ids and names, in the order of the codebook.

    Returns:
        Table ``COOCCURRENCE``: a row for each pair that two participants or more raise, in the codebook's order.

    Raises:
        ValueError: A participant stands twice in ``participants``, or a counted mention's not at all.
    """
    themes = dict(codebook_themes)
    everyone = participant_ids(participants)
    people: dict[str, set[str]] = {theme: set() for theme in themes}
    turns: dict[str, set[tuple[str, int]]] = {theme: set() for theme in themes}
    for row in counted(mentions, themes, everyone):
        people[row.theme].add(row.participant)
        turns[row.theme].add((row.transcript, row.turn))
    pairs = list(combinations([theme for theme in themes if len(people[theme]) >= LEAST], 2))
    both = [len(people[one] & people[other]) for one, other in pairs]
    first, second = ([len(people[pair[side]]) for pair in pairs] for side in (0, 1))
    p_values = [float(value) for value in more_together(both, first, second, base=len(everyone))]
    rows = zip(pairs, both, first, second, p_values, false_discovery_rates(p_values), strict=True)
    return COOCCURRENCE.frame(
        {
            "theme_id": one,
            "theme_name": themes[one],
            "other_theme_id": other,
            "other_theme_name": themes[other],
            "participants": together,
            "expected": ones * others / len(everyone),
            "base": len(everyone),
            "turns": len(turns[one] & turns[other]),
            "p_value": p_value,
            "q_value": q_value,
        }
        for (one, other), together, ones, others, p_value, q_value in rows
        if together >= LEAST
    )
