from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.coding.made_up import WordEncoder, codebook, unit
from voc_pipeline.coding import themes
from voc_pipeline.coding.heads import LinearHead, ThemeHeads
from voc_pipeline.coding.themes import HeadThemeCoder, evidence
from voc_pipeline.protocols import ExplainingCoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import CodingUnit, ThemeHit

WORDS = ("price", "silence", "alex")
THEMES = ("price_value", "post_sale_abandonment")


def heads() -> ThemeHeads:
    """Score 10 x the share of a theme's own word - 4: 0.5 at a share of 0.4."""
    return ThemeHeads(
        version="1",
        themes=THEMES,
        head=LinearHead(np.eye(3, 2, dtype=np.float32) * 5, np.full(2, -2, dtype=np.float32)),
        slope=2.0,
        intercept=0.0,
        thresholds=np.array([0.6, 0.6], dtype=np.float32),
        floors=np.array([0.2, 0.2], dtype=np.float32),
        cues={"price_value": ("cost",), "post_sale_abandonment": ()},
        exemplars=np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0]], dtype=np.float32),
        exemplar_names=np.array([[4, 17], [9, 102], [1, 1]], dtype=np.int16),
        exemplar_themes=np.array([0, 0, 1], dtype=np.uint8),
        background=np.zeros((0, 5), dtype=np.float32),
    )


@pytest.fixture
def coder(monkeypatch: pytest.MonkeyPatch) -> HeadThemeCoder:
    monkeypatch.setattr(themes, "load_theme_heads", lambda _: heads())
    return HeadThemeCoder(WordEncoder(WORDS), codebook(*THEMES))


def quotes(spoken: CodingUnit, hits: Sequence[ThemeHit]) -> dict[str, str]:
    return {hit.theme_id: spoken.text[hit.start : hit.end] for hit in hits}


def test_the_evidence_is_whole_sentences_of_the_text_of_record(coder: HeadThemeCoder) -> None:
    spoken = unit(["Nothing there. ", " The [PERSON_00AAFF] price,  price price price! ", "Nothing."],
                  ["Silence. ", "Silence! "])  # fmt: skip
    hits = coder.code([spoken])
    assert quotes(spoken, hits) == {
        "post_sale_abandonment": "Silence. Silence!",
        "price_value": "The [PERSON_00AAFF] price,  price price price!",
    }
    assert [hit.theme_id for hit in hits] == ["post_sale_abandonment", "price_value"]


def test_at_most_one_hit_a_theme_and_turn_from_the_best_sentence(coder: HeadThemeCoder) -> None:
    spoken = unit(["A price, silence. "], ["Nothing, nothing. "], ["Price! "])
    [price] = [hit for hit in coder.code([spoken]) if hit.theme_id == "price_value"]
    assert spoken.text[price.start : price.end] == "Price!"


def test_between_floor_and_threshold_a_hit_waits_for_review(coder: HeadThemeCoder) -> None:
    sure = coder.code([unit(["Price. "])])
    unsure = coder.code([unit(["Price and nothing. "])])
    none = coder.code([unit(["Price and" + " nothing" * 5])])
    assert [hit.accepted for hit in sure] == [True]
    assert [hit.accepted for hit in unsure] == [False]
    assert 0.2 <= unsure[0].score < 0.6
    assert none == []


def test_the_reason_gives_score_threshold_and_nearest_statements_but_no_text(coder: HeadThemeCoder) -> None:
    [hit] = coder.code([unit(["Price. "])])
    assert hit.why == "1.00 against 0.60 needed; closest training statements: p4-17, p9-102"


def test_fillers_are_context_but_never_coded_nor_evidence(coder: HeadThemeCoder) -> None:
    assert coder.code([unit(["Price. "], fillers=[0])]) == []
    spoken = unit(["Price. "], ["Price. "], ["Price. "], fillers=[0, 2])
    assert quotes(spoken, coder.code([spoken])) == {"price_value": "Price."}
    assert coder.code([spoken])[0].start == 7
    assert [len(speech.sentences) for speech in coder._encoder.calls[-2]] == [3]  # type: ignore[attr-defined]  # noqa: SLF001 (what was read)


