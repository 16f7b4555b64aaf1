"""Journey, statements, lenses, advocacy, accounts, questions and saturation: numbers counted by hand in study.txt."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline import tables
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.report import wording
from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voc_pipeline.report.panels import AccountsPanel, AdvocacyPanel, GridPanel, SaturationPanel
    from voc_pipeline.report.shapes import Quote, ReportView, TextPart
    from voc_pipeline.report.view import ReportInputs

SATURATED = (
    "The last 2 of 6 interviews added 5% new themes (mean over orders), within the 5% that is taken as saturated."
)
MINUS = "\N{MINUS SIGN}"


def changed(study: Callable[..., ReportInputs], **frames: Any) -> ReportView:
    inputs = study()
    return build_view(dataclasses.replace(inputs, tables={**inputs.tables, **frames}))


def shown(view: ReportView) -> dict[str, Quote]:
    themes = [theme for family in view.families for theme in family.themes]
    return {quote.quote_id: quote for theme in themes for quote in (*theme.quotes, *theme.more_quotes)}


def words(parts: Sequence[TextPart]) -> str:
    return "".join(part.lead + part.body + part.tail for part in parts)


# journey


def test_a_stage_has_its_people_its_tone_and_its_themes(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    assert [stage.name for stage in view.journey] == [
        *("Discover", "Evaluate", "Purchase", "Onboard", "Use", "Support", "Renew"),
    ]
    purchase = view.journey[2]  # P-06: mixed; P-07: 4 negative; P-09: 2 positive, 1 negative: (0 - 1 + 1/3) / 3
    assert purchase.definition == "quote, contract, procurement, approval"
    assert (purchase.reach.text, purchase.reach.interval) == ("3 of 12", "9\N{EN DASH}53%")
    assert (purchase.net_sentiment, purchase.tone) == (f"{MINUS}0.22", "negative")
    assert [(one.kind, one.count) for one in purchase.sentiments] == [("negative", 5), ("mixed", 1), ("positive", 2)]
    first = purchase.themes[0]
    assert (first.theme.name, first.participants, first.level) == ("Effort and friction", "2 of 12", 2)
    assert (first.net_sentiment, first.tone) == (f"{MINUS}1.00", "negative")
    assert {shown(view)[one].participant_id for one in first.quotes} == {"P-07", "P-09"}
    assert {shown(view)[one].stage for one in first.quotes} == {"purchase"}


def test_where_no_mention_has_a_stage_there_is_no_journey(study: Callable[..., ReportInputs]) -> None:
    assert changed(study, journey=tables.JOURNEY.frame([])).journey == ()


# problems, outcomes, requests


def test_problems_outcomes_and_requests_stand_apart(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    problems, outcomes, requests = view.statements
    assert [group.kind for group in view.statements] == ["problem", "desired_outcome", "solution_request"]
    first = problems.themes[0]
    assert (first.theme.name, first.participants, first.mentions) == ("Effort and friction", "7 of 12", "7 mentions")
    assert len(first.quotes) == 7
    assert outcomes.themes == ()
    (request,) = requests.themes
    assert (request.theme.name, request.participants, request.mentions) == (
        "Channels and cadence",
        "1 of 12",
        "1 mention",
    )
    assert "Customers name problems" in requests.note
    assert {shown(view)[one].type for group in view.statements for theme in group.themes for one in theme.quotes} == {
        "problem",
        "solution_request",
    }


def test_the_first_quotes_of_a_list_are_of_different_people(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    mentions = inputs.tables["mentions"].copy()
    problem = (mentions["theme_id"] == "effort_friction") & (mentions["type"] == "problem")
    mentions.loc[problem, "score"] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    view = changed(study, mentions=mentions)
    first = view.statements[0].themes[0].quotes[:3]
    # P-01 and P-02 are lab managers in Europe: after the first come another role in the other region, then a third role
    assert [shown(view)[one].participant_id for one in first] == ["P-01", "P-06", "P-07"]


def test_a_codebook_without_these_kinds_has_no_such_groups(study: Callable[..., ReportInputs]) -> None:
    codebook = dataclasses.replace(load_codebook(), statement_types={"praise": "what works"})
    assert build_view(study(codebook=codebook)).statements == ()


# lenses


def test_a_lens_reads_themes_together(study: Callable[..., ReportInputs]) -> None:
    fits, health, company = build_view(study()).lenses
    assert [lens.name for lens in (fits, health, company)] == ["Six fits", "Relationship health", "One company"]
    experience = fits.parts[4]  # friction: all but the 3 scientists, of whom 2 spoke of support
    assert (experience.name, experience.reach.text) == ("Experience", "11 of 12")
    assert [theme.anchor for theme in experience.themes] == ["theme-support-responsiveness", "theme-effort-friction"]
    exit_ = health.parts[3]
    assert (exit_.reach.text, exit_.net_sentiment, exit_.tone) == ("2 of 12", f"{MINUS}1.00", "negative")
    cultural = fits.parts[5]
    assert (cultural.reach.text, cultural.net_sentiment, cultural.themes) == ("0 of 12", "", ())


# likelihood to recommend


def advocacy(view: ReportView) -> AdvocacyPanel:
    assert view.advocacy is not None
    return view.advocacy


def nps(**changes: Any) -> Any:
    row = {
        "answered": 10,
        "promoters": 3,
        "passives": 3,
        "detractors": 4,
        "nps": -10.0,
        "ci_low": -51.2,
        "ci_high": 36.4,
    }
    return tables.NPS.frame([row | changes])


def test_the_score_comes_with_its_interval_and_how_little_it_says(study: Callable[..., ReportInputs]) -> None:
    panel = advocacy(changed(study, nps=nps()))
    assert (panel.nps, panel.interval) == (f"{MINUS}10", f"{MINUS}51 to +36")
    assert panel.sentence == (
        "10 participants gave a score: 3 promoters (9 and 10), 3 passives (7 and 8) and 4 detractors (0 to 6). The "
        "interval is 88 points wide: read the groups rather than the score."
    )
    assert "wide" not in advocacy(changed(study, nps=nps(ci_low=-20.0, ci_high=0.0))).sentence


def test_promoters_and_detractors_are_compared_with_a_hedge(study: Callable[..., ReportInputs]) -> None:
    panel = advocacy(build_view(study()))  # scores: 6 8 4 9 - 7 5 7 - 9 3 10
    assert panel.nps == f"{MINUS}10"
    first = panel.rows[0]
    assert (first.theme.name, first.promoters.text, first.detractors.text) == (
        "Product performance",
        "3 of 3",
        "1 of 4",
    )
    assert (first.net_promoters, first.net_detractors) == ("+1.00", f"{MINUS}1.00")
    assert first.note.startswith("chance may give as much (q = 0.")
    assert panel.note == (
        "With 3 promoters and 4 detractors none of the 17 themes compared differs after correction: these are patterns "
        "to test."
    )


def test_a_theme_that_tells_the_sides_apart_says_so(study: Callable[..., ReportInputs]) -> None:
    frame = study().tables["advocacy"].copy()
    frame.loc[frame["theme_id"] == "coherence", ["p_value", "q_value"]] = [0.0001, 0.002]
    panel = advocacy(changed(study, advocacy=frame))
    assert panel.rows[0].theme.name == "Coherence across teams"
    assert panel.rows[0].note == "holds up after correction (q < 0.01)"
    assert panel.note == "Of 17 themes compared, 1 differs after correction."


def test_with_one_side_only_nothing_is_compared(study: Callable[..., ReportInputs]) -> None:
    frame = study().tables["advocacy"].assign(p_value=float("nan"), q_value=float("nan"))
    panel = advocacy(changed(study, advocacy=frame, nps=nps(detractors=0, passives=7)))
    assert panel.note == "There are no detractors to compare with."
    assert {row.note for row in panel.rows} == {"one side only: nothing to compare"}
    none = {"answered": 0, "promoters": 0, "passives": 0, "detractors": 0, "nps": None, "ci_low": None, "ci_high": None}
    assert changed(study, nps=nps(**none)).advocacy is None


# accounts


def accounts(view: ReportView) -> AccountsPanel:
    assert view.accounts is not None
    return view.accounts


def test_accounts_stand_by_what_is_at_stake(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    panel = accounts(view)
    first = panel.lines[0]  # P-03: support negative, nothing else heard: strain 1/3 of $1.2m
    assert (first.participant_id, first.value, first.value_at_stake) == ("P-03", "$1,200,000", "$400,000")
    assert (first.strain, first.level) == ("0.33", 3)
    assert (first.goodwill.value, first.political_capital.value) == ("", "")
    assert (first.abandonment.value, first.abandonment.note) == (f"{MINUS}1.00", "negative")
    assert [shown(view)[one].participant_id for one in first.quotes] == ["P-03"]
    assert panel.total == "11 participants, 10 with a value: $740,000 at stake of $2,660,000."
    assert panel.note == (
        "The value of a customer of whom several people took part counts once for each of them. 1 participant without "
        "a value in the roster stands last, the most strained first."
    )
    assert "divided by three" in panel.formula
    assert "it forecasts no loss" in panel.formula


def test_without_values_accounts_stand_by_strain(study: Callable[..., ReportInputs]) -> None:
    frame = study().tables["accounts"].assign(value=float("nan"), value_at_stake=float("nan"))
    panel = accounts(changed(study, accounts=frame))
    assert panel.total == "11 participants, none with a value in the roster."
    assert panel.note.startswith("The most strained come first.")
    assert {line.value_at_stake for line in panel.lines} == {""}
    assert changed(study, accounts=tables.ACCOUNTS.frame([])).accounts is None


def test_where_no_signal_could_be_heard_nothing_is_said_to_be_at_stake(study: Callable[..., ReportInputs]) -> None:
    nothing = dict.fromkeys(("goodwill", "political_capital", "abandonment", "value_at_stake"), float("nan"))
    panel = accounts(changed(study, accounts=study().tables["accounts"].assign(**nothing)))
    assert panel.total == (
        "11 participants, 10 with a value, $2,660,000 together. None of the signals' themes was heard, so that nothing "
        "is known of what is at stake."
    )


def test_only_dollars_are_written_as_dollars(study: Callable[..., ReportInputs]) -> None:
    frame = study().tables["participants"].rename(columns={"account_value_usd": "account_value"})
    assert accounts(changed(study, participants=frame)).lines[0].value == "1,200,000"


# question by question


def grid(view: ReportView) -> GridPanel:
    assert view.grid is not None
    return view.grid


def test_a_question_shows_how_each_answer_begins_and_what_is_in_it(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    panel = grid(view)
    assert panel.participants == ("P-01", "P-03", "P-12")
    (row,) = panel.rows
    assert row.asked == "answered by 3 of 12"
    mine, theirs, last = row.cells
    assert mine.turn_key == "t1-4"
    assert words(mine.excerpt).startswith("I opened a ticket on a Monday and the engineer came on the Thursday")
    assert words(mine.excerpt).endswith("In that time two people had nothing to measure.")  # 134 characters: all of it
    assert [theme.name for theme in theirs.themes] == ["Support responsiveness", "Empathy and human touch"]
    assert last.excerpt[0].placeholder
    assert {cell.turn_key for cell in row.cells} <= {turn.key for turn in view.turns}
    assert panel.note.startswith("A machine grouped what the interviewers asked")


def question(number: int, person: str, turn: int, **changes: Any) -> dict[str, Any]:
    transcript = f"tr_{person}"
    usual = {"question_id": f"qu_{number}", "question": f"Question {number}?", "source": "similarity"}
    place = {"transcript_id": transcript, "turn": turn, "participant_id": person}
    return usual | place | {"first_answer": turn + 1, "last_answer": turn + 1} | changes


def asked(study: Callable[..., ReportInputs], *rows: dict[str, Any]) -> ReportView:
    turns = study().tables["turns"]
    of = {str(row.participant_id): str(row.transcript_id) for row in turns.itertuples() if row.participant_id}
    placed = [row | {"transcript_id": of[row["participant_id"]]} for row in rows]
    return changed(study, questions=tables.QUESTIONS.frame(placed))


def test_who_was_not_asked_has_an_empty_cell(study: Callable[..., ReportInputs]) -> None:
    view = asked(study, question(1, "P-01", 1), question(1, "P-02", 1), question(2, "P-02", 3), question(2, "P-04", 3))
    first, second = grid(view).rows
    assert grid(view).participants == ("P-01", "P-02", "P-04")
    assert [cell.turn_key for cell in first.cells] == ["t1-2", "t2-2", ""]
    assert [cell.turn_key for cell in second.cells] == ["", "t2-4", "t4-4"]
    assert (first.cells[2].excerpt, first.cells[2].themes) == ((), ())


def test_a_question_to_one_is_left_out_unless_it_is_the_guides(study: Callable[..., ReportInputs]) -> None:
    alone = question(3, "P-05", 1)
    view = asked(study, question(1, "P-01", 1), question(1, "P-02", 1), alone)
    assert len(grid(view).rows) == 1
    assert grid(view).note.endswith("1 question that one participant alone answered: not shown.")
    guided = asked(study, alone | {"source": "guide"})
    assert len(grid(guided).rows) == 1
    assert grid(guided).note == "A machine matched what the interviewers asked to the questions of the study's guide."
    assert asked(study, alone).grid is None


def test_an_answer_over_several_turns_has_the_themes_of_all(study: Callable[..., ReportInputs]) -> None:
    view = asked(study, question(1, "P-01", 1, last_answer=6), question(1, "P-02", 1))
    cell = grid(view).rows[0].cells[0]
    assert [theme.name for theme in cell.themes] == [
        *("Political capital", "Support responsiveness", "Post-sale abandonment"),
    ]


def test_a_long_list_of_questions_is_cut_and_says_so(study: Callable[..., ReportInputs]) -> None:
    rows = [question(number, person, 1) for number in range(43) for person in ("P-01", "P-02")]
    panel = grid(asked(study, *rows))
    assert len(panel.rows) == 40
    assert panel.note.endswith("3 further questions: see questions.csv.")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("short", "short"),
        ("  ten chars ", "ten chars"),
        ("one two three", "one two\N{HORIZONTAL ELLIPSIS}"),
        ("one two th", "one two th"),
        ("onetwothreefour", "onetwothre\N{HORIZONTAL ELLIPSIS}"),
    ],
)
def test_a_text_is_cut_between_words(text: str, cut: str) -> None:
    assert wording.cut(text, 10) == cut


# saturation


def saturation(view: ReportView) -> SaturationPanel:
    assert view.saturation is not None
    return view.saturation


def segment(value: str, **changes: Any) -> dict[str, Any]:
    usual = {
        "segment_attribute": "(all)" if value == "(all)" else "region", "segment_value": value, "interviews": 6,
        "themes": 10, "base_interviews": 4, "run_interviews": 2, "new_information": 0.08, "next_interview": 0.5,
    }  # fmt: skip
    return usual | changes


def test_saturation_says_what_the_last_interviews_added_and_where_to_go(study: Callable[..., ReportInputs]) -> None:
    rows = [segment("(all)"), segment("Europe", next_interview=1.0), segment("North America", next_interview=0.2)]
    panel = saturation(changed(study, saturation=tables.SATURATION.frame(rows)))
    assert panel.sentence == (
        "The last 2 of 6 interviews added 8% new themes (mean over orders), above the 5% that is taken as saturated. "
        "One more is expected to add most with region Europe: 1.0 theme new to them."
    )
    everyone, europe, _ = panel.lines
    assert (everyone.attribute, everyone.value, everyone.new_information, everyone.level) == ("", "All", "8%", 1)
    assert (europe.attribute, europe.value, europe.next_interview) == ("Region", "Europe", "1.0")


def test_segments_of_fewer_than_four_interviews_do_not_say_where_to_go(study: Callable[..., ReportInputs]) -> None:
    few = segment("Asia", interviews=1, next_interview=9.0)
    rows = [segment("(all)"), segment("Europe", next_interview=1.0), segment("North America"), few]
    view = changed(study, saturation=tables.SATURATION.frame(rows))
    assert "with region Europe: 1.0 theme new" in saturation(view).sentence
    assert next(one.text for one in view.decisions if one.target == "saturation").startswith(
        "Who to talk to next: one more interview with region Europe is"
    )
    alone = changed(study, saturation=tables.SATURATION.frame([rows[0], rows[1], few]))
    assert "One more" not in saturation(alone).sentence
    assert not [one for one in alone.decisions if one.target == "saturation"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"new_information": 0.05}, SATURATED),
        ({"interviews": 3, "new_information": None}, "3 interviews: fewer than 6 can't tell."),
        ({"interviews": 1, "new_information": None}, "1 interview: fewer than 6 can't tell."),
        ({"new_information": None}, "6 interviews, and too few themes in them to tell."),
    ],
)
def test_few_interviews_are_told_honestly(
    study: Callable[..., ReportInputs], changes: dict[str, Any], sentence: str
) -> None:
    panel = saturation(changed(study, saturation=tables.SATURATION.frame([segment("(all)", **changes)])))
    assert panel.sentence == panel.lines[0].sentence == sentence


def test_with_one_segment_none_is_the_one_to_go_to(study: Callable[..., ReportInputs]) -> None:
    frame = tables.SATURATION.frame([segment("(all)"), segment("Europe")])
    assert "One more" not in saturation(changed(study, saturation=frame)).sentence
