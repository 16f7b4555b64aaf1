"""Quotes that may go out: the screen by examples, the budget and the profiles by hand-worked studies."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.analysis.disclosure import Budget, Screen, choose_quotes
from voc_pipeline.analysis.suppression import compared_segments, suppress
from voc_pipeline.tables import DISCLOSURE_LOG, MENTIONS, PARTICIPANTS, TURNS

if TYPE_CHECKING:
    import pandas as pd

    from voc_pipeline.analysis.disclosure import ChosenQuotes

K = 3
GOOD = "Well, the rep never called us back."
SPEECH = (
    "well the rep never called us back and a note about our lab came because people said no when order forms got lost "
    "don't it's site manager may initech two twice monday once we had or half of it west for at is"
)


def participants(size: int = 6, **columns: str) -> pd.DataFrame:
    return PARTICIPANTS.frame({"participant_id": f"P-{n}", "role": "Site manager"} | columns for n in range(size))


def turns(size: int = 6, text: str = SPEECH) -> pd.DataFrame:
    empty: dict[str, Any] = {column.name: "" for column in TURNS.columns}
    numbers = {"turn": 1, "start_seconds": None, "record_start": 0, "role_in_call": "participant"}
    return TURNS.frame(empty | numbers | {"participant_id": f"P-{n}", "text": text} for n in range(size))


@pytest.fixture(scope="module")
def screen() -> Screen:
    return Screen(participants(region="West"), turns())


@pytest.mark.parametrize(
    "text",
    [GOOD, "I don’t order forms. A rep came.", "Our lab lost it; we said no!", "I'm lost. I've had it."],  # noqa: RUF001 (a typographic apostrophe is meant)
)
def test_plain_words_go_out(screen: Screen, text: str) -> None:
    assert screen.objection(text, "P-0") == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Well, [PERSON_7F3A9C] never called us back.", "it has a placeholder"),
        ("Well, the rep called 3 people.", "it has a number"),
        ("Well, it is half of ½.", "it has a number"),
        ("Well, the order is € for us.", "it has a number"),
        ("Well, the rep called two people.", "it has a number or a date in words"),
        ("Monday the rep never called.", "it has a number or a date in words"),
        ("Well, a note came at rep@lab.", "it has an address"),
        ("Well, the rep said “no”.", "it has words in quotation marks"),
        ("Well, the rep said 'no' and called.", "it has words in quotation marks"),
        ('Well, the rep said "no".', "it has words in quotation marks"),
        ("Well, the Rep never called us back.", "a word has a capital: it may be a name"),
        ("Well, the rep never called us BACK.", "a word has a capital: it may be a name"),
        ("LOST forms came back.", "a word has a capital: it may be a name"),
        ("Well, our lab said no iPhone.", "a word has a capital: it may be a name"),
        ("Zeiss never called us back.", "it has a word that fewer than 3 participants use"),
        ("Well, the rep is flabbergasting.", "it has a word that fewer than 3 participants use"),
        ("Well, the site manager never called.", "it names an attribute of its speaker"),
        ("Well, people out west. At west, forms got lost.", "it names an attribute of its speaker"),
        ("well " * 61, "it has more than 60 words"),
        ("Not once.", "it has fewer than 4 words"),
    ],
)
def test_what_may_betray_its_speaker_does_not(screen: Screen, text: str, reason: str) -> None:
    assert screen.objection(text, "P-0") == reason


def test_a_word_counts_by_those_who_use_it_in_small_letters() -> None:
    two = turns(6)
    two.loc[2:, "text"] = SPEECH.replace("never", "Never")
    assert Screen(participants(), two).objection(GOOD, "P-0") == "it has a word that fewer than 3 participants use"
    asked = turns(6)
    asked.loc[2:, "role_in_call"] = "interviewer"
    assert Screen(participants(), asked).objection(GOOD, "P-0") == "it has a word that fewer than 3 participants use"


def test_an_id_in_a_quote_keeps_it_in() -> None:
    frame = participants()
    frame.loc[5, "participant_id"] = "rep"
    assert Screen(frame, turns()).objection(GOOD, "P-0") == "it names a participant"


@pytest.mark.parametrize(("cell", "reason"), [("yes", ""), ("TRUE", ""), ("no", "x"), ("", "x"), ("internal use", "x")])
def test_who_did_not_say_yes_is_not_quoted(cell: str, reason: str) -> None:
    found = Screen(participants(consent_quotes=cell), turns()).objection(GOOD, "P-0")
    assert found == ("its speaker's consent field does not say yes" if reason else "")


@pytest.mark.parametrize("name", ["quote_consent", "gdpr_consent", "informed_consent", "Quote-Consent given"])
def test_a_field_is_of_consent_wherever_its_name_says_so(name: str) -> None:
    found = Screen(participants(6, **{name: "no"}), turns()).objection(GOOD, "P-0")
    assert found == "its speaker's consent field does not say yes"


def mention(theme: str, who: str, turn: int, quote: str, **more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {column.name: "" for column in MENTIONS.columns}
    numbers = {"start": 0, "end": 0, "score": 0.9, "sentiment_score": 0.0, "prompted": False, "status": "machine"}
    place = {"mention_id": f"{theme}-{who}-{turn}", "transcript_id": f"tr-{who}", "turn": turn}
    return empty | numbers | place | {"theme_id": theme, "participant_id": who, "quote": quote} | more


WORDS = SPEECH.split()[:20]


def study() -> list[dict[str, Any]]:
    """Make mentions of twelve people, P-0 to P-5 of one role, of three themes.

    Of A its row can be told (3 and 3 speak), of B its total only (5 and 1), of C nothing (1).
    """
    heard = {"A": (0, 1, 2, 6, 7, 8), "B": (0, 1, 2, 3, 4, 6), "C": (0,)}
    return [
        mention(theme, f"P-{who}", turn, f"Well, {theme.lower()} {WORDS[who]} {WORDS[turn]}.", score=0.5 + who / 100)
        for turn, (theme, speakers) in enumerate(heard.items(), start=1)
        for who in speakers
    ]


def chosen(
    rows: list[dict[str, Any]], per_theme: int = 4, per_participant: int = 2
) -> tuple[ChosenQuotes, dict[str, tuple[str, ...]]]:
    people = participants(12)
    people["role"] = ["a"] * 6 + ["b"] * 6
    people["participant_id"] = [f"P-{number}" for number in range(12)]
    compared = compared_segments(people, ["role"], K)
    frame = MENTIONS.frame(rows)
    shares = suppress(frame, compared, [(theme, theme) for theme in "ABC"], k=K).shares
    screen = Screen(people.drop(columns="role"), turns(12, f"{SPEECH} a b c"))
    made = choose_quotes(frame, shares, compared, screen, budget=Budget(per_theme, per_participant), k=K)
    log = made.log.to_dict("records")
    return made, {str(row["id"]): (row["decision"], row["segment_value"], row["reason"]) for row in log}


def test_quotes_stand_for_told_themes_only_and_never_more_than_k() -> None:
    made, _ = chosen(study())
    assert Counter(made.quotes["theme_id"]) == {"A": 3, "B": 3}
    assert set(chosen(study(), per_theme=1)[0].quotes["theme_id"]) == {"A", "B"}
    assert len(chosen(study(), per_theme=0)[0].quotes) == 0


def test_a_quote_names_the_group_only_if_the_row_is_told_and_all_quotes_of_its_speaker_do() -> None:
    made, log = chosen(study())
    assert list(made.quotes.columns) == ["theme_id", "segment_attribute", "segment_value", "quote"]
    labels: dict[str, set[str]] = {}
    for name, (decision, value, _) in log.items():
        if decision == "shown":
            labels.setdefault(name[2:5], set()).add(value)
            assert name.startswith("A") or value == ""
    assert all(len(values) == 1 for values in labels.values())
    assert {"b"} in labels.values()
    quoted_on_both = {name[2:5] for name in log if log[name][0] == "shown" and name.startswith("B")}
    assert all(labels[who] == {""} for who in quoted_on_both)


def test_the_budget_of_a_participant_is_kept_and_no_turn_or_wording_is_used_twice() -> None:
    _, log = chosen(study(), per_participant=1)
    assert max(Counter(name[2:5] for name, row in log.items() if row[0] == "shown").values()) == 1
    assert "its speaker's quotes are used up" in {row[2] for row in log.values()}
    rows = [row | {"turn": 1} for row in study()]
    assert "its turn is quoted already" in {row[2] for row in chosen(rows)[1].values()}
    rows = [row | {"quote": GOOD} for row in study()]
    made, log = chosen(rows)
    assert list(made.quotes["quote"]) == [GOOD]
    assert "its words are quoted already" in {row[2] for row in log.values()}
    twice = [*study(), *(mention("A", f"P-{who}", 9, f"Well, it is {WORDS[who]}.") for who in (0, 1, 2, 6, 7, 8))]
    made, log = chosen(twice)
    speakers = [name[2:5] for name, row in log.items() if row[0] == "shown" and name.startswith("A")]
    assert len(set(speakers)) == len(speakers)
    assert "its speaker is quoted on the theme already" in {row[2] for row in log.values()}


def test_both_sides_of_sentiment_are_quoted() -> None:
    rows = [row | {"sentiment": "positive" if row["participant_id"] == "P-0" else "negative"} for row in study()]
    _, log = chosen(rows, per_theme=2)
    assert log["A-P-0-1"][0] == "shown"


def test_every_mention_has_one_decision_and_its_reason() -> None:
    rows = [
        *study(),
        mention("A", "P-3", 7, "It was 40.", status="confirmed"),
        mention("A", "P-4", 7, "x", status="rejected"),
    ]
    made, log = chosen(rows)
    assert list(made.log.columns) == list(DISCLOSURE_LOG.names)
    assert set(log) == {row["mention_id"] for row in rows if row["status"] != "rejected"}
    assert all(reason for _, _, reason in log.values())
    assert log["C-P-0-3"] == ("left out", "", "the theme's count is not shown")
    assert sum(row[0] == "shown" for row in log.values()) == len(made.quotes)


def test_the_order_of_rows_changes_nothing_and_quotes_stand_by_the_alphabet() -> None:
    made, _ = chosen(study())
    again, _ = chosen(study()[::-1])
    assert made.quotes.equals(again.quotes)
    for _, group in made.quotes.groupby("theme_id"):
        assert list(group["quote"]) == sorted(group["quote"])
