"""The customer's journey: what is heard of each of its stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.analysis.intervals import share_of
from voc_pipeline.analysis.voices import by_sentiment, counted, mean_net, participant_ids, voices
from voc_pipeline.tables import ALL_SEGMENTS, JOURNEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from voc_pipeline.analysis.voices import Said

ALL_THEMES = ALL_SEGMENTS


def journey(
    mentions: pd.DataFrame,
    participants: pd.DataFrame,
    codebook_themes: Sequence[tuple[str, str]],
    stages: Sequence[str],
) -> pd.DataFrame:
    """Count themes by stage of the journey.

    ``base`` are all participants of the study: not having spoken of a stage is an answer too; ``share`` has Wilson's
    95 % interval (Wilson 1927). ``net_sentiment`` is the
    mean over participants of (positive - negative) / mentions in that stage, -1..1.

    Args:
        mentions: Table ``MENTIONS`` in any order; rejected ones, and those of no stage, count nowhere.
        participants: Table ``PARTICIPANTS``.
        codebook_themes: Ids and names, in the order of the codebook.
        stages: The codebook's stages in their order; others are left out.

    Returns:
        Table ``JOURNEY``: for each stage a row ``(all)`` over all themes, also if nobody speaks of it, then the themes
        that are heard in it, in the order given.

    Raises:
        ValueError: A participant stands twice in ``participants``, or a counted mention's not at all.
    """
    themes = dict(codebook_themes)
    everyone = participant_ids(participants)
    said = counted(mentions, themes, everyone)
    rows = []
    for stage in stages:
        here = [row for row in said if row.stage == stage and stage]
        rows.append(_row(here, stage, (ALL_THEMES, ALL_THEMES), len(everyone)))
        rows += _by_theme(here, stage, codebook_themes, len(everyone))
    return JOURNEY.frame(rows)


def _by_theme(
    here: Sequence[Said], stage: str, codebook_themes: Sequence[tuple[str, str]], base: int
) -> Iterator[dict[str, object]]:
    for theme in codebook_themes:
        own = [row for row in here if row.theme == theme[0]]
        if own:
            yield _row(own, stage, theme, base)


def _row(said: Sequence[Said], stage: str, theme: tuple[str, str], base: int) -> dict[str, object]:
    heard = voices((stage, row) for row in said).get(stage, {})
    return {
        "stage": stage,
        "theme_id": theme[0],
        "theme_name": theme[1],
        **share_of(len(heard), base),
        **by_sentiment(said),
        "net_sentiment": mean_net(heard.values()),
    }
