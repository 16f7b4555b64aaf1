"""Theme-by-segment tables: how many of how many, and what a small or empty cell is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.measures import level, net_text, reach, tone_level
from voc_pipeline.report.shapes import HeatCell, HeatColumn, HeatGroup, HeatRow, HeatTable
from voc_pipeline.tables import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.records import Theme
    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import MentionRow, ShareRow


def segment_values(rows: Sequence[ShareRow]) -> tuple[str, ...]:
    """List an attribute's values in the table's order; those who gave none come last."""
    values = dict.fromkeys(row.segment_value for row in rows)
    return tuple(sorted(values, key=lambda value: value == NOT_GIVEN))


class HeatTables:
    """Lays out attributes.

    Args:
        material: What the report is made of.
        families: Family names with their themes that were heard, in the order to show.
    """

    def __init__(self, material: Material, families: Sequence[tuple[str, Sequence[Theme]]]) -> None:
        self._tables = material.tables
        self._links = material.links
        self._families = families
        self._small_base = material.small_base

    def make(self, attribute: str, anchor: str) -> HeatTable:
        """Lay out one attribute that has rows; ``anchor`` is the fragment id of its table."""
        rows = self._tables.by_attribute[attribute]
        values = segment_values(rows)
        bases = {value: max(row.base for row in rows if row.segment_value == value) for value in values}
        groups = tuple(
            HeatGroup(name, tuple(self._row(attribute, theme, bases) for theme in themes))
            for name, themes in self._families
        )
        everyone = max((row.base for row in self._tables.totals.values()), default=0)
        columns = (
            HeatColumn("All", f"n = {everyone}", small=False),
            *(HeatColumn(value, f"n = {base}", small=base < self._small_base) for value, base in bases.items()),
        )
        return HeatTable(wording.label(attribute), anchor, columns, groups, _notes(bases, self._small_base))

    def _row(self, attribute: str, theme: Theme, bases: Mapping[str, int]) -> HeatRow:
        return HeatRow(theme.name, self._links[theme.theme_id].anchor, self._cells(attribute, theme, bases))

    def _cells(self, attribute: str, theme: Theme, bases: Mapping[str, int]) -> tuple[HeatCell, ...]:
        found = {
            row.segment_value: row for row in self._tables.by_attribute[attribute] if row.theme_id == theme.theme_id
        }
        total = self._tables.totals[theme.theme_id]
        mentions = self._tables.by_theme.get(theme.theme_id, ())
        quotes = self._quotes(attribute, mentions)
        return (
            _cell("All", total, (total.base, False), tuple(one.mention_id for one in mentions)),
            *(
                _cell(value, found.get(value), (base, base < self._small_base), quotes.get(value, ()))
                for value, base in bases.items()
            ),
        )

    def _quotes(self, attribute: str, mentions: Sequence[MentionRow]) -> dict[str, tuple[str, ...]]:
        """Give the mentions' ids by segment, in their order."""
        members = self._tables.members(attribute)
        found: dict[str, tuple[str, ...]] = {}
        for mention in mentions:
            value = members.get(mention.participant_id, NOT_GIVEN)
            found[value] = (*found.get(value, ()), mention.mention_id)
        return found


def _cell(value: str, row: ShareRow | None, of: tuple[int, bool], quotes: tuple[str, ...]) -> HeatCell:
    base, small = of
    if row is None or row.participants == 0:
        return HeatCell(value, 0, base, 0, small, wording.zero_note(base), 0, 0, "", None, ())
    made = reach(row)
    volunteered = row.volunteered_participants
    net = row.net_sentiment
    return HeatCell(
        value=value,
        participants=row.participants,
        base=base,
        level=level(made.point / 100),
        small=small,
        note=f"{made.share}, 95% interval {made.interval}; {volunteered} of them unprompted",
        volunteered=volunteered,
        volunteered_level=level(volunteered / row.base),
        net_sentiment=net_text(net),
        tone_level=None if net is None else tone_level(net),
        quotes=quotes,
    )


def _notes(bases: Mapping[str, int], small_base: int) -> tuple[str, ...]:
    notes = []
    small = [value for value, base in bases.items() if base < small_base]
    if small:
        notes.append(
            f"\N{DAGGER} Fewer than {small_base} participants ({wording.listing(small)}): read these cells as "
            "individual voices, not as rates."
        )
    if bases:
        smallest = min(bases.values())
        notes.append(f"A zero is not an absence: {wording.zero_note(smallest)}.")
    return tuple(notes)
