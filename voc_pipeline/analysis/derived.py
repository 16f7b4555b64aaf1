"""Every number of a run that follows from its mentions, participants and scores: also how ``voc verify`` gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.analysis.accounts import accounts
from voc_pipeline.analysis.advocacy import advocacy, nps_table
from voc_pipeline.analysis.cooccurrence import cooccurrence
from voc_pipeline.analysis.crosstabs import theme_by_segment
from voc_pipeline.analysis.findings import findings
from voc_pipeline.analysis.journey import journey
from voc_pipeline.analysis.lenses import lens_table
from voc_pipeline.analysis.saturation import saturation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from voc_pipeline.records import Codebook


def derived_tables(
    recorded: Mapping[str, pd.DataFrame], codebook: Codebook, attributes: Sequence[str], *, small_base: int
) -> dict[str, pd.DataFrame]:
    """Compute what follows from what was recorded.

    Args:
        recorded: Tables ``mentions``, ``participants`` and ``scores`` by name, rows in any order.
        codebook: Themes, stages and lenses, in their order.
        attributes: Attributes that make segments.
        small_base: Segments of fewer participants are marked, and no finding on them stands.

    Returns:
        Contract tables by name: ``theme_by_segment``, ``findings``, ``lenses``, ``journey``, ``cooccurrence``,
        ``nps``, ``advocacy``, ``accounts`` and ``saturation``.
    """
    mentions, participants, scores = (recorded[name] for name in ("mentions", "participants", "scores"))
    themes = [(str(theme.theme_id), theme.name) for theme in codebook.themes]
    return {
        "theme_by_segment": theme_by_segment(mentions, participants, themes, attributes, small_base=small_base),
        "findings": findings(mentions, participants, themes, attributes, small_base=small_base),
        "lenses": lens_table(mentions, participants, codebook.lenses),
        "journey": journey(mentions, participants, themes, list(codebook.journey_stages)),
        "cooccurrence": cooccurrence(mentions, participants, themes),
        "nps": nps_table(scores),
        "advocacy": advocacy(mentions, participants, scores, themes),
        "accounts": accounts(mentions, participants, codebook.lenses),
        "saturation": saturation(mentions, participants, themes, attributes),
    }
