"""Reporting guidelines: what a machine knows is filled in, what a person must write stays blank."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from voc_pipeline.report.view import ReportInputs


def answers(inputs: ReportInputs, **frames: Any) -> dict[str, str]:
    view = build_view(dataclasses.replace(inputs, tables={**inputs.tables, **frames}))
    return {item.number: item.answer for checklist in view.checklists for item in checklist.items}


def test_both_guidelines_are_there_in_full_with_their_sources(study: Callable[..., ReportInputs]) -> None:
    coreq, srqr = build_view(study()).checklists
    assert [item.number for item in coreq.items] == [str(number) for number in range(1, 33)]
    assert [item.number for item in srqr.items] == [f"S{number}" for number in range(1, 22)]
    assert (coreq.name, srqr.name) == ("COREQ", "SRQR")
    assert "2007" in coreq.source
    assert "2014" in srqr.source
    assert all(item.item for item in (*coreq.items, *srqr.items))


def test_what_only_a_person_knows_is_blank(study: Callable[..., ReportInputs]) -> None:
    found = answers(study())
    blank = {number for number, answer in found.items() if not answer}
    assert {str(number) for number in (*range(1, 12), 13, 14, 15, 17, 20, 23, 28)} <= blank
    assert {"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S11", "S18", "S20", "S21"} <= blank


def test_what_the_run_knows_is_filled_in(study: Callable[..., ReportInputs]) -> None:
    found = answers(study())
    assert found["12"] == "12 participants in 12 interviews."
    assert found["16"] == (
        "Role: Lab manager 3, Physician 3, Procurement 3, Research scientist 3. Region: Europe 6, North America 6."
    )
    assert found["18"] == "None: each participant speaks in one interview."
    # the shortest timed interview has 6 turns (14 + 97.5 * 6 s), the longest 10
    assert found["21"] == "The last turn began after 10 to 16 minutes (8 of 12 transcripts carry times)."
    assert found["22"].startswith("The last 2 of 12 interviews added")
    assert found["24"] == "Coded by machine: heads 1.0.0. No person has checked them."
    assert found["25"].startswith("The codebook cx-life-sciences, version 1: 21 themes in 5 families, each with")
    assert found["26"].endswith("1 topic came from the data, by clustering what no theme covers.")
    assert found["27"].startswith("voc-pipeline (codebook: cx-life-sciences, version 1; Encoder: all-MiniLM-L6-v2")
    assert found["31"] == "19 themes heard, ranked by how many raise them."
    assert "(11 of one or two participants)" in found["32"]
    assert found["S10"] == "Interviews, as transcripts; dated 2026-10-14."
    assert found["S13"].startswith("87 names and details were replaced by placeholders")
    assert found["S16"].startswith("With 12 participants no difference")
    assert "3 mentions below the confidence floor" in found["S19"]


def test_only_what_makes_a_link_is_a_recording(study: Callable[..., ReportInputs]) -> None:
    named = ["https://example.org/a", "recordings/b.mp4", "javascript:alert(1)", *[""] * 9]
    people = study().tables["participants"].assign(recording=named)
    assert answers(study(), participants=people)["19"] == "The roster names recordings of 2 of 12 participants."
    assert answers(study())["19"] == ""


def test_observers_repeats_guides_and_checks_are_told_when_there_are_any(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    turns, mentions, questions = (inputs.tables[name].copy() for name in ("turns", "mentions", "questions"))
    turns.loc[turns["participant_id"] == "P-03", "participant_id"] = "P-01"
    turns.loc[0, "role_in_call"] = "observer"
    mentions.loc[0, "status"] = "confirmed"
    found = answers(inputs, turns=turns, mentions=mentions, questions=questions.assign(source="guide"))
    assert found["15"] == "Observers speak in 1 of 12 interviews."
    assert found["17"] == found["S11"] == "1 question of the study's guide was found in the interviews."
    assert found["18"] == "1 participant speaks in more than one."
    assert found["24"] == "Coded by machine: heads 1.0.0. A person checked 1 of 56 mentions."
