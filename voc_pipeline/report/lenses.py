"""Lenses: several themes read together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.measures import counts_bar, net_text, reach, tone
from voc_pipeline.report.panels import Lens, LensPart

if TYPE_CHECKING:
    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import LensRow


def lenses(material: Material) -> tuple[Lens, ...]:
    """Lay out each lens in the codebook's order; none if nothing was heard."""
    if not material.links:
        return ()
    found: dict[str, list[LensRow]] = {}
    for row in material.tables.lenses:
        found.setdefault(row.lens, []).append(row)
    return tuple(Lens(wording.label(name), tuple(_part(material, row) for row in rows)) for name, rows in found.items())


def _part(material: Material, row: LensRow) -> LensPart:
    themes = material.codebook.lenses.get(row.lens, {}).get(row.part, ())
    return LensPart(
        name=wording.label(row.part),
        themes=tuple(link for theme, link in material.links.items() if theme in themes),
        reach=reach(row),
        sentiments=counts_bar(row),
        net_sentiment=net_text(row.net_sentiment),
        tone=tone(row.net_sentiment),
    )
