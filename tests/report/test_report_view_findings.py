"""The first screen: findings, patterns, decisions, and what draft and released mean."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline import tables
from voc_pipeline.report.evidence import Evidence
from voc_pipeline.report.rows import MentionRow
from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from voc_pipeline.report.panels import Decision, Finding
    from voc_pipeline.report.shapes import Quote, ReportView
    from voc_pipeline.report.view import ReportInputs

MINUS = "\N{MINUS SIGN}"
SMALL_ROLES = (
    "Role: Lab manager, Physician, Procurement and 1 more have fewer than 5 participants each, too few to compare."
)
NEXT_INTERVIEW = (  # 13 of the 18 themes of the six are raised by one of them only; roles are of three people each
    "Who to talk to next: one more interview with region Europe is expected to bring 2.2 themes not yet heard from "
    "them, the most of all segments."
)
TOPIC = (
    "No theme covers \N{LEFT DOUBLE QUOTATION MARK}Home-made workarounds\N{RIGHT DOUBLE QUOTATION MARK}, raised by 4 "
    "participants."
)
NAMES = {"coherence": "Coherence across teams", "effort_friction": "Effort and friction"}


def row(rank: int, theme: str, **changes: Any) -> dict[str, Any]:
    """Coherence in Europe against North America, unless changed."""
    usual = {
        "rank": rank, "kind": "segment", "theme_id": theme, "theme_name": NAMES.get(theme, theme),
        "segment_attribute": "region", "segment_value": "North America", "participants": 2, "base": 6, "others": 1,
        "others_base": 6, "effect": 1 / 6, "effect_ci_low": 0.02, "effect_ci_high": 0.59, "p_value": 0.01,
        "q_value": 0.04, "stands": True, "needed": 31,
    }  # fmt: skip
    return usual | changes


def tone(rank: int, theme: str, **changes: Any) -> dict[str, Any]:
    everyone = {"kind": "tone", "segment_attribute": "(all)", "segment_value": "(all)", "others": 0, "others_base": 0}
    return row(rank, theme, **everyone, **changes)


def told(study: Callable[..., ReportInputs], *rows: dict[str, Any]) -> ReportView:
    inputs = study()
    return build_view(dataclasses.replace(inputs, tables={**inputs.tables, "findings": tables.FINDINGS.frame(rows)}))


def shown(view: ReportView) -> dict[str, Quote]:
    themes = [theme for family in view.families for theme in family.themes]
    return {quote.quote_id: quote for theme in themes for quote in (*theme.quotes, *theme.more_quotes)}


def people(view: ReportView, ids: tuple[str, ...]) -> list[str]:
    return [shown(view)[one].participant_id for one in ids]


def mention(number: int, start: int, end: int, *, quote: str = "", turn: int = 1) -> MentionRow:
    return MentionRow(
        f"mn_{number}", "tr_1", "a.txt", f"P-{number}", turn, start, end, quote or f"quote {number}", "advocacy",
        1 - number / 100, "machine", "negative", "", "", prompted=False,
    )  # fmt: skip


# what stands


def test_a_difference_that_stands_is_a_sentence_to_repeat(study: Callable[..., ReportInputs]) -> None:
    view = told(study, row(1, "coherence"))
    (found,) = view.findings.findings
    assert (found.theme.name, found.theme.anchor) == ("Coherence across teams", "theme-coherence")
    assert found.text == "raised by 2 of 6 participants with region North America, against 1 of 6 others"
    assert found.hedge == "+17 points, 95% interval +2 to +59; q = 0.04"
    assert found.needed == ""
    assert view.findings.sentence == "One finding stands after correction for many comparisons."
    assert (view.findings.patterns, view.findings.patterns_note) == ((), "")


def test_a_finding_shows_who_raises_it_and_one_of_the_others_against_it(study: Callable[..., ReportInputs]) -> None:
    view = told(study, row(1, "coherence"))
    (found,) = view.findings.findings
    assert people(view, found.quotes) == ["P-03", "P-09"]  # North America
    assert people(view, found.against) == ["P-07"]  # Europe


def test_of_a_theme_that_a_segment_raises_less_the_others_are_quoted(study: Callable[..., ReportInputs]) -> None:
    view = told(study, row(1, "coherence", segment_value="Europe", participants=1, others=2, effect=-1 / 6))
    (found,) = view.findings.findings
    assert people(view, found.quotes) == ["P-03", "P-09"]
    assert people(view, found.against) == ["P-07"]
    assert found.hedge.startswith(f"{MINUS}17 points")


def test_a_lean_that_stands_says_how_many_share_it(study: Callable[..., ReportInputs]) -> None:
    lean = {"participants": 7, "base": 8, "effect": -2 / 3, "effect_ci_low": -1.0, "effect_ci_high": -0.2}
    view = told(study, tone(1, "effort_friction", **lean))
    (found,) = view.findings.findings
    assert found.text == "leans negative: 7 of the 8 who take a side are negative"
    assert found.hedge == f"net sentiment {MINUS}0.67, 95% interval {MINUS}1.00 to {MINUS}0.20; q = 0.04"
    assert [shown(view)[one].sentiment for one in found.quotes] == ["negative", "negative"]
    assert people(view, found.against) == ["P-08"]
    assert view.findings.sentence == (
        "One finding stands after correction for many comparisons. With 12 participants no difference between segments "
        "survives the correction for 105 comparisons."  # 21 themes by 4 roles, and by the one split in two regions
    )


def test_all_who_lean_one_way_are_told_as_all(study: Callable[..., ReportInputs]) -> None:
    lean = {"participants": 3, "base": 3, "effect": -1.0, "effect_ci_low": -1.0, "effect_ci_high": -1.0}
    (found,) = told(study, tone(1, "coherence", **lean)).findings.findings
    assert found.text == "leans negative: all 3 who take a side are negative"
    assert found.hedge == f"net sentiment {MINUS}1.00; q = 0.04; small base"


def test_no_more_than_five_findings_are_told(study: Callable[..., ReportInputs]) -> None:
    themes = ("coherence", "effort_friction", "price_value", "empathy", "advocacy", "trust_candor", "grace_account")
    panel = told(study, *(row(rank, theme) for rank, theme in enumerate(themes, start=1))).findings
    assert [found.theme.anchor for found in panel.findings] == [
        f"theme-{theme.replace('_', '-')}" for theme in themes[:5]
    ]
    assert panel.sentence == "7 findings stand after correction for many comparisons; the firmest 5 are told here."


# what doesn't


def test_if_nothing_stands_the_sentence_says_so_and_patterns_say_what_would_settle_them(
    study: Callable[..., ReportInputs],
) -> None:
    panel = build_view(study()).findings
    assert panel.findings == ()
    assert panel.sentence == (
        "With 12 participants no difference between segments survives the correction for 105 comparisons. "
        "No theme leans clearly one way."
    )
    assert len(panel.patterns) == 5
    assert "chance alone may have made each of them" in panel.patterns_note
    friction = panel.patterns[0]
    assert friction.text == "raised by 0 of 3 participants with role Research scientist, against 9 of 9 others"
    assert friction.hedge.startswith(f"{MINUS}100 points, 95% interval {MINUS}100 to {MINUS}")
    assert friction.hedge.endswith("; small base")


@pytest.mark.parametrize(
    ("found", "needed"),
    [
        (row(1, "coherence", stands=False), "would take about 31 a group, if these shares hold"),
        (row(1, "coherence", stands=False, needed=None), "would take more than 200 a group, if these shares hold"),
        (
            tone(1, "effort_friction", participants=7, base=8, stands=False, needed=12),
            "would take about 12 who take a side, if they lean as these do",
        ),
    ],
)
def test_a_pattern_says_what_would_settle_it(
    study: Callable[..., ReportInputs], found: dict[str, Any], needed: str
) -> None:
    (pattern,) = told(study, found).findings.patterns
    assert pattern.needed == needed


def test_the_side_of_a_lean_is_the_larger_one_whatever_the_mean_says(study: Callable[..., ReportInputs]) -> None:
    lean = {"participants": 7, "base": 8, "effect": 0.1, "stands": False}
    (pattern,) = told(study, tone(1, "effort_friction", **lean)).findings.patterns
    assert pattern.text.startswith("leans negative")
    even = {"participants": 1, "base": 2, "effect": 0.1, "stands": False}
    (pattern,) = told(study, tone(1, "technical_fit", **even)).findings.patterns
    assert pattern.text == "leans positive: 1 of the 2 who take a side is positive"


def test_without_segments_nothing_is_compared(study: Callable[..., ReportInputs]) -> None:
    inputs = study(attributes=())
    frames = {**inputs.tables, "findings": tables.FINDINGS.frame([])}
    panel = build_view(dataclasses.replace(inputs, tables=frames)).findings
    assert panel.sentence == "There are no segments to compare. No theme leans clearly one way."


# quotes of findings


def test_no_words_carry_two_findings(study: Callable[..., ReportInputs]) -> None:
    view = told(study, *(row(rank, "effort_friction", stands=rank < 3) for rank in range(1, 6)))
    every: list[Finding] = [*view.findings.findings, *view.findings.patterns]
    taken = [one for found in every for one in (*found.quotes, *found.against)]
    assert len(taken) == 9  # all there are
    assert len(set(taken)) == 9
    assert (len(every[0].quotes), len(every[0].against)) == (2, 1)
    assert every[4].quotes == ()


def test_evidence_that_overlaps_or_repeats_is_taken_once() -> None:
    evidence = Evidence({})
    assert evidence.take([mention(1, 0, 10), mention(2, 5, 15)], 2) == ("mn_1",)
    assert evidence.take([mention(3, 9, 12), mention(4, 12, 20)], 2) == ("mn_4",)
    assert evidence.take([mention(5, 0, 7, quote="Quote  4", turn=9), mention(6, 0, 7, turn=9)], 2) == ("mn_6",)
    assert evidence.take([], 2) == ()


# decisions


def decisions(view: ReportView) -> dict[str, Decision]:
    return {decision.text: decision for decision in view.decisions}


def test_what_waits_for_a_person_comes_with_what_to_do(study: Callable[..., ReportInputs]) -> None:
    found = build_view(study(uncovered=("cultural_fit",))).decisions
    assert [one.text for one in found] == [
        "1 file could not be read: interview-13.docx.",
        "1 file needs a person: interview-14.txt.",
        "3 mentions below the confidence floor wait for review and count nowhere.",
        "1 theme of the codebook was not looked for, since the coder does not know it: Cultural fit.",
        "This is a draft: nobody has signed it.",
        SMALL_ROLES,
        NEXT_INTERVIEW,
        TOPIC,
    ]
    assert [one.target for one in found] == ["coverage", "coverage", "", "", "", "segments", "saturation", "topics"]
    assert all(one.action for one in found)
    assert found[4].action == "Read it, then: voc release --by 'Your Name'"


def test_what_is_settled_waits_for_nobody(study: Callable[..., ReportInputs]) -> None:
    inputs = study(status="released", attributes=())
    frames = dict(inputs.tables)
    frames["transcripts"] = frames["transcripts"].query("outcome == 'coded'")
    for name in ("review_queue", "topics", "saturation"):
        frames[name] = frames[name].head(0)
    assert build_view(dataclasses.replace(inputs, tables=frames)).decisions == ()


def test_a_topic_of_few_voices_or_by_chance_is_no_decision(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    for changes in ({"participants": 2}, {"stability": 0.2}):
        frames = {**inputs.tables, "topics": inputs.tables["topics"].assign(**changes)}
        view = build_view(dataclasses.replace(inputs, tables=frames))
        assert not [one for one in view.decisions if one.target == "topics"]


def test_one_mention_waits_alone(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    frames = {**inputs.tables, "review_queue": inputs.tables["review_queue"].head(1)}
    assert "1 mention below the confidence floor waits for review and counts nowhere." in decisions(
        build_view(dataclasses.replace(inputs, tables=frames))
    )


# draft and released


def test_a_draft_says_that_nobody_signed_it(study: Callable[..., ReportInputs]) -> None:
    assert build_view(study()).status_note == (
        "A machine coded this; nobody has signed it yet. Once you have read it: voc release --by 'Your Name'"
    )


def test_what_a_person_checked_is_told(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    mentions = inputs.tables["mentions"].copy()
    mentions.loc[:2, "status"] = ["confirmed", "corrected", "rejected"]
    view = build_view(dataclasses.replace(inputs, tables={**inputs.tables, "mentions": mentions}))
    assert f"A person checked 2 of its {len(mentions) - 1} mentions." in view.status_note


def test_a_released_report_names_who_answers_for_it(study: Callable[..., ReportInputs]) -> None:
    released = study(status="released", released_by="Ada Moreau", released_at="2026-11-23T09:00:00+00:00")
    assert build_view(released).status_note == (
        "Ada Moreau released this on 23 November 2026, 09:00 UTC and answers for it. A machine coded it."
    )
    assert build_view(study(status="released")).status_note == "Released. A machine coded it."
