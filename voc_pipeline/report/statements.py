"""Problems and desired outcomes, apart from the solutions that customers ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.measures import people
from voc_pipeline.report.panels import StatementGroup, StatementTheme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voc_pipeline.report.material import Material

_NAMES: Mapping[str, str] = {
    "problem": "Problems",
    "desired_outcome": "Desired outcomes",
    "solution_request": "Solution requests",
}
_NOTES: Mapping[str, str] = {
    "problem": "What does not work, or what comes of it, in the customers' own words.",
    "desired_outcome": "Where customers want to end up. A better measure of an idea than whether they asked for it.",
    "solution_request": (
        "Customers name problems; designing the solution is not their trade. Each request is one person's guess at an "
        "answer: ask what problem stands behind it before building it."
    ),
}


def statement_groups(material: Material) -> tuple[StatementGroup, ...]:
    """Group what was said by kind of statement, each kind apart; none if the codebook has none of these kinds."""
    if not material.links:
        return ()
    return tuple(
        StatementGroup(kind, name, _NOTES[kind], _themes(material, kind))
        for kind, name in _NAMES.items()
        if kind in material.codebook.statement_types
    )


def _themes(material: Material, kind: str) -> tuple[StatementTheme, ...]:
    found = {
        theme: [mention for mention in material.tables.by_theme.get(theme, ()) if mention.type == kind]
        for theme in material.links
    }

    heard = [theme for theme, mentions in found.items() if mentions]
    heard.sort(key=lambda theme: (-people(found[theme]), -len(found[theme])))  # stable: ties keep the report's order
    return tuple(
        StatementTheme(
            theme=material.links[theme],
            participants=f"{people(found[theme])} of {material.tables.base}",
            mentions=wording.counted(len(found[theme]), "mention"),
            quotes=material.quote_ids(found[theme]),
        )
        for theme in heard
    )
