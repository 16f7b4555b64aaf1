"""Theme by segment: how many of whom speak of a theme, how surely, how they feel about it, and who differs."""

from __future__ import annotations

import math
from itertools import groupby, product
from typing import TYPE_CHECKING

from voc_pipeline.analysis.intervals import bootstrapped_mean, share_of
from voc_pipeline.analysis.testing import false_discovery_rates, fisher
from voc_pipeline.analysis.voices import by_theme, counted, mean_net, participant_ids, people_of, segments
from voc_pipeline.tables import ALL_SEGMENTS, NOT_GIVEN, THEME_BY_SEGMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from voc_pipeline.analysis.voices import Segment, Voice


def theme_by_segment(
    mentions: pd.DataFrame,
    participants: pd.DataFrame,
    codebook_themes: Sequence[tuple[str, str]],
    attributes: Sequence[str],
    *,
    small_base: int,
    seed: int = 0,
) -> pd.DataFrame:
    """Count themes by segment, with a row for every theme and value, zeros included.

    Shares have Wilson's 95 % interval (Wilson 1927). The interval of the net sentiment is a percentile bootstrap over
    participants, since the mentions of one person are not independent; it is NaN below three participants and has no
    width where all agree. ``p_value`` is Fisher's exact test, two-sided, of a value against all others that have a
    value of its attribute, NaN for the totals, for ``(not given)``, and where nobody has another value. ``q_value``
    controls the false discovery rate within the attribute (Benjamini & Hochberg 1995); that of a finding, over all
    attributes.

    Args:
        mentions: Table ``MENTIONS`` in any order. Rejected mentions, and those of themes that are not asked for,
            count nowhere.
        participants: Table ``PARTICIPANTS``: everyone who could have spoken, whether they did or not.
        codebook_themes: Ids and names, in the order of the codebook.
        attributes: Attributes to compare. An empty, missing or unknown one has the value ``(not given)``.
        small_base: Segments of fewer participants are marked.
        seed: Of the bootstrap.

    Returns:
        Table ``THEME_BY_SEGMENT``: totals, then attributes as given, values in alphabetical order with ``(not given)``
        last, themes in the order given. The same whatever the order of the rows that come in.

    Raises:
        ValueError: A participant stands twice in ``participants``, or a counted mention's not at all.
    """
    themes = dict(codebook_themes)
    everyone = participant_ids(participants)
    voiced = by_theme(counted(mentions, themes, everyone))
    rows = []
    for _, grouped in groupby(segments(participants, attributes), key=lambda segment: segment.attribute):
        group = list(grouped)
        given = frozenset().union(*(segment.members for segment in group if _is_compared(segment)))
        cells = [(segment, theme, voiced.get(theme, {})) for segment, theme in product(group, themes)]
        p_values = [_p_value(segment, heard, given) for segment, _, heard in cells]
        q_values = false_discovery_rates(p_values)
        for (segment, theme, heard), p_value, q_value in zip(cells, p_values, q_values, strict=True):
            compared = {"p_value": p_value, "q_value": q_value, "small_base": len(segment.members) < small_base}
            named = {"theme_id": theme, "theme_name": themes[theme]}
            rows.append(named | _counts(segment, heard, seed=seed) | compared)
    return THEME_BY_SEGMENT.frame(rows)


def _counts(segment: Segment, voiced: Mapping[str, Voice], *, seed: int) -> dict[str, object]:
    heard = people_of(voiced, segment.members)
    sentiment_low, sentiment_high = bootstrapped_mean([voice.net for voice in heard], seed=seed)
    return {
        "segment_attribute": segment.attribute,
        "segment_value": segment.value,
        **share_of(len(heard), len(segment.members)),
        "mentions": sum(voice.mentions for voice in heard),
        "volunteered_participants": sum(voice.volunteered for voice in heard),
        "net_sentiment": mean_net(heard),
        "sentiment_ci_low": sentiment_low,
        "sentiment_ci_high": sentiment_high,
    }


def _is_compared(segment: Segment) -> bool:
    return segment.attribute != ALL_SEGMENTS and segment.value != NOT_GIVEN


def _p_value(segment: Segment, voiced: Mapping[str, Voice], given: frozenset[str]) -> float:
    """Test a segment against all others that have a value; NaN where one of the two is nobody."""
    if not _is_compared(segment):
        return math.nan
    here, base = len(people_of(voiced, segment.members)), len(segment.members)
    return fisher(here, base, len(people_of(voiced, given)) - here, len(given) - base)
