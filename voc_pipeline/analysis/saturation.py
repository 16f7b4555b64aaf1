"""Saturation: how much the last interviews still added, and what one more may add.

Guest, G., Namey, E. & Chen, M. (2020). A simple method to assess and report thematic saturation in qualitative
research. PLoS ONE 15(5), e0232076. Chao, A., Colwell, R. K., Lin, C.-W. & Gotelli, N. J. (2009). Sufficient sampling
for asymptotic minimum species richness estimators. Ecology 90, 1125-1133.
"""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.analysis.voices import counted, participant_ids, segments
from voc_pipeline.ids import digest
from voc_pipeline.tables import NOT_GIVEN, SATURATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from voc_pipeline.analysis.voices import Segment

    Heard = npt.NDArray[np.bool_]

BASE, RUN = 4, 2
_EVERY_ORDER_UP_TO, _ORDERS = 7, 500


def saturation(
    mentions: pd.DataFrame,
    participants: pd.DataFrame,
    codebook_themes: Sequence[tuple[str, str]],
    attributes: Sequence[str],
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Tell for everyone, and for each segment, how new the last interviews were.

    ``new_information`` (Guest et al. 2020): themes that are first heard in the run, which is the last two interviews,
    divided by the themes of the base, which is the first four; with six interviews the run is the two next to the
    base. In which order interviews were held says little of what the next one brings, so it is the mean over orders:
    all of them up to seven interviews, else 500 that are drawn with a seed. Orders whose base is silent have no ratio.
    NaN below six interviews. The authors take 5 % or less as saturated.

    ``next_interview`` (Good-Turing; Chao et al. 2009, incidences): f1 / n themes are expected to be new in one more
    interview, f1 being the themes that exactly one of n participants raised; never more than the codebook has left.

    Args:
        mentions: Table ``MENTIONS`` in any order; rejected ones count nowhere.
        participants: Table ``PARTICIPANTS``. All interviews of one participant count as one; one in which no theme
            was heard counts too.
        codebook_themes: Ids and names.
        attributes: Attributes whose values are looked at one by one; who has no value is in none.
        seed: Of the orders.

    Returns:
        Table ``SATURATION``: everyone, then values in alphabetical order attribute by attribute.

    Raises:
        ValueError: A participant stands twice in ``participants``, or a counted mention's not at all.
    """
    column = {theme: place for place, (theme, _) in enumerate(codebook_themes)}
    row = {participant: place for place, participant in enumerate(sorted(participant_ids(participants)))}
    heard = np.zeros((len(row), len(column)), dtype=np.bool_)
    for said in counted(mentions, column, row.keys()):
        heard[row[said.participant], column[said.theme]] = True
    return SATURATION.frame(
        _row(segment, heard[sorted(row[who] for who in segment.members)], seed=seed)
        for segment in segments(participants, attributes)
        if segment.value != NOT_GIVEN
    )


def _row(segment: Segment, heard: Heard, *, seed: int) -> dict[str, object]:
    interviews, known = len(heard), int(heard.any(axis=0).sum())
    once = int((heard.sum(axis=0) == 1).sum())
    enough = interviews >= BASE + RUN
    return {
        "segment_attribute": segment.attribute,
        "segment_value": segment.value,
        "interviews": interviews,
        "themes": known,
        "base_interviews": BASE,
        "run_interviews": RUN,
        "new_information": new_information(heard, orders(interviews, seed=seed)) if enough else math.nan,
        "next_interview": min(once / interviews, heard.shape[1] - known) if interviews else math.nan,
    }


def orders(interviews: int, *, seed: int) -> npt.NDArray[np.int64]:
    """Give orders of 0..interviews - 1, one a row: all up to seven interviews, else 500 drawn ones."""
    if interviews <= _EVERY_ORDER_UP_TO:
        return np.asarray(list(permutations(range(interviews))), dtype=np.int64)
    random = np.random.default_rng(int(digest("saturation", seed, interviews), 16))
    return random.permuted(np.tile(np.arange(interviews), (_ORDERS, 1)), axis=1)


def new_information(heard: Heard, order: npt.NDArray[np.int64]) -> float:
    """Give the mean over orders of new themes in the run per theme of the base.

    Args:
        heard: (interviews, themes), six interviews or more.
        order: (orders, interviews).

    Returns:
        0 or more, NaN if no order has themes in its base.
    """
    in_base = heard[order[:, :BASE]].any(axis=1).sum(axis=1)
    before = heard[order[:, :-RUN]].any(axis=1)
    new = (heard[order[:, -RUN:]].any(axis=1) & ~before).sum(axis=1)
    told = in_base > 0
    return math.fsum(new[told] / in_base[told]) / int(told.sum()) if told.any() else math.nan
