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
