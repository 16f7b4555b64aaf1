from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from voc_pipeline.coding import stance
from voc_pipeline.coding.heads import LinearHead, StanceHeads
from voc_pipeline.coding.stance import HeadSentimentEngine, stance_features, stance_texts
from voc_pipeline.ids import ParticipantId, ThemeId, TranscriptId, passage_id
from voc_pipeline.records import Codebook, CodingUnit, Passage, Sentiment, ThemeHit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.protocols import FloatMatrix

WORDS = ("good", "bad", "signed")
TRANSCRIPT = TranscriptId("tr_1")
LABELS = {
    "sentiment": ("mixed", "negative", "neutral", "positive"),
    "stage": ("purchase", "use"),
    "type": ("fact", "praise", "problem"),
}


class WordEncoder:
    key = "word-encoder"
    dimension = len(WORDS)

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        self.calls += 1
        return np.array([[text.count(word) for word in WORDS] for text in texts], dtype=np.float32).reshape(-1, 3)


def heads() -> StanceHeads:
    """The evidence's words decide: good, bad, signed -> positive praise, negative problem, purchase."""
    inputs = 2 * 3 + 1 * (1 + 3)
    weights = {name: np.zeros((inputs, len(labels)), dtype=np.float32) for name, labels in LABELS.items()}
    biases = {name: np.zeros(len(labels), dtype=np.float32) for name, labels in LABELS.items()}
    weights["sentiment"][0, 3] = weights["sentiment"][1, 1] = 5
    weights["type"][0, 1] = weights["type"][1, 2] = weights["stage"][2, 0] = 5
    biases["sentiment"][2] = biases["stage"][1] = biases["type"][0] = 1
    made = {name: LinearHead(weights[name], biases[name]) for name in LABELS}
    return StanceHeads("7", ("price_value",), LABELS, made)


def codebook(*, stages: Sequence[str] = ("purchase", "use"), types: Sequence[str] = ("fact", "praise")) -> Codebook:
    return Codebook("test", 1, "0" * 64, {}, (), dict.fromkeys(stages, ""), dict.fromkeys(types, ""))


def turn(text: str, number: int = 2, cut: int | None = None) -> CodingUnit:
    spans = [(0, cut), (cut, len(text))] if cut else [(0, len(text))]
    passages = [
        Passage(passage_id(TRANSCRIPT, number, start, end), TRANSCRIPT, number, start, end, ((start, end),))
        for start, end in spans
    ]
    return CodingUnit(TRANSCRIPT, number, ParticipantId("P-1"), text, tuple(passages))


def hit(start: int, end: int, number: int = 2, theme: str = "price_value") -> ThemeHit:
    return ThemeHit(
        TRANSCRIPT, number, ThemeId(theme), start, end, score=0.9, accepted=True, prompted=False, why="test"
    )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> HeadSentimentEngine:
    monkeypatch.setattr(stance, "load_stance_heads", lambda _: heads())
    return HeadSentimentEngine(WordEncoder(), codebook(types=LABELS["type"]))


def test_each_hit_is_judged_on_its_own_evidence_in_order(engine: HeadSentimentEngine) -> None:
    spoken = turn("good. bad. signed.")
    good, bad, signed = engine.judge([spoken], [hit(0, 5), hit(6, 10), hit(11, 18)])
    assert (good.sentiment, good.stage, good.type) == (Sentiment.POSITIVE, "use", "praise")
    assert (bad.sentiment, bad.stage, bad.type) == (Sentiment.NEGATIVE, "use", "problem")
    assert (signed.sentiment, signed.stage, signed.type) == (Sentiment.NEUTRAL, "purchase", "fact")
    assert good.sentiment_score == -bad.sentiment_score > 0.9
    assert abs(signed.sentiment_score) < 0.01


def test_a_stance_is_the_same_whatever_else_is_judged(engine: HeadSentimentEngine) -> None:
    turns = [turn("good.", 2), turn("bad.", 4)]
    hits = [hit(0, 4, 4), hit(0, 5, 2)]
    assert engine.judge(turns, hits) == [engine.judge(turns[1:], hits[:1])[0], engine.judge(turns[:1], hits[1:])[0]]


def test_all_texts_are_encoded_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stance, "load_stance_heads", lambda _: heads())
    encoder = WordEncoder()
    HeadSentimentEngine(encoder, codebook()).judge([turn("good.")], [hit(0, 5), hit(0, 4)])
    assert encoder.calls == 1


def test_only_the_codebooks_own_labels_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stance, "load_stance_heads", lambda _: heads())
    own = HeadSentimentEngine(WordEncoder(), codebook(stages=(), types=("praise", "lament")))
    [judged] = own.judge([turn("bad.")], [hit(0, 4)])
    assert (judged.stage, judged.type) == ("", "praise")


def test_no_hits_need_no_stances(engine: HeadSentimentEngine) -> None:
    assert engine.judge([turn("good.")], []) == []
    assert engine.version == "7"


def test_the_context_is_the_passage_that_the_evidence_starts_in() -> None:
    spoken = turn("It is good. It is bad. ", cut=12)
    assert stance_texts(spoken, 6, 10) == ("good", "It is good.")
    assert stance_texts(spoken, 12, 22) == ("It is bad.", "It is bad.")


def test_an_unknown_theme_has_no_part_of_its_own() -> None:
    evidence, passage = np.array([1, 2], dtype=np.float32), np.array([3, 4], dtype=np.float32)
    known = stance_features(evidence, passage, "b", ("a", "b"))
    unknown = stance_features(evidence, passage, "c", ("a", "b"))
    assert known.tolist() == pytest.approx([1, 2, 3, 4, 0, 1, 0, 0, 0.7, 1.4])
    assert unknown.tolist() == [1, 2, 3, 4, 0, 0, 0, 0, 0, 0]
