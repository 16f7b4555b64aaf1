"""The net promoter score with its interval, and what promoters and detractors speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.measures import net_text, reach_of
from voc_pipeline.report.panels import AdvocacyPanel, AdvocacyRow

if TYPE_CHECKING:
    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import AdvocacyTableRow, NpsRow

HOLDS_UP = 0.1
WIDE = 50  # points; a score whose interval is wider says little


def advocacy_panel(material: Material) -> AdvocacyPanel | None:
    """Tell the score and the themes of either side; None if nobody gave a score."""
    nps = next((row for row in material.tables.nps if row.answered), None)
    if nps is None or nps.nps is None:
        return None
    rows = [row for row in material.tables.advocacy if row.theme_id in material.links]
    rows.sort(key=_order)
    return AdvocacyPanel(
        nps=_signed(nps.nps),
        interval=_interval(nps),
        sentence=_sentence(nps),
        rows=tuple(_row(material, row) for row in rows),
        note=_note(rows, nps),
    )


def _order(row: AdvocacyTableRow) -> tuple[float, float]:
    """Sort by p-value, then by the gap between the two sides."""
    p_value = 1.0 if row.p_value is None else row.p_value
    return (round(p_value, 9), -round(abs(_gap(row)), 9))


def _gap(row: AdvocacyTableRow) -> float:
    ours = row.promoters / row.promoters_base if row.promoters_base else 0.0
    theirs = row.detractors / row.detractors_base if row.detractors_base else 0.0
    return ours - theirs


def _signed(score: float) -> str:
    """Write a score of -100..100 in whole points."""
    return wording.points(score / 100)


def _interval(nps: NpsRow) -> str:
    if nps.ci_low is None or nps.ci_high is None:
        return ""
    return f"{_signed(nps.ci_low)} to {_signed(nps.ci_high)}"


def _sentence(nps: NpsRow) -> str:
    told = (
        f"{wording.counted(nps.answered, 'participant')} gave a score: {wording.counted(nps.promoters, 'promoter')} "
        f"(9 and 10), {wording.counted(nps.passives, 'passive')} (7 and 8) and "
        f"{wording.counted(nps.detractors, 'detractor')} (0 to 6)."
    )
    if nps.ci_low is None or nps.ci_high is None or nps.ci_high - nps.ci_low <= WIDE:
        return told
    return f"{told} The interval is {nps.ci_high - nps.ci_low:.0f} points wide: read the groups rather than the score."


def _row(material: Material, row: AdvocacyTableRow) -> AdvocacyRow:
    return AdvocacyRow(
        theme=material.links[row.theme_id],
        promoters=reach_of(row.promoters, row.promoters_base, low=row.promoters_ci_low, high=row.promoters_ci_high),
        detractors=reach_of(
            row.detractors, row.detractors_base, low=row.detractors_ci_low, high=row.detractors_ci_high
        ),
        net_promoters=net_text(row.net_promoters),
        net_detractors=net_text(row.net_detractors),
        note=_row_note(row),
    )


def _row_note(row: AdvocacyTableRow) -> str:
    if row.q_value is None:
        return "one side only: nothing to compare"
    hedge = "holds up after correction" if row.q_value < HOLDS_UP else "chance may give as much"
    return f"{hedge} ({wording.q_text(row.q_value)})"


def _note(rows: list[AdvocacyTableRow], nps: NpsRow) -> str:
    if not nps.promoters or not nps.detractors:
        return f"There are no {'detractors' if nps.promoters else 'promoters'} to compare with."
    if not rows:
        return ""
    firm = sum(row.q_value is not None and row.q_value < HOLDS_UP for row in rows)
    compared = wording.counted(len(rows), "theme")
    if firm:
        return f"Of {compared} compared, {firm} {'differs' if firm == 1 else 'differ'} after correction."
    sides = f"{wording.counted(nps.promoters, 'promoter')} and {wording.counted(nps.detractors, 'detractor')}"
    return f"With {sides} none of the {compared} compared differs after correction: these are patterns to test."
