"""The customer's journey: what is heard of each stage, and in what tone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.measures import counts_bar, level, net_text, reach, tone
from voc_pipeline.report.panels import JourneyStage, StageTheme
from voc_pipeline.tables import ALL_SEGMENTS

if TYPE_CHECKING:
    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import JourneyRow


def journey_stages(material: Material) -> tuple[JourneyStage, ...]:
    """Lay the stages out in the codebook's order; none if no mention has a stage."""
    totals = [row for row in material.tables.journey if row.theme_id == ALL_SEGMENTS]
    if not any(row.mentions for row in totals):
        return ()
    return tuple(_stage(material, row) for row in totals)


def _stage(material: Material, total: JourneyRow) -> JourneyStage:
    rows = [row for row in material.tables.journey if row.stage == total.stage and row.theme_id in material.links]
    rows.sort(key=lambda row: (-row.participants, -row.mentions))  # stable: ties keep the codebook's order
    return JourneyStage(
        name=wording.label(total.stage),
        definition=material.codebook.journey_stages.get(total.stage, ""),
        reach=reach(total),
        sentiments=counts_bar(total),
        net_sentiment=net_text(total.net_sentiment),
        tone=tone(total.net_sentiment),
        themes=tuple(_theme(material, row) for row in rows),
    )


def _theme(material: Material, row: JourneyRow) -> StageTheme:
    mentions = [one for one in material.tables.by_theme.get(row.theme_id, ()) if one.stage == row.stage]
    return StageTheme(
        theme=material.links[row.theme_id],
        participants=f"{row.participants} of {row.base}",
        level=level(row.participants / row.base if row.base else 0.0),
        tone=tone(row.net_sentiment),
        net_sentiment=net_text(row.net_sentiment),
        quotes=material.quote_ids(mentions),
    )
