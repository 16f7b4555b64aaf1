from __future__ import annotations

import numpy as np
import pytest

from tests.coding.made_up import TRANSCRIPT, WordEncoder, codebook, unit
from voc_pipeline.coding import stance
from voc_pipeline.coding.heads import LinearHead, StanceHeads, ThemeHeads
from voc_pipeline.coding.stance import HeadSentimentEngine
from voc_pipeline.ids import ThemeId
from voc_pipeline.records import Sentiment, ThemeHit

WORDS = ("good", "bad", "signed")
LABELS = {
    "sentiment": ("mixed", "negative", "neutral", "positive"),
    "stage": ("purchase", "use"),
    "type": ("fact", "praise", "problem"),
}


def heads() -> StanceHeads:
    """The evidence's words decide: good, bad, signed -> positive praise, negative problem, purchase.

    The theme ``staying`` turns good into bad.
    """
    weights = {name: np.zeros((3, len(labels)), dtype=np.float32) for name, labels in LABELS.items()}
    biases = {name: np.zeros(len(labels), dtype=np.float32) for name, labels in LABELS.items()}
    weights["sentiment"][0, 3] = weights["sentiment"][1, 1] = 5
    weights["type"][0, 1] = weights["type"][1, 2] = weights["stage"][2, 0] = 5
    biases["sentiment"][2] = biases["stage"][1] = biases["type"][0] = 1
    return StanceHeads(
        version="7",
        themes=("price_value", "staying"),
        labels=LABELS,
        hidden=LinearHead(np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32)),
        shifts=np.array([[0, 0, 0], [-1, 1, 0]], dtype=np.float32),
        heads={name: LinearHead(weights[name], biases[name]) for name in LABELS},
    )


def theme_heads() -> ThemeHeads:
    """Of the themes only ``signing`` has a head: half a sentence of "signed" scores 0.9, none of it 0.1."""
    none = np.zeros((0, 3), np.float32)
    return ThemeHeads(
        version="7",
        themes=("signing",),
        head=LinearHead(np.array([[0], [0], [1]], np.float32), np.array([-0.25], np.float32)),
        slope=float(np.log(9) * 4),
        intercept=0.0,
        thresholds=np.array([0.6], np.float32),
        floors=np.array([0.3], np.float32),
        cues={},
        exemplars=none,
        exemplar_names=none.astype(np.int16),
        exemplar_themes=none[:, 0].astype(np.uint8),
        background=none,
    )


def hit(start: int, end: int, number: int = 2, theme: str = "price_value") -> ThemeHit:
    return ThemeHit(
        TRANSCRIPT, number, ThemeId(theme), start, end, score=0.9, accepted=True, prompted=False, why="test"
    )


@pytest.fixture(autouse=True)
def _made_up_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stance, "load_stance_heads", lambda _: heads())
    monkeypatch.setattr(stance, "load_theme_heads", lambda _: theme_heads())


@pytest.fixture
def engine() -> HeadSentimentEngine:
    return HeadSentimentEngine(WordEncoder(WORDS), codebook(stages=LABELS["stage"], types=LABELS["type"]))


def test_a_hit_without_a_head_is_judged_on_its_own_evidence_in_order(engine: HeadSentimentEngine) -> None:
    spoken = unit(["good. ", "bad. ", "signed."])
    good, bad, signed = engine.judge([spoken], [hit(0, 5), hit(6, 10), hit(11, 18)])
    assert (good.sentiment, good.stage, good.type) == (Sentiment.POSITIVE, "use", "praise")
    assert (bad.sentiment, bad.stage, bad.type) == (Sentiment.NEGATIVE, "use", "problem")
    assert (signed.sentiment, signed.stage, signed.type) == (Sentiment.NEUTRAL, "purchase", "fact")
    assert good.sentiment_score == -bad.sentiment_score > 0.9
    assert abs(signed.sentiment_score) < 0.01


def test_a_stance_is_the_same_whatever_else_is_judged(engine: HeadSentimentEngine) -> None:
    turns = [unit(["good."]), unit(["bad."], turn=4)]
    hits = [hit(0, 4, 4), hit(0, 5, 2)]
    assert engine.judge(turns, hits) == [engine.judge(turns[1:], hits[:1])[0], engine.judge(turns[:1], hits[1:])[0]]


def test_a_turn_is_encoded_once_however_many_hits_are_in_it() -> None:
    encoder = WordEncoder(WORDS)
    HeadSentimentEngine(encoder, codebook()).judge([unit(["good."])], [hit(0, 5), hit(0, 4)])
    assert [len(call) for call in encoder.calls] == [1]


def test_only_the_codebooks_own_labels_are_given() -> None:
    own = HeadSentimentEngine(WordEncoder(WORDS), codebook(stages=(), types=("praise", "lament")))
    [judged] = own.judge([unit(["bad."])], [hit(0, 4)])
    assert (judged.stage, judged.type) == ("", "praise")


def test_no_hits_need_no_stances(engine: HeadSentimentEngine) -> None:
    assert engine.judge([unit(["good."])], []) == []
    assert engine.version == "7"


def test_the_evidence_is_all_sentences_that_the_hit_touches(engine: HeadSentimentEngine) -> None:
    spoken = unit(["good. ", "bad. "], ["bad."])
    both, last = engine.judge([spoken], [hit(0, 10), hit(11, 15)])
    assert abs(both.sentiment_score) < 0.01
    assert last.sentiment is Sentiment.NEGATIVE


def test_what_is_good_depends_on_the_theme_and_an_unknown_theme_shifts_nothing(engine: HeadSentimentEngine) -> None:
    known, turned, unknown = engine.judge(
        [unit(["good."])], [hit(0, 5), hit(0, 5, theme="staying"), hit(0, 5, theme="parking")]
    )
    assert (known.sentiment, turned.sentiment) == (Sentiment.POSITIVE, Sentiment.NEGATIVE)
    assert unknown == known


def test_around_the_evidence_a_sentence_counts_as_much_as_its_score(engine: HeadSentimentEngine) -> None:
    told = unit(["signed. ", "signed bad. ", "good."])
    alone, with_more = (engine.judge([told], [hit(0, 7, theme=name)])[0] for name in ("price_value", "signing"))
    assert alone.sentiment is Sentiment.NEUTRAL, "without a head: the evidence and nothing else"
    # The sentences score 0.9986, 0.9 and 0.1; half of the second one is "bad", all of the third "good".
    bad, good = np.exp(5 * 0.45 / 1.9986), np.exp(5 * 0.1 / 1.9986)
    rest = 1 + np.exp(1)
    assert with_more.sentiment_score == pytest.approx((good - bad) / (good + bad + rest), abs=2e-4)
    assert with_more.sentiment is Sentiment.NEGATIVE


def test_fillers_tell_no_stance(engine: HeadSentimentEngine) -> None:
    [judged] = engine.judge([unit(["signed. "], ["signed bad."], fillers=[1])], [hit(0, 7, theme="signing")])
    assert judged == engine.judge([unit(["signed. "])], [hit(0, 7, theme="signing")])[0]


def test_another_coders_evidence_counts_even_where_all_is_filler(engine: HeadSentimentEngine) -> None:
    [judged] = engine.judge([unit(["bad."], fillers=[0])], [hit(0, 4, theme="signing")])
    assert judged.sentiment is Sentiment.NEGATIVE
