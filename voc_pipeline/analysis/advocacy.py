"""Likelihood to recommend: the net promoter score with its interval, and what promoters and detractors speak of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from voc_pipeline.analysis.intervals import net_promoter, wilson
from voc_pipeline.analysis.scores import PASSIVE_FROM, PROMOTER_FROM, counted_scores, nps_summary
from voc_pipeline.analysis.testing import false_discovery_rates, fisher
from voc_pipeline.analysis.voices import by_theme, counted, mean_net, participant_ids, people_of
from voc_pipeline.tables import ADVOCACY, NPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from voc_pipeline.analysis.voices import Voice


def nps_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Sum up likelihoods to recommend, one a participant.

    ``nps`` is 100 (promoters - detractors) / answered, -100..100 (Reichheld 2003), with the adjusted Wald interval of
    Rocks (2016); see ``intervals.net_promoter``. Which score counts, and the bands, are those of ``nps_summary``.

    Args:
        scores: Table ``SCORES`` in any order.

    Returns:
        Table ``NPS``: one row; score and interval are NaN if nobody answered.
    """
    summary = nps_summary(scores)
    low, high = net_promoter(summary.promoters, summary.detractors, answered=summary.n)
    row = {
        "answered": summary.n,
        "promoters": summary.promoters,
        "passives": summary.passives,
        "detractors": summary.detractors,
        "nps": math.nan if summary.score is None else summary.score,
        "ci_low": low,
        "ci_high": high,
    }
    return NPS.frame([row])


def advocacy(
    mentions: pd.DataFrame,
    participants: pd.DataFrame,
    scores: pd.DataFrame,
    codebook_themes: Sequence[tuple[str, str]],
) -> pd.DataFrame:
    """Compare what promoters and detractors speak of.

    Shares of either group have Wilson's 95 % interval. ``p_value`` is Fisher's exact test, two-sided, NaN where there
    are no promoters or no detractors; ``q_value`` controls the false discovery rate over the rows (Benjamini &
    Hochberg 1995). A theme that neither raises is no test. ``net_promoters`` and ``net_detractors`` are mean net
    sentiments over those participants who raise the theme, -1..1, NaN of nobody.

    Args:
        mentions: Table ``MENTIONS`` in any order; rejected ones count nowhere.
        participants: Table ``PARTICIPANTS``.
        scores: Table ``SCORES`` in any order; one score a participant, as ``nps_summary`` chooses it.
        codebook_themes: Ids and names, in the order of the codebook.

    Returns:
        Table ``ADVOCACY``: the themes that a promoter or a detractor raises, in the order given.

    Raises:
        ValueError: A participant stands twice in ``participants``, or a counted mention's not at all.
    """
    themes = dict(codebook_themes)
    everyone = participant_ids(participants)
    said = by_theme(counted(mentions, themes, everyone))
    score_of = {who: score for who, score in counted_scores(scores).items() if who in everyone}
    promoters = frozenset(who for who, score in score_of.items() if score >= PROMOTER_FROM)
    detractors = frozenset(who for who, score in score_of.items() if score < PASSIVE_FROM)
    rows, p_values = [], []
    for theme, name in themes.items():
        praising, blaming = (people_of(said.get(theme, {}), group) for group in (promoters, detractors))
        if not praising and not blaming:
            continue
        p_values.append(fisher(len(praising), len(promoters), len(blaming), len(detractors)))
        rows.append({
            "theme_id": theme,
            "theme_name": name,
            **_side("promoters", praising, len(promoters)),
            **_side("detractors", blaming, len(detractors)),
        })  # fmt: skip
    corrected = zip(rows, p_values, false_discovery_rates(p_values), strict=True)
    return ADVOCACY.frame(row | {"p_value": p_value, "q_value": q_value} for row, p_value, q_value in corrected)


def _side(group: str, heard: Sequence[Voice], base: int) -> dict[str, float]:
    low, high = wilson(len(heard), base)
    return {
        group: len(heard),
        f"{group}_base": base,
        f"{group}_ci_low": low,
        f"{group}_ci_high": high,
        f"net_{group}": mean_net(heard),
    }
