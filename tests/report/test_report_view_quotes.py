"""Where quotes stand, what recordings they link to, and which of them stand behind a number."""

from __future__ import annotations

import dataclasses
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.report import conversation
from voc_pipeline.report.conversation import TurnIndex, spoken_turns
from voc_pipeline.report.measures import reach_of, tone_level
from voc_pipeline.report.recordings import recording_link
from voc_pipeline.report.rows import TurnRow
from voc_pipeline.report.view import build_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from voc_pipeline.report.shapes import HeatCell, Quote, ReportView, ThemeSection
    from voc_pipeline.report.view import ReportInputs

WEB = "https://recordings.example.org/interview-01"
RECORDINGS = [WEB, "recordings/interview 02.mp4", "", "", "", "javascript:alert(1)", *[""] * 6]


def recorded(inputs: ReportInputs, **frames: Any) -> ReportInputs:
    people = inputs.tables["participants"].assign(recording=RECORDINGS)
    return dataclasses.replace(inputs, tables={**inputs.tables, "participants": people, **frames})


def sections(view: ReportView) -> dict[str, ThemeSection]:
    return {theme.theme_id: theme for family in view.families for theme in family.themes}


def quotes(view: ReportView) -> list[Quote]:
    themed = [quote for theme in sections(view).values() for quote in (*theme.quotes, *theme.more_quotes)]
    return [*themed, *chain.from_iterable(topic.quotes for topic in view.topics)]


def cell(view: ReportView, theme: str, segment: str) -> HeatCell:
    rows = [row for table in view.heat_tables for group in table.groups for row in group.rows if row.theme == theme]
    return next(cell for row in rows for cell in row.cells if cell.value == segment)


def turn(transcript: str, number: int, text: str = "Well.") -> TurnRow:
    return TurnRow(transcript, "a.txt", number, "P-1", "participant", "P-1", None, text)


# all quotes, once


