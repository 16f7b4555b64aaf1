"""Likelihood to recommend: spoken scores and the roster's, and the net promoter score over participants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voc_pipeline.analysis.voices import segment_value
from voc_pipeline.tables import SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

ROSTER_COLUMN = "nps"
PROMOTER_FROM, PASSIVE_FROM = 9, 7
_ROSTER_SCORE = re.compile(r"(\d|10)(\.0+)?")  # spreadsheets write 9 as 9.0


@dataclass(frozen=True, slots=True)
class NpsSummary:
    """Participants by answer (9-10, 7 to below 9, below 7) and their net promoter score, -100..100; None of nobody."""

    promoters: int
    passives: int
    detractors: int
    score: float | None
    n: int


def score_table(spoken: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """Join spoken scores with those of the roster's column ``nps``.

    Args:
        spoken: Columns of ``SCORES``; ``source`` may be missing.
        participants: Table ``PARTICIPANTS``. A cell that is not a whole number of 0..10 gives no score.

    Returns:
        Table ``SCORES`` by participant, the roster's score first: it has no transcript_id, turn, offsets or quote.
    """
    import pandas as pd  # noqa: PLC0415 (0.3 s; importing the package stays cheap)

    said = spoken.assign(source="speech").to_dict("records")
    cells = participants[ROSTER_COLUMN] if ROSTER_COLUMN in participants else [""] * len(participants)
    written = [
        {
            "participant_id": participant, "transcript_id": "", "turn": pd.NA, "start": pd.NA, "end": pd.NA,
            "quote": "", "score": float(segment_value(cell)), "source": "roster",
        }
        for participant, cell in zip(participants["participant_id"], cells, strict=True)
        if _ROSTER_SCORE.fullmatch(segment_value(cell))
    ]  # fmt: skip
    rows: list[Mapping[Any, Any]] = [*written, *said]
    return SCORES.frame({name: row[name] for name in SCORES.names} for row in sorted(rows, key=_place))


def nps_summary(scores: pd.DataFrame) -> NpsSummary:
    """Sum up one score a participant, as `counted_scores` chooses it.

    Args:
        scores: Table ``SCORES`` in any order.
    """
    counted = counted_scores(scores)
    promoters = sum(score >= PROMOTER_FROM for score in counted.values())
    detractors = sum(score < PASSIVE_FROM for score in counted.values())
    n = len(counted)
    net = 100 * (promoters - detractors) / n if n else None
    return NpsSummary(promoters, n - promoters - detractors, detractors, net, n)


def counted_scores(scores: pd.DataFrame) -> dict[str, float]:
    """Choose one score a participant: the roster's, else the last one spoken.

    Args:
        scores: Table ``SCORES`` in any order. It holds no dates: of several transcripts of one participant, the one
            whose id sorts last counts.
    """
    counted: dict[str, float] = {}
    for row in sorted(scores.to_dict("records"), key=_place, reverse=True):
        participant, score = str(row["participant_id"]), float(row["score"])
        if row["source"] == "roster":
            counted[participant] = score
        else:
            counted.setdefault(participant, score)
    return counted


def _place(row: Mapping[Any, Any]) -> tuple[str, str, int, int]:
    """Sort key: participant, transcript, turn, start; the roster's row has no place and comes first."""
    if row["source"] == "roster":
        return str(row["participant_id"]), "", -1, -1
    return str(row["participant_id"]), str(row["transcript_id"]), int(row["turn"]), int(row["start"])
