from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline import tables
from voc_pipeline.errors import VocError
from voc_pipeline.report import appendix, wording
from voc_pipeline.report.conversation import text_parts
from voc_pipeline.report.measures import level
from voc_pipeline.report.quotes import distinct, select
from voc_pipeline.report.rows import MentionRow, ScoreRow
from voc_pipeline.report.view import build_view
from voc_pipeline.report.view_json import JsonExporter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voc_pipeline.report.shapes import ReportView, Standout, ThemeSection
    from voc_pipeline.report.view import ReportInputs


def theme(view: ReportView, theme_id: str) -> ThemeSection:
    return next(found for family in view.families for found in family.themes if found.theme_id == theme_id)


def standout(view: ReportView, kicker: str) -> Standout:
    return next(found for found in view.standouts if found.kicker == kicker)


def mention(number: int, *, person: str = "P-1", score: float = 0.5, sentiment: str = "negative") -> MentionRow:
    quote = f"quote {number}"
    return MentionRow(
        f"mn_{number}", "tr_1", "a.txt", person, number, 0, len(quote), quote, "advocacy", score, "machine",
        sentiment, "", "", prompted=False,
    )  # fmt: skip


# numbers and words


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0%"), (0.125, "13%"), (0.135, "14%"), (0.835, "84%"), (1.0, "100%")]
)
def test_shares_are_rounded_half_up(share: float, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(-0.62, "\N{MINUS SIGN}0.62"), (0.4, "+0.40"), (-0.001, "0.00"), (0.0, "0.00")]
)
def test_net_sentiment_carries_a_true_sign_unless_it_is_nought(value: float, text: str) -> None:
    assert wording.signed(value) == text


@pytest.mark.parametrize(("seconds", "text"), [(None, ""), (0.0, "00:00"), (312.9, "05:12"), (3723.0, "1:02:03")])
def test_a_position_reads_as_on_a_player(seconds: float | None, text: str) -> None:
    assert wording.clock(seconds) == text


def test_a_date_is_spelt_out_in_its_own_zone() -> None:
    assert wording.long_date("2026-11-02T04:10:00+00:00") == "2 November 2026, 04:10 UTC"
    assert wording.long_date("2026-11-02T04:10:00+01:00") == "2 November 2026, 04:10 UTC+01:00"


def test_an_honest_zero_says_how_easily_it_is_missed() -> None:
    assert wording.zero_note(4) == "not heard in 4; at 20% prevalence it would be missed 41% of the time"


def test_anchors_are_safe_and_never_the_same() -> None:
    anchors = wording.Anchors()
    assert [anchors.make("theme", name) for name in ("Price & value", "price-value", "", "\N{SNOWMAN}")] == [
        "theme-price-value",
        "theme-price-value-2",
        "theme",
        "theme-2",
    ]


@pytest.mark.parametrize(("share", "step"), [(0.0, 0), (0.01, 1), (0.5, 5), (0.95, 10), (1.0, 10)])
def test_only_nobody_has_the_colour_of_nobody(share: float, step: int) -> None:
    assert level(share) == step


# quotes


@given(st.text())
def test_parts_put_together_are_the_text(text: str) -> None:
    parts = text_parts(f"{text}[PERSON_7F3A9C]{text}")
    assert "".join(part.lead + part.body + part.tail for part in parts) == f"{text}[PERSON_7F3A9C]{text}"


def test_a_placeholder_is_told_from_other_brackets() -> None:
    parts = text_parts("[PERSON_7F3A9C] and [US_SSN_00AB] but [laughs] and [A]")
    assert [part.body for part in parts if part.placeholder] == ["PERSON", "US"]
    assert [part.tail for part in parts if part.placeholder] == ["_7F3A9C]", "_SSN_00AB]"]


def test_the_most_typical_quote_comes_first_then_the_other_side_then_other_people() -> None:
    mentions = [
        mention(1, score=0.99),
        mention(2, score=0.98),
        mention(3, score=0.5, sentiment="positive"),
        mention(4, person="P-2", score=0.4),
        mention(5, person="P-3", score=0.3),
    ]
    segments = {"P-1": ("role=a",), "P-2": ("role=a",), "P-3": ("role=b",)}
    assert [row.turn for row in select(mentions, 4, segments)] == [1, 3, 5, 4]


def test_words_that_repeat_are_shown_once() -> None:
    repeated = dataclasses.replace(mention(2, score=0.9), quote="Quote  1")
    assert [row.turn for row in distinct([mention(1, score=0.4), repeated, mention(3)])] == [2, 3]


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["negative", "positive", "neutral", "mixed"]))))
def test_selection_does_not_depend_on_order_and_shows_both_sides(rows: list[tuple[int, str]]) -> None:
    mentions = [mention(number, person=f"P-{person}", sentiment=s) for number, (person, s) in enumerate(rows, start=1)]
    chosen = select(mentions, 3, {})
    assert chosen == select(mentions[::-1], 3, {})
    assert len(chosen) == min(3, len(mentions))
    for side in {"negative", "positive"} & {s for _, s in rows}:
        assert side in {row.sentiment for row in chosen}


