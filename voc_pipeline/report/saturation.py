"""Saturation: what the last interviews still added, and where one more may add most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.report import wording
from voc_pipeline.report.measures import level
from voc_pipeline.report.panels import SaturationLine, SaturationPanel
from voc_pipeline.tables import ALL_SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import SaturationRow

SATURATED = 0.05  # Guest et al. 2020
_NOTE = (
    "New information: themes first heard in the last interviews, relative to those of the first four, averaged over "
    "the orders in which the interviews could have come (Guest, Namey and Chen 2020; 5% or less counts as saturated). "
    "Next interview: themes expected to be new to the segment (Good-Turing, Chao et al. 2009); segments of fewer than "
    "four interviews say too little to choose by. Both speak of the codebook's themes only: a theme can be saturated "
    "in name while its meaning is not."
)


def saturation_panel(material: Material) -> SaturationPanel | None:
    """Tell how much the last interviews added; None if nobody was interviewed or nothing heard."""
    rows = [row for row in material.tables.saturation if row.interviews]
    everyone = next((row for row in rows if row.segment_attribute == ALL_SEGMENTS), None)
    if everyone is None or not material.links:
        return None
    return SaturationPanel(
        sentence=" ".join(filter(None, (line_sentence(everyone), next_sentence(rows)))),
        lines=tuple(_line(row) for row in rows),
        note=_NOTE,
    )


def most_expected(rows: Sequence[SaturationRow]) -> SaturationRow | None:
    """Find the segment in which one more interview is expected to add most; None without two of four interviews."""
    segments = [
        row
        for row in rows
        if row.segment_attribute != ALL_SEGMENTS
        and row.next_interview is not None
        and row.interviews >= (row.base_interviews or 0)  # of fewer, nearly all that was said was said once
    ]
    return max(segments, key=lambda row: row.next_interview or 0.0) if len(segments) > 1 else None


def line_sentence(row: SaturationRow) -> str:
    """Say what the last interviews added, or why that can't be told."""
    if row.new_information is None:
        least = (row.base_interviews or 0) + (row.run_interviews or 0)
        if row.interviews < least:
            return f"{wording.counted(row.interviews, 'interview')}: fewer than {least} can't tell."
        return f"{wording.counted(row.interviews, 'interview')}, and too few themes in them to tell."
    run = row.run_interviews or 0
    share = wording.percent(row.new_information)
    added = f"The last {run} of {row.interviews} interviews added {share} new themes (mean over orders)"
    where = "within" if row.new_information <= SATURATED else "above"
    return f"{added}, {where} the {wording.percent(SATURATED)} that is taken as saturated."


def next_sentence(rows: Sequence[SaturationRow]) -> str:
    """Say where one more interview is expected to add most."""
    row = most_expected(rows)
    if row is None or not row.next_interview:
        return ""
    return f"One more is expected to add most with {segment_name(row)}: {themes_text(row.next_interview)} new to them."


def segment_name(row: SaturationRow) -> str:
    """Name a segment inside a sentence: ``region Europe``."""
    return f"{row.segment_attribute.replace('_', ' ').strip()} {row.segment_value}"


def themes_text(expected: float) -> str:
    """Write an expected number of themes: ``1.5 themes``."""
    return f"{expected:.1f} {'theme' if f'{expected:.1f}' == '1.0' else 'themes'}"


def _line(row: SaturationRow) -> SaturationLine:
    everyone = row.segment_attribute == ALL_SEGMENTS
    return SaturationLine(
        attribute="" if everyone else wording.label(row.segment_attribute),
        value="All" if everyone else row.segment_value,
        interviews=wording.whole_number(row.interviews),
        themes=wording.whole_number(row.themes),
        new_information="" if row.new_information is None else wording.percent(row.new_information),
        level=level(row.new_information or 0.0),
        next_interview="" if row.next_interview is None else f"{row.next_interview:.1f}",
        sentence=line_sentence(row),
    )
