"""Studies with next to nothing in them still make a report, and say that there is nothing."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.analysis.derived import derived_tables
from voc_pipeline.report.view import build_view
from voc_pipeline.report.view_json import JsonExporter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voc_pipeline.report.view import ReportInputs


def part(inputs: ReportInputs, *, people: int, attributes: tuple[str, ...], mentions: bool) -> ReportInputs:
    """Keep the first people of the study, with or without what was coded of them."""
    frames = dict(inputs.tables)
    frames["participants"] = frames["participants"].head(people)
    kept = set(frames["participants"]["participant_id"])
    for name in ("mentions", "review_queue", "scores", "questions"):
        frames[name] = frames[name][frames[name]["participant_id"].isin(kept)]
    if not mentions:
        frames["mentions"] = frames["mentions"].head(0)
    if not people:
        frames |= {name: frames[name].head(0) for name in ("transcripts", "turns", "topics")}
    frames |= derived_tables(frames, inputs.codebook, attributes, small_base=inputs.small_base)
    return dataclasses.replace(inputs, tables=frames, attributes=attributes)


@pytest.mark.parametrize("attributes", [(), ("role", "region")])
@pytest.mark.parametrize(("people", "mentions"), [(0, False), (1, True), (2, True), (12, False), (12, True)])
def test_any_study_makes_a_report(
    study: Callable[..., ReportInputs], tmp_path: Path, people: int, attributes: tuple[str, ...], *, mentions: bool
) -> None:
    view = build_view(part(study(), people=people, attributes=attributes, mentions=mentions))
    text = JsonExporter().export(view, tmp_path).read_text(encoding="utf-8")
    assert not re.search(r"\bnan\b", text.lower())
    assert json.loads(text)["findings"]["sentence"]
    assert len(view.checklists) == 2


def test_where_nothing_was_said_nothing_is_claimed(study: Callable[..., ReportInputs]) -> None:
    view = build_view(part(study(), people=0, attributes=("role",), mentions=False))
    assert view.findings.sentence == "No theme was heard, so that there is nothing to compare yet."
    assert (view.families, view.journey, view.statements, view.lenses, view.heat_tables) == ((), (), (), (), ())
    assert (view.advocacy, view.accounts, view.grid, view.saturation, view.scores) == (None, None, None, None, None)
    assert view.turns == ()
    filled = {item.number for guide in view.checklists for item in guide.items if item.answer}
    assert filled == {"25", "26", "27", "S14"}


def test_of_themes_never_heard_there_is_no_comparison_of_promoters(study: Callable[..., ReportInputs]) -> None:
    view = build_view(part(study(), people=12, attributes=(), mentions=False))
    assert view.advocacy is not None
    assert (view.advocacy.rows, view.advocacy.note) == ((), "")


def test_one_participant_is_one_voice(study: Callable[..., ReportInputs]) -> None:
    view = build_view(part(study(), people=1, attributes=("role",), mentions=True))
    assert view.findings.findings == ()
    assert view.findings.sentence == "There are no segments to compare. No theme leans clearly one way."
    assert view.ranking[0].reach.text == "1 of 1"
    assert view.saturation is not None
    assert view.saturation.sentence == "1 interview: fewer than 6 can't tell."
