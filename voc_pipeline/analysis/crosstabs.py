"""Theme by segment: how many of whom speak of a theme, how surely, how they feel about it, and who differs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby, product
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.ids import digest
from voc_pipeline.records import MentionStatus, Sentiment
from voc_pipeline.tables import ALL_SEGMENTS, NOT_GIVEN, THEME_BY_SEGMENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import pandas as pd

CONFIDENCE = 0.95
_RESAMPLES = 2000
_LEAST_FOR_BOOTSTRAP = 3
_SIGN = {Sentiment.POSITIVE.value: 1, Sentiment.NEGATIVE.value: -1}


@dataclass(frozen=True, slots=True)
class _Voice:
    """What one participant says on one theme: ``net`` is (positive - negative) / mentions, -1..1."""

    mentions: int
    volunteered: bool
    net: float


@dataclass(frozen=True, slots=True)
class _Segment:
    attribute: str
    value: str
    members: frozenset[str]


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
    width where all agree. ``p_value`` is Fisher's exact test, two-sided, of a value against all others of its
    attribute; ``q_value`` controls the false discovery rate within the attribute (Benjamini & Hochberg 1995).

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
    everyone = _everyone(participants)
    voices = _voices(mentions, themes, everyone)
    rows = []
    for _, segments in groupby(_segments(participants, attributes), key=lambda segment: segment.attribute):
        cells = list(product(segments, themes))
        p_values = [_p_value(segment, voices[theme], total=len(everyone)) for segment, theme in cells]
        q_values = _false_discovery_rates(p_values)
        for (segment, theme), p_value, q_value in zip(cells, p_values, q_values, strict=True):
            compared = {"p_value": p_value, "q_value": q_value, "small_base": len(segment.members) < small_base}
            row = (
                {"theme_id": theme, "theme_name": themes[theme]} | _counts(segment, voices[theme], seed=seed) | compared
            )
            rows.append(row)
    return THEME_BY_SEGMENT.frame(rows)


def _everyone(participants: pd.DataFrame) -> frozenset[str]:
    ids = [str(value) for value in participants["participant_id"]]
    if len(set(ids)) != len(ids):
        msg = f"{len(ids) - len(set(ids))} participant_id values stand more than once among the participants"
        raise ValueError(msg)
    return frozenset(ids)


def _segments(participants: pd.DataFrame, attributes: Sequence[str]) -> Iterator[_Segment]:
    ids = [str(value) for value in participants["participant_id"]]
    yield _Segment(ALL_SEGMENTS, ALL_SEGMENTS, frozenset(ids))
    for attribute in dict.fromkeys(attributes):
        cells = list(participants[attribute]) if attribute in participants else [""] * len(ids)
        members: dict[str, set[str]] = {}
        for participant, cell in zip(ids, cells, strict=True):
            members.setdefault(segment_value(cell), set()).add(participant)
        for value in sorted(members, key=lambda value: (value == NOT_GIVEN, value)):
            yield _Segment(attribute, value, frozenset(members[value]))


def segment_value(cell: object) -> str:
    """Read an attribute's cell: its text without outer blanks, ``(not given)`` when empty or missing."""
    missing = cell is None or (isinstance(cell, float) and math.isnan(cell))
    return NOT_GIVEN if missing else str(cell).strip() or NOT_GIVEN


def _voices(
    mentions: pd.DataFrame, themes: Collection[str], everyone: Collection[str]
) -> Mapping[str, Mapping[str, _Voice]]:
    """Sum up what each participant says on each theme: theme to participant to voice."""
    counted = mentions[(mentions["status"] != MentionStatus.REJECTED.value) & mentions["theme_id"].isin(list(themes))]
    strangers = set(counted["participant_id"]) - set(everyone)
    if strangers:
        msg = f"mentions of {len(strangers)} people who are not among the participants"
        raise ValueError(msg)
    voices: dict[str, dict[str, _Voice]] = {theme: {} for theme in themes}
    for (theme, participant), own in counted.groupby(["theme_id", "participant_id"], sort=True):
        net = sum(_SIGN.get(str(sentiment), 0) for sentiment in own["sentiment"]) / len(own)
        volunteered = not bool(own["prompted"].all())
        voices[str(theme)][str(participant)] = _Voice(len(own), volunteered, net)
    return voices


def _counts(segment: _Segment, voices: Mapping[str, _Voice], *, seed: int) -> dict[str, object]:
    heard = [voice for participant, voice in voices.items() if participant in segment.members]
    base = len(segment.members)
    low, high = _wilson(len(heard), base)
    nets = sorted(voice.net for voice in heard)
    sentiment_low, sentiment_high = _bootstrap(nets, seed)
    return {
        "segment_attribute": segment.attribute,
        "segment_value": segment.value,
        "participants": len(heard),
        "base": base,
        "share": len(heard) / base if base else math.nan,
        "ci_low": low,
        "ci_high": high,
        "mentions": sum(voice.mentions for voice in heard),
        "volunteered_participants": sum(voice.volunteered for voice in heard),
        "net_sentiment": math.fsum(nets) / len(nets) if nets else math.nan,
        "sentiment_ci_low": sentiment_low,
        "sentiment_ci_high": sentiment_high,
    }


def _wilson(count: int, base: int) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 (2 s; only a report needs it)

    if base == 0:
        return math.nan, math.nan
    low, high = proportion_confint(count, base, alpha=1 - CONFIDENCE, method="wilson")
    share = count / base  # the formula may miss 0 and 1 by a rounding error
    return float(min(max(low, 0.0), share)), float(max(min(high, 1.0), share))


def _bootstrap(nets: Sequence[float], seed: int) -> tuple[float, float]:
    """Give the 95 % percentile interval of the mean of sorted values, drawn with a seed made from the values."""
    if len(nets) < _LEAST_FOR_BOOTSTRAP:
        return math.nan, math.nan
    random = np.random.default_rng(int(digest("net sentiment", seed, *(repr(net) for net in nets)), 16))
    draws = random.integers(len(nets), size=(_RESAMPLES, len(nets)))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.asarray(nets)[draws].mean(axis=1), [tail, 1 - tail])
    return float(low), float(high)


def _p_value(segment: _Segment, voices: Mapping[str, _Voice], *, total: int) -> float:
    """Test a segment against everyone else; NaN for the totals and where there is nobody else."""
    from scipy.stats import fisher_exact  # noqa: PLC0415 (2 s; only a report needs it)

    base, others = len(segment.members), total - len(segment.members)
    if segment.attribute == ALL_SEGMENTS or base == 0 or others == 0:
        return math.nan
    here = sum(participant in segment.members for participant in voices)
    elsewhere = len(voices) - here
    result = fisher_exact(np.array([[here, base - here], [elsewhere, others - elsewhere]]))
    return min(float(result.pvalue), 1.0)


def _false_discovery_rates(p_values: Sequence[float]) -> list[float]:
    """Give the Benjamini-Hochberg q-value of each p-value; NaN for NaN, which counts as no test."""
    from scipy.stats import false_discovery_control  # noqa: PLC0415 (as above)

    values = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(values)
    if tested.any():
        values[tested] = false_discovery_control(values[tested], method="bh")
    return [float(value) for value in values]
