from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.coding.scores import spoken_scores
from voc_pipeline.ids import ParticipantId, TranscriptId
from voc_pipeline.records import CodingUnit

ASKED = "On a scale of zero to ten, how likely are you to recommend them?"


def unit(text: str, question: str | None = ASKED) -> CodingUnit:
    return CodingUnit(TranscriptId("tr_1"), 4, ParticipantId("P-1"), text, (), question)


@pytest.mark.parametrize(
    ("text", "value", "quote"),
    [
        ("I'd give them a six.", 6, "six"),
        ("Maybe a 7 out of 10, on a good day.", 7, "7 out of 10"),
        ("An eight. They earned it in March.", 8, "eight"),
        ("Um, ten.", 10, "ten"),
        ("8.", 8, "8"),
        ("Zero, and you can print that.", 0, "Zero"),
        ("A six or a seven, depending on the week.", 6.5, "six or a seven"),
        ("7.5, if you let me.", 7.5, "7.5"),
        ("Last year it would have been a nine, today it's a four.", 4, "four"),
        ("In 2019 we had 3 sites and 40 people. I'd say five.", 5, "five"),
        ("Call it a one.", 1, "one"),
        ("I'd put down 9/10.", 9, "9/10"),
        ("I'd say it's closer to seven.", 7, "seven"),
        ("A six to seven.", 6.5, "six to seven"),
        ("I'd give them a six, compared to five last year.", 6, "six"),
        ("uh i'd give them a six like it'd be an eight for what it sees", 6, "six"),
    ],
)
def test_a_score_is_read_when_it_was_asked_for(text: str, value: float, quote: str) -> None:
    [score] = spoken_scores([unit(text)])
    assert (score.score, score.quote) == (value, quote)
    assert text[score.start : score.end] == quote
    assert (score.turn, score.participant_id) == (4, "P-1")


@pytest.mark.parametrize(
    "text",
    [
        "We have eight people and three freezers.",
        "We signed in 2017.",
        "About 10% of the plates.",
        "I start at nine, and leave by six.",
        "It was $5 a plate.",
        "On their survey I ticked four out of five.",
        "That's one, I suppose, but no one asks.",
        "On a scale of zero to ten? Ask me on Friday.",
        "The call came at 7:30.",
        "It took 3,000 tests.",
    ],
)
def test_other_numbers_are_no_scores(text: str) -> None:
    assert spoken_scores([unit(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("On a scale of one to five, how would you rate the support team?", "Four, because they answer quickly."),
        ("On a scale of 1-5, how likely are you to recommend them?", "A four."),
        ("How would you rate the training?", "Nine."),
        ("How would you rate the vendor's training?", "Nine."),
        ("On a scale of zero to ten, how satisfied are you with the portal?", "Eight. An eight out of ten, say."),
        ("How many stars would you give them as a score?", "Four stars."),
        ("How would you rate them?", "From one to five, a four."),
    ],
)
def test_ratings_on_other_scales_or_of_other_things_are_no_scores(question: str, text: str) -> None:
    assert spoken_scores([unit(text, question)]) == []


@pytest.mark.parametrize(
    "question",
    [
        "How would you rate them?",
        "And out of ten, how would you score the vendor?",
        "Zero to ten, how are they doing?",
        "How do you rate the infusion chairs' manufacturer, from zero to ten?",
        "How do you rate the company, on a scale of one to ten?",
        "How satisfied are you, and how likely are you to recommend them?",
    ],
)
def test_a_score_of_the_vendor_counts_however_it_is_asked_for(question: str) -> None:
    [score] = spoken_scores([unit("An eight, I think.", question)])
    assert score.score == 8


def test_without_a_question_the_sentence_must_speak_of_it() -> None:
    assert spoken_scores([unit("Maybe a six.", question="How many freezers do you have?")]) == []
    assert spoken_scores([unit("Maybe a six.", question=None)]) == []
    [score] = spoken_scores([unit("Would I recommend them, I'd say a six.", question=None)])
    assert score.score == 6
    [score] = spoken_scores([unit("Out of ten? Three. Two for the trainers and one for Rotterdam.", question=None)])
    assert (score.score, score.quote) == (3, "Three")


@given(st.text(), st.none() | st.text())
def test_every_span_shows_its_quote(text: str, question: str | None) -> None:
    for score in spoken_scores([unit(text, question), unit("10/10 " + text, ASKED)]):
        assert score.quote
        assert 0 <= score.score <= 10
