from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.coding.made_up import WordEncoder, unit
from voc_pipeline.coding.speeches import (
    RememberingEncoder,
    one_sentence,
    question_speech,
    sentences_of,
    sigmoid,
    speech_of,
    trimmed,
    written,
)
from voc_pipeline.speech import Speech
from voc_pipeline.speech import plain as read

PIECES = st.sampled_from(["[PERSON_00AAFF]", "[LOCATION_123456]", "[OTHER_ABCDEF]", "[X]", "a", "Alex", " ", "é", "!"])


def test_placeholders_are_read_as_plain_words_whatever_the_studys_key() -> None:
    assert read("[PERSON_00AAFF] of [LOCATION_123456], [DATE_0A0A0A]") == "Alex of our town, that day"
    assert read("[EMAIL_00AAFF] [PHONE_00AAFF] [OTHER_123456] [note_1] [X]") == "an address a number that [note_1] [X]"


@given(st.lists(PIECES))
def test_every_place_of_the_plain_form_is_found_in_the_text(pieces: list[str]) -> None:
    text, position, at = "".join(pieces), 0, 0
    for piece in pieces:
        if not piece.startswith("[") or read(piece) == piece:
            assert written(text, at, at + len(piece)) == (position, position + len(piece))
        else:
            for start in range(len(read(piece))):
                assert written(text, at + start, at + start + 1) == (position, position + len(piece))
        position, at = position + len(piece), at + len(read(piece))
    assert at == len(read(text))


def test_a_speech_holds_all_sentences_each_in_its_span_and_fillers_too() -> None:
    turn = unit(["Well. ", "  [PERSON_00AAFF] left.\n"], ["Mm-hm. "], ["   "], question="Did [PERSON_FFFFFF] stay?",
                fillers=[1])  # fmt: skip
    sentences = sentences_of(turn)
    assert [turn.text[slice(*one.span)] for one in sentences] == ["Well.", "[PERSON_00AAFF] left.", "Mm-hm."]
    assert [one.codable for one in sentences] == [True, True, False]
    speech = speech_of(turn, sentences)
    assert [speech.text[slice(*span)] for span in speech.sentences] == ["Well.", "Alex left.", "Mm-hm."]
    assert speech.text == "Well. Alex left. Mm-hm."
    assert speech.question == "Did Alex stay?"


def test_an_empty_turn_has_no_sentences() -> None:
    assert sentences_of(unit()) == ()
    assert speech_of(unit(), ()) == Speech("", ())


def test_a_question_is_a_speech_of_one_sentence() -> None:
    assert question_speech("Who is [PERSON_00AAFF]?") == Speech("Who is Alex?", ((0, 12),))


def test_of_a_long_question_the_end_is_read_and_of_any_other_text_all() -> None:
    asked = "So we talked of many things. " * 40 + "What did it cost?"
    assert question_speech(asked).text.endswith("things. What did it cost?")
    assert len(question_speech(asked).text.split()) == 160
    assert one_sentence(asked).text == asked


@given(st.text(alphabet=" \n\tab"), st.text(alphabet=" ab"), st.text(alphabet=" b"))
def test_a_trimmed_span_shows_the_stripped_text(before: str, inside: str, after: str) -> None:
    text = before + inside + after
    start, end = trimmed(text, len(before), len(before) + len(inside))
    assert text[start:end] == inside.strip()


def test_a_speech_is_encoded_once_until_it_is_forgotten() -> None:
    inner = WordEncoder(("yes",))
    encoder = RememberingEncoder(inner)
    yes, no = question_speech("Yes"), question_speech("No")
    assert [one.tolist() for one in encoder.encode([yes, no, yes])] == [[[1]], [[0]], [[1]]]
    encoder.encode([no])
    assert [len(call) for call in inner.calls] == [2, 0]
    encoder.forget()
    encoder.encode([no])
    assert [len(call) for call in inner.calls] == [2, 0, 1]
    assert encoder.words(yes, 0)[0] == [(0, 3)]
    assert (encoder.key, encoder.dimension) == (inner.key, 1)


def test_what_is_read_for_other_themes_is_remembered_and_forgotten_too() -> None:
    inner = WordEncoder(("yes",))
    encoder = RememberingEncoder(inner)
    encoder.forget()  # before anything is read for other themes
    for _ in range(2):
        [rows] = encoder.broad.encode([question_speech("Yes")])
        assert rows.tolist() == [[1]]
    assert [len(call) for call in inner.calls] == [1, 0]
    encoder.forget()
    encoder.broad.encode([question_speech("Yes")])
    assert [len(call) for call in inner.calls] == [1, 0, 1]


def test_probabilities_never_overflow() -> None:
    found = sigmoid(np.array([-np.inf, -1e6, 0.0, 1e6], dtype=np.float32))
    assert found.tolist() == pytest.approx([0, 0, 0.5, 1])