def test_every_mention_is_quoted_once_and_so_is_every_example_of_a_topic(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    shown = [quote.quote_id for quote in quotes(build_view(inputs))]
    assert len(shown) == len(set(shown))
    assert set(shown) == {*inputs.tables["mentions"]["mention_id"], *inputs.topics_examples}


def test_words_that_repeat_are_among_the_further_quotes(study: Callable[..., ReportInputs]) -> None:
    inputs = study(quotes_per_theme=2)
    again = inputs.tables["mentions"].query("theme_id == 'price_value'").assign(mention_id=lambda t: t.mention_id + "x")
    frame = pd.concat([inputs.tables["mentions"], again], ignore_index=True)
    section = sections(build_view(dataclasses.replace(inputs, tables={**inputs.tables, "mentions": frame})))[
        "price_value"
    ]
    assert len(section.quotes) + len(section.more_quotes) == 8
    assert len({quote.text for quote in section.quotes}) == 2


def test_a_quote_says_what_it_was_coded_as(study: Callable[..., ReportInputs]) -> None:
    quote = sections(build_view(study()))["support_responsiveness"].quotes[0]
    assert (quote.stage, quote.type, quote.prompted, quote.sentiment) == ("support", "problem", True, "negative")


# turns


def test_every_quote_finds_its_words_in_the_turns(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    turns = {turn.key: "".join(part.lead + part.body + part.tail for part in turn.parts) for turn in view.turns}
    assert len(turns) == len(view.turns)
    for quote in quotes(view):
        assert turns[quote.turn_key][quote.start : quote.end] == quote.text


def test_turns_stand_in_order_and_are_named_by_the_place_of_their_transcript() -> None:
    index = TurnIndex([turn(name, number) for name in ("tr_b", "tr_a") for number in range(1, 13)])
    assert index.key("tr_a", 3) == "t2-3"
    shown = spoken_turns(index, ["t2-10", "t1-1"], ["t1-2"], answers=["t2-1"])
    assert [one.key for one in shown] == [
        *("t1-1", "t1-2", "t1-3", "t1-4"),
        *("t2-1", "t2-8", "t2-9", "t2-10", "t2-11", "t2-12"),
    ]


def test_a_long_study_keeps_the_turns_of_its_open_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    index = TurnIndex([turn("tr_a", number, "ten chars.") for number in range(1, 41)])

    def keys(most: int) -> list[str]:
        monkeypatch.setattr(conversation, "MOST_CHARACTERS", most)
        return [one.key for one in spoken_turns(index, ["t1-3"], ["t1-20"], answers=["t1-40"])]

    around = ["t1-1", "t1-2", "t1-3", "t1-4", "t1-5"]
    assert keys(110) == [*around, "t1-18", "t1-19", "t1-20", "t1-21", "t1-22", "t1-40"]
    assert keys(100) == [*around, "t1-18", "t1-19", "t1-20", "t1-21", "t1-22"]
    assert keys(60) == [*around, "t1-20"]
    assert keys(50) == around
    assert keys(0) == around


# recordings


@pytest.mark.parametrize(
    ("written", "seconds", "link"),
    [
        (WEB, 404.5, f"{WEB}#t=404"),
        (f" {WEB} ", None, WEB),
        (f"{WEB}?key=1#t=9", 404.5, f"{WEB}?key=1#t=9"),
        ("HTTPS://example.org/a", 1.0, "HTTPS://example.org/a#t=1"),
        ("recordings/interview 02.mp4", 61.0, "recordings/interview%2002.mp4#t=61"),
        ("recordings\\a.mp4", None, "recordings/a.mp4"),
        ("a#b.mp4", 2.0, "a%23b.mp4#t=2"),
    ],
)
def test_a_recording_is_linked_at_its_second(written: str, seconds: float | None, link: str) -> None:
    assert recording_link(written, seconds) == link


@pytest.mark.parametrize(
    "written",
    [
        "",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<b>x</b>",
        "file:///etc/passwd",
        "vbscript:x",
        "//example.org/a",
        "\\\\share\\a.mp4",
        "/etc/passwd",
        "C:\\a.mp4",
        "https://",
        "https://user:secret@example.org/a",
        'https://example.org/" onclick="alert(1)',
        "https://[::/a",
        "https://example.org/a\tb",
    ],
)
def test_anything_else_makes_no_link(written: str) -> None:
    assert recording_link(written, 1.0) == ""


@given(st.text())
def test_no_text_makes_a_link_of_another_scheme_or_out_of_its_attribute(written: str) -> None:
    link = recording_link(written, None)
    assert not set(link) & set(" <>\"'\\\n\r\t\x00")
    assert ":" not in link.split("/")[0] or link.lower().startswith(("http://", "https://"))


def test_a_quote_links_to_the_recording_of_who_speaks(study: Callable[..., ReportInputs]) -> None:
    found = {
        quote.participant_id: quote.recording for quote in quotes(build_view(recorded(study()))) if quote.turn == 4
    }
    assert found["P-01"] == f"{WEB}#t=404"
    assert found["P-02"] == "recordings/interview%2002.mp4#t=404"
    assert found["P-03"] == ""
    assert found["P-06"] == ""  # javascript: in the roster


def test_somebody_in_two_interviews_has_no_recording_that_could_be_the_wrong_one(
    study: Callable[..., ReportInputs],
) -> None:
    inputs = study()
    turns = inputs.tables["turns"].replace({"participant_id": {"P-03": "P-01"}})
    view = build_view(recorded(inputs, turns=turns))
    assert not [quote.recording for quote in quotes(view) if quote.participant_id == "P-01" and quote.recording]


# the heat map's cells


def test_a_cell_has_three_measures_and_the_quotes_behind_it(study: Callable[..., ReportInputs]) -> None:
    view = build_view(study())
    mentions = study().tables["mentions"].query("theme_id == 'effort_friction'")
    of = {person: own["mention_id"].item() for person, own in mentions.groupby("participant_id")}
    found = cell(view, "Effort and friction", "Procurement")  # P-07 negative and asked, P-08 positive, P-09 negative
    assert (found.participants, found.base, found.level) == (3, 3, 10)
    assert (found.volunteered, found.volunteered_level) == (2, 7)
    assert (found.net_sentiment, found.tone_level) == ("\N{MINUS SIGN}0.33", -2)
    assert found.quotes == (of["P-07"], of["P-09"], of["P-08"])  # scores .96, .94, .90
    everyone = cell(view, "Effort and friction", "All")
    assert set(everyone.quotes) == set(of.values())
    assert everyone.quotes[0] == of["P-06"]  # .97


def test_a_cell_of_nobody_has_no_tone_and_no_quotes(study: Callable[..., ReportInputs]) -> None:
    found = cell(build_view(study()), "Effort and friction", "Research scientist")
    assert (found.participants, found.volunteered, found.level, found.volunteered_level) == (0, 0, 0, 0)
    assert (found.net_sentiment, found.tone_level, found.quotes) == ("", None, ())


@pytest.mark.parametrize(("net", "step"), [(-1.0, -5), (-0.3, -2), (-0.09, 0), (0.0, 0), (0.1, 1), (1.0, 5)])
def test_tone_has_five_steps_on_each_side(net: float, step: int) -> None:
    assert tone_level(net) == step


def test_of_nobody_there_is_no_share() -> None:
    assert reach_of(0, 0, low=None, high=None).share == "no one asked"


# for and against, together


def test_what_speaks_against_a_lean_is_named(study: Callable[..., ReportInputs]) -> None:
    found = sections(build_view(study()))
    friction = found["effort_friction"]  # 7 negative, 1 neutral, 1 positive
    (against,) = friction.against
    assert {quote.quote_id: quote.sentiment for quote in (*friction.quotes, *friction.more_quotes)}[
        against
    ] == "positive"
    assert friction.against_note == "1 of 9 quotes speaks against the negative lean."
    assert found["coherence"].against == ()
    assert found["coherence"].against_note == "No quote speaks against it; 3 were read."
    assert found["political_capital"].against_note == "No quote speaks against it; 1 was read."


def test_where_neither_side_prevails_nothing_speaks_against_it(study: Callable[..., ReportInputs]) -> None:
    section = sections(build_view(study()))["technical_fit"]  # one negative, one positive
    assert (section.tone, section.against, section.against_note) == ("balanced", (), "")


def test_themes_of_the_same_people_are_told_with_what_chance_would_give(study: Callable[..., ReportInputs]) -> None:
    section = sections(build_view(study()))[
        "support_responsiveness"
    ]  # P-01, P-03, P-11, P-12; advocacy P-01, P-11, P-12
    first = section.together[0]
    assert (first.theme, first.anchor, first.participants) == (
        "Advocacy and recommendation",
        "theme-advocacy",
        "3 of 12",
    )
    assert first.note == "raise both; chance would give 1.0; q = 1.00: may be chance"
    assert len(section.together) == 4


def test_themes_that_meet_more_than_chance_has_it_say_so(study: Callable[..., ReportInputs]) -> None:
    inputs = study()
    frame = inputs.tables["cooccurrence"].copy()
    pair = (frame["theme_id"] == "coherence") & (frame["other_theme_id"] == "switching_risk")
    frame.loc[pair, "q_value"] = 0.004
    found = sections(build_view(dataclasses.replace(inputs, tables={**inputs.tables, "cooccurrence": frame})))
    for one, other in (("coherence", "Switching and competition"), ("switching_risk", "Coherence across teams")):
        assert found[one].together[0].theme == other
        assert found[one].together[0].note == "raise both; chance would give 0.5; q < 0.01: more than chance"
