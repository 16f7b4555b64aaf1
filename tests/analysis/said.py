"""Invented mentions and participants for the tests of analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from voc_pipeline.tables import MENTIONS, PARTICIPANTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

THEMES = [("price", "Price"), ("audit", "Audit trail"), ("support", "Support")]


def mention(participant: str, theme: str, sentiment: str = "neutral", **others: object) -> dict[str, object]:
    row: dict[str, object] = {
        "mention_id": "mn", "transcript_id": f"tr_{participant}", "source_file": "a.txt", "participant_id": participant,
        "turn": 1, "start": 0, "end": 1, "quote": "x", "theme_id": theme, "theme_name": theme, "coder": "c",
        "coder_version": "1", "score": 0.9, "status": "machine", "sentiment": sentiment, "sentiment_score": 0.0,
        "stage": "", "type": "", "prompted": False,
    }  # fmt: skip
    return row | others


def people(**values: Sequence[str]) -> pd.DataFrame:
    """Make participants p0, p1, ... with the attributes given as columns."""
    count = len(next(iter(values.values()), ()))
    rows = [{"participant_id": f"p{n}"} | {name: cells[n] for name, cells in values.items()} for n in range(count)]
    return PARTICIPANTS.frame(rows)


def raised(theme: str, numbers: Iterable[int], sentiment: str = "neutral", **others: object) -> list[dict[str, object]]:
    """Let participants, by number, mention a theme once each."""
    return [mention(f"p{n}", theme, sentiment, **others) for n in numbers]


def frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    return MENTIONS.frame(rows)


def shuffled(rows: Sequence[Mapping[str, object]], seed: int) -> pd.DataFrame:
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    return MENTIONS.frame([rows[n] for n in order])


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


mentions = st.lists(
    st.builds(
        mention,
        st.sampled_from([f"p{n}" for n in range(8)]),
        st.sampled_from([theme for theme, _ in THEMES]),
        st.sampled_from(["positive", "negative", "neutral", "mixed"]),
        prompted=st.booleans(),
        turn=st.integers(1, 3),
        stage=st.sampled_from(["", "buy", "use", "other"]),
        status=st.sampled_from(["machine", "corrected", "rejected"]),
    ),
    max_size=40,
)
cells = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=8, max_size=8)
seeds = st.integers(0, 99)
