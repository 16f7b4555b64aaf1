"""Theme-by-segment tables: how many of how many, and what a small or empty cell is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.shapes import HeatCell, HeatColumn, HeatGroup, HeatRow, HeatTable, Reach
from voc_pipeline.tables import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.records import Theme
    from voc_pipeline.report.rows import ShareRow

HEAT_LEVELS = 10


def reach(row: ShareRow) -> Reach:
    """Write a row's share with its interval and place it on 0..100."""
    share = row.share if row.share is not None else 0.0
    low = row.ci_low if row.ci_low is not None else 0.0
    high = row.ci_high if row.ci_high is not None else 1.0
    return Reach(
        text=f"{row.participants} of {row.base}",
        share=wording.percent(share) if row.base else "no one asked",
        interval=wording.percent_range(low, high),
        point=round(share * 100, 2),
        low=round(low * 100, 2),
        high=round(high * 100, 2),
    )


def segment_values(rows: Sequence[ShareRow]) -> tuple[str, ...]:
    """List an attribute's values in the table's order; those who gave none come last."""
    values = dict.fromkeys(row.segment_value for row in rows)
    return tuple(sorted(values, key=lambda value: value == NOT_GIVEN))


def heat_table(
    attribute: str,
    rows: Sequence[ShareRow],
    totals: Mapping[str, ShareRow],
    *,
    families: Sequence[tuple[str, Sequence[tuple[Theme, str]]]],
    anchor: str,
    small_base: int,
) -> HeatTable:
    """Lay out one attribute.

    Args:
        attribute: Its column name.
        rows: Its rows of theme_by_segment.
        totals: The rows over all participants, by theme.
        families: Family names with their themes (and the anchor of each) that were heard, in the order to show.
        anchor: Fragment id of the table.
        small_base: Segments of fewer participants are marked.
    """
    values = segment_values(rows)
    found = {(row.theme_id, row.segment_value): row for row in rows}
    bases = {value: max(row.base for row in rows if row.segment_value == value) for value in values}
    groups = tuple(
        HeatGroup(
            name,
            tuple(
                HeatRow(
                    theme.name,
                    anchor_of,
                    (
                        _cell("All", totals[theme.theme_id], totals[theme.theme_id].base, small=False),
                        *(
                            _cell(v, found.get((theme.theme_id, v)), bases[v], small=bases[v] < small_base)
                            for v in values
                        ),
                    ),
                )
                for theme, anchor_of in themes
            ),
        )
        for name, themes in families
    )
    everyone = max((row.base for row in totals.values()), default=0)
    columns = (
        HeatColumn("All", f"n = {everyone}", small=False),
        *(HeatColumn(value, f"n = {bases[value]}", small=bases[value] < small_base) for value in values),
    )
    return HeatTable(wording.label(attribute), anchor, columns, groups, _notes(bases, small_base))


def _cell(value: str, row: ShareRow | None, base: int, *, small: bool) -> HeatCell:
    if row is None or row.participants == 0:
        return HeatCell(value, 0, base, 0, small, wording.zero_note(base))
    made = reach(row)
    volunteered = f"{row.volunteered_participants} of them unprompted"
    note = f"{made.share}, 95% interval {made.interval}; {volunteered}"
    return HeatCell(value, row.participants, base, level(made.point / 100), small, note)


def level(share: float) -> int:
    """Give the colour step of a share (0..1): 0 only for nobody, 1 to 10 above."""
    return 0 if share == 0 else max(1, min(HEAT_LEVELS, int(share * HEAT_LEVELS + 0.5)))


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