def test_empty_turns_have_no_hits(coder: HeadThemeCoder) -> None:
    assert coder.code([unit(), unit(["  \n "], turn=4)]) == []
    assert coder.code([]) == []


def test_a_question_prompts_a_theme_by_its_words_or_by_its_meaning(coder: HeadThemeCoder) -> None:
    asked = {
        question: [hit.prompted for hit in coder.code([unit(["Price. ", "Silence. "], question=question)])]
        for question in (None, "", "What happened?", "And what did it COST you?", "Price?", "Accosted?")
    }
    assert list(asked.values()) == [[False, False]] * 3 + [[False, True]] * 2 + [[False, False]]


def test_a_turn_is_coded_alike_whatever_else_is_in_the_call(coder: HeadThemeCoder) -> None:
    turns = [unit(["Price. ", "Silence. "], turn=number, question="Nothing?") for number in (8, 2, 4)]
    together = coder.code(turns)
    assert together == [hit for turn in sorted(turns, key=lambda turn: turn.turn) for hit in coder.code([turn])]


def test_themes_of_another_codebook_are_named_not_coded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(themes, "load_theme_heads", lambda _: heads())
    own = HeadThemeCoder(WordEncoder(WORDS), codebook("parking", "price_value"))
    assert own.uncovered == ("parking",)
    assert [hit.theme_id for hit in own.code([unit(["Price. "], ["Silence. "])])] == ["price_value"]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([3.0, 1.0, 1.0], (0, 0)),
        ([1.0, 3.0, 2.8], (1, 2)),
        ([2.8, 3.0, 2.9], (1, 2)),
        ([3.0, 1.0, 2.9], (0, 0)),
        ([1.0, 1.0, 3.0], (2, 2)),
        ([-math.inf, 1.0, -math.inf], (1, 1)),
        ([-1.0], (0, 0)),
    ],
)
def test_evidence_is_the_best_sentence_and_a_neighbour_that_is_nearly_as_good(
    scores: list[float], expected: tuple[int, int]
) -> None:
    assert evidence(np.array(scores, dtype=np.float32)) == expected


def test_the_version_is_that_of_the_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(themes, "load_theme_heads", lambda _: replace(heads(), version="abc"))
    assert HeadThemeCoder(WordEncoder(WORDS), codebook()).version == "abc"


def test_reasons_are_the_words_that_make_the_score_exactly(coder: HeadThemeCoder) -> None:
    assert isinstance(coder, ExplainingCoder)
    spoken = unit(["Well. ", "The price of [LOCATION_00AAFF], silence. "])
    found = coder.reasons(spoken, "price_value", start=6, end=20)
    assert found is not None
    assert spoken.text[found.start : found.end] == "The price of [LOCATION_00AAFF], silence."
    words = [(spoken.text[word.start : word.end], word.weight) for word in found.words]
    assert words == [("The", 0), ("price", pytest.approx(10 / 6)), ("of", 0), ("[LOCATION_00AAFF]", 0), ("silence", 0)]
    assert found.base == -4
    log_odds = found.base + sum(word.weight for word in found.words)
    assert found.own.score == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=1e-4)
    assert found.own.threshold == pytest.approx(0.6)
    assert [other.theme_id for other in found.others] == ["post_sale_abandonment"]
    assert found.nearest == ("p4-17", "p9-102")


def test_there_are_no_reasons_for_what_is_never_coded(coder: HeadThemeCoder) -> None:
    assert coder.reasons(unit(["Price. "]), "parking", start=0, end=6) is None
    assert coder.reasons(unit(["Price. "], fillers=[0]), "price_value", start=0, end=6) is None
    assert coder.reasons(unit(), "price_value", start=0, end=6) is None
