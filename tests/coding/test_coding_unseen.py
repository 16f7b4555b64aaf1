from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voc_pipeline.coding.unseen import _PSEUDO_STATEMENTS, UnseenThemeCoder, description, fit_heads
from voc_pipeline.ids import ParticipantId, ThemeId, TranscriptId, passage_id
from voc_pipeline.records import CodingUnit, ExampleKind, Passage, Theme, ThemeExample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.protocols import FloatMatrix
    from voc_pipeline.speech import Speech

WORDS = ("parking", "food", "nurse", "bill", "music", "rain", "stairs", "phone", "said")
TRANSCRIPT = TranscriptId("tr_1")


class WordEncoder:
    """Counts words in a sentence: vectors that a test can foresee."""

    key = "words"
    dimension = len(WORDS)

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        self.calls += 1
        return [
            np.array(
                [[0.1 + speech.text[a:b].lower().count(word) for word in WORDS] for a, b in speech.sentences],
                dtype=np.float32,
            )
            for speech in speeches
        ]


def theme(word: str, *examples: ThemeExample) -> Theme:
    return Theme(ThemeId(word), word.title(), "", f"All about {word}.", (), (), examples)


def example(text: str, *, code: bool = True) -> ThemeExample:
    return ThemeExample(text, code=code, kind=ExampleKind.TYPICAL if code else ExampleKind.CLOSE_BUT_NO)


def themes() -> list[Theme]:
    return [
        theme(word, example(f"He said {word}, {word}."), example(f"The {word} there."), example(f"{word}!"))
        for word in WORDS[:4]
    ]


def background() -> FloatMatrix:
    among = np.random.default_rng(1).random((25, len(WORDS)), dtype=np.float32)  # no two statements are quite alike
    rows: FloatMatrix = np.eye(len(WORDS), dtype=np.float32)[4:].repeat(5, axis=0) + np.float32(0.5) * among
    return rows


def unit(*sentences: str, turn: int = 2, question: str | None = None, codable: bool = True) -> CodingUnit:
    spans, position = [], 0
    for sentence in sentences:
        spans.append((position, position + len(sentence)))
        position += len(sentence)
    passage = Passage(
        passage_id(TRANSCRIPT, turn, 0, position), TRANSCRIPT, turn, 0, position, tuple(spans), codable=codable
    )
    return CodingUnit(TRANSCRIPT, turn, ParticipantId("P"), "".join(sentences), (passage,), question)


def coder(*own: Theme) -> UnseenThemeCoder:
    return UnseenThemeCoder(WordEncoder(), own or themes(), background())


def accepted(made: UnseenThemeCoder, *sentences: str) -> dict[str, str]:
    spoken = unit(*sentences)
    return {hit.theme_id: spoken.text[hit.start : hit.end] for hit in made.code([spoken]) if hit.accepted}


def test_a_theme_is_coded_from_its_words_and_examples_in_the_sentence_that_carries_it() -> None:
    assert accepted(coder(), "It rained, rain. ", "The parking was full. ", "Music. ") == {
        "parking": "The parking was full."
    }
    assert accepted(coder(), "Music, rain and stairs. ") == {}


def test_an_answer_counts_as_a_whole_where_each_sentence_says_little() -> None:
    def score(*sentences: str) -> float:
        hits = coder().code([unit(*sentences)])
        return max((hit.score for hit in hits if hit.theme_id == "food"), default=0.0)

    parts = [f"Food {6 * word}. " for word in ("rain ", "stairs ", "phone ")]
    assert score(*parts) > max(score(part) for part in parts)
    [hit] = [hit for hit in coder().code([unit(*parts)]) if hit.theme_id == "food"]
    assert "for the answer as a whole" in hit.why
    [alone] = [hit for hit in coder().code([unit(parts[0])]) if hit.theme_id == "food"]
    assert "whole" not in alone.why


def test_a_definition_alone_is_enough_and_so_is_a_single_theme() -> None:
    bare = [theme(word) for word in WORDS[:4]]
    assert accepted(coder(*bare), "The food, the food. ") == {"food": "The food, the food."}
    assert accepted(coder(bare[1]), "The food, the food. ") == {"food": "The food, the food."}
    assert accepted(coder(bare[1]), "Rain on the stairs. ") == {}


