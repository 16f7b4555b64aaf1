from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.said import rows_of, seeds
from voc_pipeline.analysis.questions import FARTHEST, label, question_sentence, questions, texts_to_encode
from voc_pipeline.tables import QUESTIONS, TURNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

I, P, O = "interviewer", "participant", "observer"  # noqa: E741 (they read as the speakers of a transcript)
KINDS = ("support", "price", "weather", "score")


def _turns(**transcripts: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Make transcripts of (role, text); a role may name its participant: ``participant p2``."""
    return TURNS.frame(
        {
            "transcript_id": name, "source_file": f"{name}.txt", "turn": number, "speaker": "S",
            "role_in_call": role.split()[0], "start_seconds": None, "record_start": 0, "text": text,
            "participant_id": (role.split()[1:] or [f"p-{name}"])[0] if role.startswith(P) else "",
        }
        for name, turns in transcripts.items()
        for number, (role, text) in enumerate(turns, start=1)
    )  # fmt: skip


def _vector(text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Point into the direction of the words of a kind that a text holds."""
    vector = np.asarray([0.05, *(text.lower().count(kind) for kind in KINDS)], dtype=np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _table(turns: pd.DataFrame, **options: Sequence[str]) -> pd.DataFrame:
    vectors: Mapping[str, Any] = {text: _vector(text) for text in texts_to_encode(turns, **options)}
    return questions(turns, vectors, **options)


def test_turns_that_ask_the_same_are_one_question() -> None:
    turns = _turns(
        a=[(I, "Thank you. How was the support?"), (P, "Slow."), (I, "And what of the price?"), (P, "High.")],
        b=[(I, "Tell me about the price."), (P, "Fair."), (I, "Did the support team help you?"), (P, "Yes.")],
        c=[(I, "What about the support then?"), (P, "Fine."), (I, "Is the weather always like this?"), (P, "Ha.")],
    )
    rows = rows_of(_table(turns))
    assert [(row["question"], row["transcript_id"], row["turn"]) for row in rows] == [
        ("How was the support?", "a", 1), ("How was the support?", "b", 3), ("How was the support?", "c", 1),
        ("And what of the price?", "a", 3), ("And what of the price?", "b", 1),
    ]  # fmt: skip
    assert {row["source"] for row in rows} == {"similarity"}
    assert len({row["question_id"] for row in rows}) == 2
    assert all(row["question_id"].startswith("qu_") for row in rows)


def test_an_answer_lasts_until_the_next_turn_that_asks() -> None:
    turns = _turns(
        a=[
            (P, "Can you hear me?"), (I, "How was the support?"), (P, "Slow."), (I, "Right, and then?"), (P, "Slower."),
            (O, "May I say something on support here?"), (P, "And worse."), (I, "So, what of the weather?"), (P, "Ha."),
        ],
        b=[(I, "How was the support?"), (I, "I mean the support on the phone?"), (P, "Good.")],
    )  # fmt: skip
    rows = rows_of(_table(turns))
    assert [(row["transcript_id"], row["turn"], row["first_answer"], row["last_answer"]) for row in rows] == [
        ("a", 2, 3, 7), ("b", 2, 3, 3),
    ]  # fmt: skip
    assert rows[0]["participant_id"] == "p-a"


def test_each_participant_of_a_group_answers_for_themselves() -> None:
    talk = [(I, "How was the support?"), (f"{P} p2", "Slow."), (f"{P} p1", "No."), (f"{P} p2", "Yes it was.")]
    rows = rows_of(_table(_turns(a=talk, b=[(I, "How is the support?"), (P, "Good.")])))
    assert [(row["participant_id"], row["first_answer"], row["last_answer"]) for row in rows] == [
        ("p1", 3, 3), ("p2", 2, 4), ("p-b", 2, 2),
    ]  # fmt: skip


def test_two_turns_of_one_interview_are_two_questions_unless_nearly_identical() -> None:
    other = [(I, "How was the support?"), (P, "Good.")]
    near = [(I, "How was the support?"), (P, "Slow."), (I, "Sorry, how was the support?"), (P, "I said slow.")]
    assert len(_table(_turns(a=near, b=other))) == 3
    apart = [(I, "How was the support?"), (P, "Slow."), (I, "Support, price, support, support?"), (P, "Hm.")]
    table = _table(_turns(a=apart, b=other))
    assert table["turn"].tolist() == [1, 1]


def test_a_question_must_be_heard_in_two_interviews_and_of_many_in_three() -> None:
    heard = [(I, "How was the support?"), (P, "Good.")]
    unheard = [(I, "Is the weather always like this?"), (P, "Yes.")]
    assert _table(_turns(a=heard)).empty
    assert len(_table(_turns(a=heard, b=heard, c=[(P, "Hello, anybody there?")]))) == 2
    nine = {f"t{n}": heard if n < 2 else unheard for n in range(9)}
    assert set(_table(_turns(**nine))["question"]) == {"Is the weather always like this?"}


def test_a_name_that_most_interviews_ask_about_tells_no_questions_apart() -> None:
    turns = _turns(
        a=[(I, "How did you find Acme Labs?"), (P, "x")], b=[(I, "Is acme too dear for you?"), (P, "x")],
        c=[(I, "And how is BigScope doing?"), (P, "x")],
    )  # fmt: skip
    texts = texts_to_encode(turns, names=["Acme", "Acme Labs", "BigScope", ""])
    assert texts == ["And how is BigScope doing?", "How did you find them Labs?", "Is them too dear for you?"]


def test_no_interviewer_turns_give_an_empty_table() -> None:
    turns = _turns(a=[(P, "A diary entry without any question?")], b=[(I, "Mm-hm, right.")])
    assert texts_to_encode(turns, guide=["What of the price?"]) == []
    for table in (_table(turns), _table(turns, guide=["What of the price?"]), _table(_turns())):
        assert table.empty
        assert table.dtypes.astype(str).to_dict() == QUESTIONS.frame([]).dtypes.astype(str).to_dict()


def test_a_guide_names_the_questions() -> None:
    turns = _turns(
        a=[(I, "How was the support?"), (P, "x"), (I, "Is the weather always like this?"), (P, "x")],
        b=[(I, "What of the price, then?"), (P, "x"), (I, "And support, and support?"), (P, "x")],
    )
    rows = rows_of(_table(turns, guide=["What do you say to our price?", "Would you score us?", "Who gives support?"]))
    assert [(row["question"], row["transcript_id"], row["turn"], row["source"]) for row in rows] == [
        ("What do you say to our price?", "b", 1, "guide"), ("Who gives support?", "a", 1, "guide"),
        ("Who gives support?", "b", 3, "guide"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Thanks. How was it? Take your time.", "How was it?"),
        ("Tell me about  the lab.\nAll of it.", "Tell me about the lab. All of it."),
        ("You paid 3.5 million for it? Okay?", "You paid 3.5 million for it?"),
        ("Was it the price? Or was it the people?", "Or was it the people?"),
        ("Okay?", "Okay?"),
    ],
)
def test_the_sentence_that_asks(text: str, question: str) -> None:
    assert question_sentence(text) == question


def test_labels_are_cut_at_a_word() -> None:
    assert label("x" * 160) == "x" * 160
    assert label("x" * 161) == "x" * 159 + "\u2026"
    long = label("Would you say, " * 20)
    assert len(long) <= 160
    assert long.endswith("say, Would you\u2026")


_talk = st.lists(
    st.tuples(
        st.sampled_from([I, P, f"{P} p2", O]),
        st.sampled_from(["How was the support?", "What of the price there?", "Support, support and price?", "Mm-hm."]),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(talks=st.lists(_talk, max_size=10), seed=seeds)
def test_every_answer_follows_its_question_in_any_order(talks: list[list[tuple[str, str]]], seed: int) -> None:
    turns = _turns(**{f"t{n}": talk for n, talk in enumerate(talks)})
    table = _table(turns)
    pd.testing.assert_frame_equal(_table(turns.sample(frac=1, random_state=seed)), table, check_exact=True)
    assert (table["first_answer"] > table["turn"]).all()
    assert (table["last_answer"] >= table["first_answer"]).all()
    texts = {(row["transcript_id"], row["turn"]): row["text"] for row in rows_of(turns)}
    for _, group in table.groupby("question_id"):
        asked = {question_sentence(texts[row["transcript_id"], row["turn"]]) for row in rows_of(group)}
        vectors = np.stack([_vector(text) for text in sorted(asked)])
        assert (vectors @ vectors.T).min() >= 1 - FARTHEST - 1e-4