def test_a_quote_names_who_said_it_where_and_when(study: Callable[..., ReportInputs]) -> None:
    quote = theme(build_view(study()), "support_responsiveness").quotes[0]
    assert (quote.participant_id, quote.source_file, quote.turn, quote.time) == (
        "P-01",
        "interview-01.docx",
        4,
        "06:44",
    )
    assert [(segment.attribute, segment.value) for segment in quote.segments] == [
        ("Role", "Lab manager"),
        ("Region", "Europe"),
    ]
    assert quote.remarks == ("prompted", "support", "problem")


def test_a_quote_stands_in_its_turn_and_two_turns_around_it_are_there_once(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    quote = theme(view, "support_responsiveness").quotes[0]
    turns = {turn.key: turn for turn in view.turns}
    assert len(turns) == len(view.turns)
    assert (quote.turn_key, quote.start, quote.end) == ("t1-4", 0, len(quote.text))
    assert [turns[f"t1-{number}"].role for number in range(2, 7)] == ["", "Interviewer", "", "Interviewer", ""]
    assert turns["t1-4"].speaker == "P-01"
    own = "".join(part.lead + part.body + part.tail for part in turns["t1-4"].parts)
    assert own[quote.start : quote.end] == quote.text


def test_words_that_are_not_at_their_offsets_stop_the_report(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    mentions = inputs.tables["mentions"].copy()
    mentions.loc[0, "quote"] = "Something nobody said"
    with pytest.raises(VocError, match="the words at a mention's offsets are not its quote") as caught:
        build_view(study(tables=dict(inputs.tables) | {"mentions": mentions}))
    assert "nobody said" not in str(caught.value)


def test_a_quote_from_a_turn_that_is_not_there_stops_the_report(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    with pytest.raises(VocError, match=r"turn 10 of transcript tr_.* is quoted but not in the turns table"):
        build_view(study(tables=dict(inputs.tables) | {"turns": inputs.tables["turns"][lambda t: t["turn"] < 10]}))


def test_what_a_person_rejected_is_not_quoted(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    mentions = inputs.tables["mentions"].assign(status="rejected")
    view = build_view(study(tables=dict(inputs.tables) | {"mentions": mentions}))
    assert not any(section.quotes for family in view.families for section in family.themes)


# sections


def test_a_theme_section_has_its_numbers(study: Callable[..., ReportInputs]) -> None:
    section = theme(build_view(study()), "effort_friction")
    assert (section.reach.text, section.reach.share, section.volunteered) == ("9 of 12", "75%", "7 of 9")
    assert section.reach.interval == "47\N{EN DASH}91%"
    assert [(slice_.kind, slice_.count) for slice_ in section.sentiments] == [
        ("negative", 7),
        ("neutral", 1),
        ("positive", 1),
    ]
    assert sum(slice_.width for slice_ in section.sentiments) == pytest.approx(100, abs=0.1)
    assert len(section.quotes) == 4
    assert len({quote.participant_id for quote in section.quotes}) == 4
    assert section.more_label == "Show the other 5 quotes"


def test_what_waits_for_review_is_told_and_not_counted(study: Callable[..., ReportInputs]) -> None:
    section = theme(build_view(study()), "political_capital")
    assert section.reach.text == "1 of 12"
    assert section.waiting == "1 further mention stands below the confidence floor and count nowhere."


def test_stages_and_types_come_in_the_codebooks_order_with_its_words(study: Callable[..., ReportInputs]) -> None:
    section = theme(build_view(study()), "effort_friction")
    assert [fact.label for fact in section.stages] == ["Purchase", "Onboard", "Use", "Support", "Renew"]
    assert section.types[0].note == "what is not working, or its consequence"


def test_themes_are_ranked_by_reach(study: Callable[..., ReportInputs]) -> None:
    points = [row.reach.point for row in build_view(study()).ranking]
    assert points == sorted(points, reverse=True)
    assert len(points) == 19


def test_small_segments_and_zeros_are_marked(study: Callable[..., ReportInputs]) -> None:
    role, region = build_view(study()).heat_tables
    assert [column.small for column in role.columns] == [False, True, True, True, True]
    assert not any(column.small for column in region.columns)
    assert role.notes[0].startswith("\N{DAGGER} Fewer than 5 participants (Lab manager, Physician, Procurement and")
    assert role.notes[1].startswith("A zero is not an absence: not heard in 3;")


def test_who_gave_no_value_stands_last(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    frame = inputs.tables["theme_by_segment"].replace("Lab manager", tables.NOT_GIVEN)
    role = build_view(study(tables=dict(inputs.tables) | {"theme_by_segment": frame})).heat_tables[0]
    assert [column.value for column in role.columns][-1] == tables.NOT_GIVEN


# what stands out


def test_without_attributes_there_is_no_heat_table(study: Callable[..., ReportInputs]) -> None:
    assert build_view(study(attributes=())).heat_tables == ()


def test_tone_needs_voices_and_says_how_sure_it_is(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    friction, coherence = standout(view, "Strongest complaints").items
    assert friction.text == "7 of the 9 who raised it lean negative"
    assert coherence.hedge == "net sentiment \N{MINUS SIGN}1.00; all lean alike, so there is no interval to give"
    praise = standout(view, "Strongest praise").items[0]
    assert praise.hedge.endswith("too few voices to be sure of the direction")


def test_where_all_agree_there_is_no_interval(study: Callable[..., ReportInputs]) -> None:
    sections = {theme.name: theme for family in build_view(study()).families for theme in family.themes}
    alike, split = sections["Coherence across teams"], sections["Effort and friction"]
    assert (alike.net_sentiment, alike.net_interval) == ("\N{MINUS SIGN}1.00", "")
    assert split.net_interval.startswith("\N{MINUS SIGN}1.00 to ")


def test_what_was_not_tested_has_no_q(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    frame = inputs.tables["theme_by_segment"].copy()
    frame.loc[frame["segment_value"] == "Physician", ["p_value", "q_value"]] = float("nan")
    view = build_view(study(tables=dict(inputs.tables) | {"theme_by_segment": frame}))
    lines = [line for family in view.families for theme in family.themes for line in theme.segments]
    assert {line.value for line in lines if not line.q_value} == {"Physician"}


# around the themes


def test_files_that_need_a_person_come_first_with_what_to_do(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    assert view.coverage_sentence == "Based on 12 interviews with 12 participants."
    assert view.coverage_gap == "1 file could not be read and 1 file needs attention: not in these numbers."
    refused, attention, *_, duplicate = view.coverage
    assert (refused.outcome, refused.action) == (
        "Could not be read",
        "Replace the file with a readable one, then run again.",
    )
    assert (attention.kind, duplicate.kind) == ("attention", "duplicate")


def test_one_score_a_participant_the_rosters_before_the_spoken() -> None:
    rows = [
        ScoreRow("P-1", "t", None, 9.0, "roster"),
        ScoreRow("P-1", "t", 4, 3.0, "speech"),
        ScoreRow("P-2", "t", 2, 5.0, "speech"),
        ScoreRow("P-2", "t", 8, 6.0, "speech"),
    ]
    section = appendix.scores(rows)
    assert section is not None
    assert {column.score: column.count for column in section.columns if column.count} == {6: 1, 9: 1}
    assert [fact.value for fact in section.groups] == ["1", "0", "1"]
    assert section.note.startswith("1 said in the interview, 1 from the roster.")
    assert appendix.scores([]) is None


def test_a_half_score_is_drawn_in_the_group_it_counts_in() -> None:
    rows = [ScoreRow(f"P-{score}", "t", None, score, "roster") for score in (6.5, 8.5, 9.5, 10.0)]
    section = appendix.scores(rows)
    assert section is not None
    drawn = {column.score: column.group for column in section.columns if column.count}
    assert drawn == {6: "detractor", 8: "passive", 9: "promoter", 10: "promoter"}
    assert [fact.value for fact in section.groups] == ["1", "1", "2"]


def test_topics_are_shown_with_words_and_quotes_or_missed_honestly(study: Callable[..., ReportInputs]) -> None:
    (topic,) = build_view(study()).topics
    assert (topic.size, topic.stability) == ("6 passages from 4 participants", "0.82")
    assert [quote.text for quote in topic.quotes] == [
        "We sort of got used to being on our own.",
        "Honestly, I keep a spreadsheet just for that.",
    ]
    assert appendix.topics_note([]).startswith("Nothing outside the codebook was said often enough")


def test_a_missing_table_or_column_is_named(study: Callable[..., ReportInputs]) -> None:
    frames = dict(study().tables)
    with pytest.raises(VocError, match=r"the table 'scores' is missing\. Given: accounts, advocacy, cooccurrence"):
        build_view(study(tables={name: frame for name, frame in frames.items() if name != "scores"}))
    frames["turns"] = frames["turns"].drop(columns="speaker")
    with pytest.raises(VocError, match=r"the table 'turns' has the columns .* The contract says transcript_id"):
        build_view(study(tables=frames))


def test_the_view_is_json_that_programs_can_read(study: Callable[..., ReportInputs], tmp_path: Path) -> None:
    view = build_view(study())
    text = JsonExporter().export(view, tmp_path).read_text(encoding="utf-8")
    data = json.loads(text)
    assert data["families"][0]["themes"][0]["quotes"][0]["text"]
    assert list(data) == sorted(field.name for field in dataclasses.fields(view))
