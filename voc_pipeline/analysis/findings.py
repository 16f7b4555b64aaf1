"""Findings: where a segment differs from all others, and where the people who raise a theme lean one way.

Of the kind ``segment``: one theme in one value of an attribute against all others that have a value of it.
``effect`` is the difference of the two shares, -1..1, with the interval of Newcombe (1998, method 10);
``p_value`` is Fisher's exact test, two-sided; ``q_value`` controls the false discovery rate over all themes and
values of all attributes (Benjamini & Hochberg 1995), unlike that of ``theme_by_segment``, which is made within the
attribute. Where an attribute has two values the two rows say one thing: only that of the higher share is there, and
the two count as one comparison.

Of the kind ``tone``: one theme, everyone who raises it. A participant leans negative or positive by the sign of
positive minus negative mentions; those who lean neither way are left out. ``base`` are all who lean,
``participants`` those on the larger side (of two equal ones, the side of the effect; the count is the same).
``p_value`` is the exact sign test, ``q_value`` over all themes on which somebody leans. ``effect`` is the mean
net sentiment of all who raise the theme with its bootstrap interval, as ``theme_by_segment`` has them.

``stands``: q below 0.10, the effect's interval leaves out 0, and the groups are not small: both groups of a
segment's row, and all who lean of a tone's, are ``small_base`` or more. Of a tone the effect points to the larger
side besides. Test and interval must agree since neither is made for the other.

``needed``: participants a group (a tone's: participants who lean) that would let the same test find what was seen
here at p <= 0.05 with 80 % power; NA above 200. See ``testing``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voc_pipeline.analysis.intervals import bootstrapped_mean, newcombe
from voc_pipeline.analysis.testing import (
    false_discovery_rates,
    fisher,
    participants_for_difference,
    participants_for_sign_test,
    sign_test,
)
from voc_pipeline.analysis.voices import by_theme, counted, mean_net, participant_ids, people_of, segments
from voc_pipeline.tables import ALL_SEGMENTS, FINDINGS, NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from voc_pipeline.analysis.voices import Segment, Voice

STANDS_BELOW = 0.10
TOLD_UP_TO_P, TOLD_FROM_EFFECT, MOST = 0.25, 0.25, 30
_TWO_VALUES = 2
_DECIMALS = 9  # what a rounding error makes of a tie must not decide on an order
SEGMENT, TONE = "segment", "tone"


@dataclass(frozen=True, slots=True)
class _Finding:
    """A row before it is told; ``interval`` is of the effect, ``agrees``: the effect points to the larger side."""

    kind: str
    theme: str
    segment_attribute: str
    segment_value: str
    participants: int
    base: int
    others: int
    others_base: int
    effect: float
    interval: tuple[float, float]
    p_value: float
    agrees: bool = True
    q_value: float = math.nan

    @property
    def worth_telling(self) -> bool:
        return self.p_value <= TOLD_UP_TO_P or abs(self.effect) >= TOLD_FROM_EFFECT

    def stands(self, small_base: int) -> bool:
        low, high = self.interval
        large = self.base >= small_base and (self.kind == TONE or self.others_base >= small_base)
        return self.q_value < STANDS_BELOW and large and self.agrees and (low > 0 or high < 0)

    @property
    def needed(self) -> int | None:
        if self.kind == TONE:
            return participants_for_sign_test(self.participants / self.base)
        return participants_for_difference(self.participants / self.base, self.others / self.others_base)


def findings(
    mentions: pd.DataFrame,
    participants: pd.DataFrame,
    codebook_themes: Sequence[tuple[str, str]],
    attributes: Sequence[str],
    *,
    small_base: int,
    seed: int = 0,
) -> pd.DataFrame:
    """List what may be worth telling, what stands first; how is said at the head of this module.

    Args:
        mentions: Table ``MENTIONS`` in any order; rejected ones count nowhere.
        participants: Table ``PARTICIPANTS``.
        codebook_themes: Ids and names, in the order of the codebook.
        attributes: Attributes to compare. Who has no value of an attribute counts nowhere in it.
        small_base: Smaller groups never stand.
        seed: Of the bootstrap.

    Returns:
        Table ``FINDINGS``: rows with p <= 0.25 or an effect of at least a quarter, at most 30, those that stand first,
        then by p-value, size of the effect, and ids. ``rank`` counts from 1.

    Raises:
        ValueError: A participant stands twice in ``participants``, or a counted mention's not at all.
    """
    themes = dict(codebook_themes)
    voiced = by_theme(counted(mentions, themes, participant_ids(participants)))
    found = _tones([(theme, list(voiced.get(theme, {}).values())) for theme in themes], seed=seed)
    compared: list[_Finding] = []
    for attribute in dict.fromkeys(attributes):
        values = [one for one in segments(participants, [attribute]) if one.attribute == attribute]
        given = [one for one in values if one.value != NOT_GIVEN]
        compared += _differences(given, {theme: voiced.get(theme, {}) for theme in themes})
    found += _corrected(compared)
    told = sorted((one for one in found if one.worth_telling), key=lambda one: _place(one, small_base))[:MOST]
    return FINDINGS.frame(_row(one, rank, themes, small_base) for rank, one in enumerate(told, start=1))


def _differences(given: Sequence[Segment], voiced: Mapping[str, Mapping[str, Voice]]) -> list[_Finding]:
    """Compare each value of an attribute with the others of it, theme by theme; of two values, the higher share."""
    total = sum(len(one.members) for one in given)
    everyone = frozenset().union(*(one.members for one in given))
    found = []
    for one in given:
        base, others_base = len(one.members), total - len(one.members)
        if not others_base:
            continue
        for theme, voices in voiced.items():
            here = len(people_of(voices, one.members))
            others = len(people_of(voices, everyone)) - here
            effect = here / base - others / others_base
            interval = newcombe(here, base, others=others, others_base=others_base)
            p_value = fisher(here, base, others, others_base)
            counts = (here, base, others, others_base)
            found.append(_Finding(SEGMENT, theme, one.attribute, one.value, *counts, effect, interval, p_value))
    if len(given) != _TWO_VALUES:
        return found
    first = given[0].value
    return [one for one in found if one.effect > 0 or (one.effect == 0 and one.segment_value == first)]


def _tones(heard: Sequence[tuple[str, Sequence[Voice]]], *, seed: int) -> list[_Finding]:
    """Test on each theme whether those who lean lean one way."""
    found = []
    for theme, voices in heard:
        negative, positive = (sum(sign * voice.balance > 0 for voice in voices) for sign in (-1, 1))
        if negative + positive:
            effect = mean_net(voices)
            interval = bootstrapped_mean([voice.net for voice in voices], seed=seed)
            counts = (max(negative, positive), negative + positive, 0, 0)
            tested = (sign_test(negative, positive), (positive - negative) * effect > 0)
            found.append(_Finding(TONE, theme, ALL_SEGMENTS, ALL_SEGMENTS, *counts, effect, interval, *tested))
    return _corrected(found)


def _corrected(found: Sequence[_Finding]) -> list[_Finding]:
    q_values = false_discovery_rates([one.p_value for one in found])
    return [replace(one, q_value=q_value) for one, q_value in zip(found, q_values, strict=True)]


def _place(one: _Finding, small_base: int) -> tuple[object, ...]:
    size = -round(abs(one.effect), _DECIMALS)
    ids = (one.theme, one.kind, one.segment_attribute, one.segment_value)
    return (not one.stands(small_base), round(one.p_value, _DECIMALS), size, *ids)


def _row(one: _Finding, rank: int, themes: Mapping[str, str], small_base: int) -> dict[str, object]:
    return {
        "rank": rank,
        "kind": one.kind,
        "theme_id": one.theme,
        "theme_name": themes[one.theme],
        "segment_attribute": one.segment_attribute,
        "segment_value": one.segment_value,
        "participants": one.participants,
        "base": one.base,
        "others": one.others,
        "others_base": one.others_base,
        "effect": one.effect,
        "effect_ci_low": one.interval[0],
        "effect_ci_high": one.interval[1],
        "p_value": one.p_value,
        "q_value": one.q_value,
        "stands": one.stands(small_base),
        "needed": one.needed,
    }
