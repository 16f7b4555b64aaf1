from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voc_pipeline.coding import themes
from voc_pipeline.coding.heads import HiddenHead, LinearHead, ThemeHeads
from voc_pipeline.coding.themes import HeadThemeCoder, evidence
from voc_pipeline.ids import ParticipantId, ThemeId, TranscriptId, passage_id
from voc_pipeline.records import Codebook, CodingUnit, Passage, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.protocols import FloatMatrix
    from voc_pipeline.records import ThemeHit

WORDS = ("price", "silence", "nothing")
THEMES = ("price_value", "post_sale_abandonment")
TRANSCRIPT = TranscriptId("tr_1")


class WordEncoder:
    """Shares of three words in a text: vectors that a test can foresee."""

    key = "word-encoder"
    dimension = len(WORDS)

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        counts = np.array([[text.lower().count(word) for word in WORDS] for text in texts], dtype=np.float32)
        counts = counts.reshape(-1, len(WORDS))
        vectors: FloatMatrix = counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-6)
        return vectors


def heads() -> ThemeHeads:
    """Score 10 x the share of a theme's own word - 4: 0.5 at a share of 0.4."""
    identity = LinearHead(np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32))
    output = LinearHead(np.eye(3, 2, dtype=np.float32) * 10, np.full(2, -4, dtype=np.float32))
    return ThemeHeads(
        version="1",
        themes=THEMES,
        head=HiddenHead(identity, output),
        slope=1.0,
        intercept=0.0,
        thresholds=np.array([0.6, 0.6], dtype=np.float32),
        floors=np.array([0.2, 0.2], dtype=np.float32),
        cues={"price_value": ("cost",), "post_sale_abandonment": ("after the sale",)},
        exemplars=np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0]], dtype=np.float32),
        exemplar_names=np.array([[4, 17], [9, 102], [1, 1]], dtype=np.int16),
        exemplar_themes=np.array([[1, 0], [1, 0], [0, 1]], dtype=np.uint8),
    )


def codebook(*ids: str) -> Codebook:
    listed = tuple(Theme(ThemeId(name), name, "", "a definition") for name in ids)
    return Codebook("test", 1, "0" * 64, {}, listed, {}, {})


@pytest.fixture
def coder(monkeypatch: pytest.MonkeyPatch) -> HeadThemeCoder:
    monkeypatch.setattr(themes, "load_theme_heads", lambda _: heads())
    return HeadThemeCoder(WordEncoder(), codebook(*THEMES))


def unit(
    *passages: Sequence[str], turn: int = 2, question: str | None = None, fillers: Sequence[int] = ()
) -> CodingUnit:
    """Make a turn of passages, each of sentences."""
    text = "".join(sentence for sentences in passages for sentence in sentences)
    made, position = [], 0
    for number, sentences in enumerate(passages):
        spans = []
        for sentence in sentences:
            spans.append((position, position + len(sentence)))
            position += len(sentence)
        start, end = spans[0][0], spans[-1][1]
        identity = passage_id(TRANSCRIPT, turn, start, end)
        made.append(Passage(identity, TRANSCRIPT, turn, start, end, tuple(spans), codable=number not in fillers))
    return CodingUnit(TRANSCRIPT, turn, ParticipantId("P-1"), text, tuple(made), question)


def quotes(spoken: CodingUnit, hits: Sequence[ThemeHit]) -> dict[str, str]:
    return {hit.theme_id: spoken.text[hit.start : hit.end] for hit in hits}


def test_the_evidence_is_the_sentence_that_carries_the_theme(coder: HeadThemeCoder) -> None:
    spoken = unit(["Nothing there. ", "The price, the price! ", "Nothing."], ["Silence. ", "Silence since. "])
    hits = coder.code([spoken])
    assert quotes(spoken, hits) == {
        "post_sale_abandonment": "Silence. Silence since.",
        "price_value": "The price, the price!",
    }
    assert [hit.theme_id for hit in hits] == ["post_sale_abandonment", "price_value"]


def test_at_most_one_hit_a_theme_and_turn_from_the_best_passage(coder: HeadThemeCoder) -> None:
    spoken = unit(["A price, silence. "], ["Nothing, nothing. "], ["Price! "])
    [price] = [hit for hit in coder.code([spoken]) if hit.theme_id == "price_value"]
    assert spoken.text[price.start : price.end] == "Price!"


def test_between_floor_and_threshold_a_hit_waits_for_review(coder: HeadThemeCoder) -> None:
    sure = coder.code([unit(["Price. "])])
    unsure = coder.code([unit(["Price, nothing, nothing, nothing. "])])
    none = coder.code([unit(["Price and" + " nothing" * 5])])
    assert [hit.accepted for hit in sure] == [True]
    assert [hit.accepted for hit in unsure] == [False]
    assert 0.2 <= unsure[0].score < 0.6
    assert none == []


def test_the_reason_gives_score_threshold_and_nearest_statements_but_no_text(coder: HeadThemeCoder) -> None:
    [hit] = coder.code([unit(["Price. "])])
    assert hit.why == "1.00 against 0.60 needed; closest training statements: p4-17, p9-102"


def test_what_is_not_codable_and_what_is_empty_is_never_coded(coder: HeadThemeCoder) -> None:
    assert coder.code([unit(["Price. "], fillers=[0])]) == []
    assert coder.code([CodingUnit(TRANSCRIPT, 2, ParticipantId("P-1"), "", ())]) == []
    assert coder.code([]) == []


def test_a_question_prompts_a_theme_by_its_words_or_by_its_meaning(coder: HeadThemeCoder) -> None:
    asked = {
        question: coder.code([unit(["Price. "], question=question)])[0].prompted
        for question in (None, "What happened then?", "And what did it COST you?", "Was the price right?", "Accosted?")
    }
    assert list(asked.values()) == [False, False, True, True, False]


def test_a_turn_is_coded_alike_whatever_else_is_in_the_call(coder: HeadThemeCoder) -> None:
    turns = [unit(["Price. ", "Silence. "], turn=number, question="Nothing?") for number in (8, 2, 4)]
    together = coder.code(turns)
    assert together == [hit for turn in sorted(turns, key=lambda turn: turn.turn) for hit in coder.code([turn])]


def test_themes_of_another_codebook_are_named_not_coded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(themes, "load_theme_heads", lambda _: heads())
    own = HeadThemeCoder(WordEncoder(), codebook("parking", "price_value"))
    assert own.uncovered == ("parking",)
    assert [hit.theme_id for hit in own.code([unit(["Price, silence. "])])] == ["price_value"]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([3.0, 1.0, 1.0], (0, 4)),
        ([1.0, 3.0, 2.8], (5, 14)),
        ([2.8, 3.0, 2.9], (5, 14)),
        ([3.0, 1.0, 2.9], (0, 4)),
        ([1.0, 1.0, 3.0], (10, 14)),
    ],
)
def test_evidence_is_the_best_sentence_and_a_neighbour_that_is_nearly_as_good(
    scores: list[float], expected: tuple[int, int]
) -> None:
    assert evidence([(0, 4), (5, 9), (10, 14)], np.array(scores, dtype=np.float32)) == expected


def test_a_single_sentence_is_its_own_evidence() -> None:
    assert evidence([(2, 9)], np.array([-1.0], dtype=np.float32)) == (2, 9)


def test_the_version_is_that_of_the_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(themes, "load_theme_heads", lambda _: replace(heads(), version="abc"))
    assert HeadThemeCoder(WordEncoder(), codebook()).version == "abc"
