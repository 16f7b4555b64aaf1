"""Proves every number that follows from what was recorded: computed again, and compared as it stands in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voc_pipeline.analysis.derived import derived_tables
from voc_pipeline.analysis.scores import score_table
from voc_pipeline.operations.verdicts import Tally, described, records
from voc_pipeline.report.csv_tables import shortest, table_text
from voc_pipeline.report.reading_tables import read_table, table_file_text
from voc_pipeline.tables import CONTRACT_TABLES, SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.operations.verdicts import Check
    from voc_pipeline.report.inputs import ReportInputs
    from voc_pipeline.tables import Column, TableSpec

_KEYS = {
    "theme_by_segment": ("segment_attribute", "segment_value", "theme_id"),
    "findings": ("rank",),
    "lenses": ("lens", "part"),
    "journey": ("stage", "theme_id"),
    "cooccurrence": ("theme_id", "other_theme_id"),
    "advocacy": ("theme_id",),
    "accounts": ("participant_id",),
    "saturation": ("segment_attribute", "segment_value"),
    "scores": ("participant_id", "transcript_id", "turn"),
}
_SAYABLE = re.compile(r"[a-z_]{0,40}|(mn|tr)_[0-9a-f]{32}")  # ids of the contract and the codebook
_NEVER_SAID = frozenset({"quote", "theme_name"})


def check_numbers(folder: Path, inputs: ReportInputs) -> Check:
    """Compute every derived table again, and look for the first cell in which each file differs."""
    tally = Tally("numbers")
    for name, frame in recomputed(inputs).items():
        [spec] = [spec for spec in CONTRACT_TABLES if spec.name == name]
        text = table_text(frame, spec)
        tally.checked += sum(int(frame[column.name].notna().sum()) for column in spec.columns if column.dtype != "text")
        if text != table_file_text(folder, spec):
            _say_where(tally, spec, inputs.tables[name], read_table(text, spec))
    return tally.check()


def recomputed(inputs: ReportInputs) -> dict[str, pd.DataFrame]:
    """Compute the tables that follow from mentions, participants, spoken scores and codebook."""
    scores, participants = inputs.tables["scores"], inputs.tables["participants"]
    spoken = SCORES.frame(row for row in records(scores) if row["source"] != "roster")
    joined = score_table(spoken, participants)
    recorded = {"mentions": inputs.tables["mentions"], "participants": participants, "scores": joined}
    derived = derived_tables(recorded, inputs.codebook, inputs.attributes, small_base=inputs.small_base)
    return {"scores": joined, **derived}


def _say_where(tally: Tally, spec: TableSpec, found: pd.DataFrame, again: pd.DataFrame) -> None:
    file = f"{spec.name}.csv"
    for number, (row, expected) in enumerate(zip(records(found), records(again), strict=False), start=1):
        for column in spec.columns:
            if row[column.name] != expected[column.name]:
                here, there = (_said(cells[column.name], column) for cells in (row, expected))
                where = f"{file}, {_row_name(spec, expected, number)}, column {column.name}"
                tally.fault(f"found {here}, computed {there}", where)
                return
    tally.fault(f"found {len(found)} rows, computed {len(again)}", file)


def _row_name(spec: TableSpec, row: Mapping[str, object], number: int) -> str:
    keys = [str(row[name]) for name in _KEYS.get(spec.name, ()) if row[name] not in (None, "")]
    return f"row {number} ({' / '.join(keys)})" if keys else f"row {number}"


def _said(value: object, column: Column) -> str:
    """Write a cell as the file does; of texts only ids are said."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return shortest(value)
    text = "" if value is None else str(value)
    sayable = column.name not in _NEVER_SAID and _SAYABLE.fullmatch(text)
    return text or "nothing" if sayable else f"a text ({described(text)})"