def test_an_example_that_only_seems_to_carry_a_theme_counts_against_it() -> None:
    plain = [theme("food", example("The food and the bill.")), *themes()[2:]]
    warned = [theme("food", example("The food and the bill."), example("The bill.", code=False)), *themes()[2:]]
    bill = unit("The bill. ")
    scores = [
        {hit.theme_id: hit.score for hit in coder(*own).code([bill])}.get(ThemeId("food"), 0.0)
        for own in (plain, warned)
    ]
    assert 0 < scores[1] < scores[0]


def test_the_reason_names_the_closest_example_and_the_engine_but_no_text() -> None:
    [hit] = [hit for hit in coder().code([unit("Parking! ")]) if hit.theme_id == "parking"]
    assert "closest of the codebook's examples: number 2" in hit.why
    assert (hit.coder, hit.coder_version) == ("unseen", "5")
    [hit] = coder(theme("food")).code([unit("Food. ")])
    assert hit.why.endswith("coded from the definition, the codebook has no examples")


def test_hits_do_not_depend_on_what_else_is_in_the_call() -> None:
    units = [unit("Parking. ", "Food. ", turn=number, question="And the food?") for number in (6, 2, 4)]
    together = coder().code(units)
    assert together == [hit for one in sorted(units, key=lambda one: one.turn) for hit in coder().code([one])]
    assert {str(hit.theme_id): hit.prompted for hit in together}["food"]
    assert not {str(hit.theme_id): hit.prompted for hit in together}["parking"]


@pytest.mark.parametrize(("question", "prompted"), [("Did the phone wait?", False), ("And AI, was it there?", True)])
def test_a_question_raises_a_theme_by_its_name_but_not_by_parts_of_words(question: str, prompted: bool) -> None:  # noqa: FBT001 (a table)
    ai = replace(theme("food", example("He said food, food.")), name="AI")
    [hit] = coder(ai).code([unit("Food. ", question=question)])
    assert hit.prompted is prompted


def test_nothing_is_encoded_before_it_must_be() -> None:
    encoder = WordEncoder()
    made = UnseenThemeCoder(encoder, themes(), background())
    assert made.uncovered == ()
    assert made.code([]) == []
    assert made.code([unit("Parking. ", codable=False)]) == []
    assert UnseenThemeCoder(encoder, [], background()).code([unit("Parking. ")]) == []
    assert encoder.calls == 0


def test_what_excludes_a_theme_is_no_part_of_its_description() -> None:
    own = Theme(ThemeId("a"), "Food", "", "What one eats", ("meals",), ("drinks",))
    assert description(own) == "Food: What one eats. meals"
    assert description(Theme(ThemeId("a"), "Food", "", "Food")) == "Food"


def test_equal_vectors_everywhere_give_finite_scores() -> None:
    same = np.ones((3, 4), dtype=np.float32)
    heads = fit_heads(same, [same[:1]] * 3, [same[:0]] * 3, same)
    assert np.isfinite(heads(same)).all()


def test_what_people_say_anyway_does_not_count_however_many_examples_a_codebook_has() -> None:
    many = [
        theme(word, *(example(f"The {word} {other}.") for other in ("here", "there", "then", "again", "said", "was")))
        for word in WORDS[:4]
    ]
    assert sum(len(one.examples) for one in many) == 2 * _PSEUDO_STATEMENTS
    assert accepted(coder(*many), "The parking was full. ") == {"parking": "The parking was full."}
    assert accepted(coder(*many), "He said music, said rain. ") == {}


@pytest.mark.parametrize("count", [1, 2 * _PSEUDO_STATEMENTS])
def test_a_single_theme_needs_no_others_however_many_examples_it_has(count: int) -> None:
    food = theme("food", *(example(f"The food, said {number}.") for number in range(count)))
    assert accepted(coder(food), "The food was food. ") == {"food": "The food was food."}
    assert accepted(coder(food), "Rain on the stairs. ") == {}
    assert accepted(coder(food, theme("bill")), "Rain. ", "The bill, the bill. ") == {"bill": "The bill, the bill."}
