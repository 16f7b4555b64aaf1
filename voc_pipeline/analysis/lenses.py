"""Lenses: several themes of the codebook read together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.analysis.intervals import share_of
from voc_pipeline.analysis.voices import by_sentiment, counted, mean_net, participant_ids, voices
from voc_pipeline.tables import LENSES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd


def lens_table(
    mentions: pd.DataFrame,
    participants: pd.DataFrame,
    lenses: Mapping[str, Mapping[str, Collection[str]]],
) -> pd.DataFrame:
    """Count who raises any theme of each part of each lens.

    A participant's net sentiment on a part is (positive - negative) / mentions over all its themes together, -1..1;
    ``net_sentiment`` is its mean over the participants who raise it. ``share`` is of all participants, with Wilson's
    95 % interval (Wilson 1927).

    Args:
        mentions: Table ``MENTIONS`` in any order; rejected ones count nowhere.
        participants: Table ``PARTICIPANTS``.
        lenses: Lens to part to ids of its themes, as ``Codebook.lenses`` has them.

    Returns:
        Table ``LENSES``: a row a part, zeros included, in the order given.

    Raises:
        ValueError: A participant stands twice in ``participants``, or a counted mention's not at all.
    """
    everyone = participant_ids(participants)
    parts = [(lens, part, frozenset(themes)) for lens, found in lenses.items() for part, themes in found.items()]
    said = counted(mentions, frozenset().union(*(themes for _, _, themes in parts)), everyone)
    rows = []
    for lens, part, themes in parts:
        own = [row for row in said if row.theme in themes]
        heard = voices((part, row) for row in own).get(part, {})
        rows.append({
            "lens": lens,
            "part": part,
            **share_of(len(heard), len(everyone)),
            **by_sentiment(own),
            "net_sentiment": mean_net(heard.values()),
        })  # fmt: skip
    return LENSES.frame(rows)
