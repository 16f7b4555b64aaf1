from __future__ import annotations

import pytest

from voc_pipeline.coding.scoring import Coded, calibration_error, judged_agreement, score, sentiments_agree

GOLD = [
    Coded("a", 2, "price", "negative"),
    Coded("a", 4, "price", "mixed"),
    Coded("a", 4, "trust", "positive"),
    Coded("b", 2, "trust", "neutral"),
]


def test_perfect_coding_scores_one_everywhere() -> None:
    card = score(GOLD, GOLD)
    assert (card.micro.f1, card.macro_f1, card.presence.f1, card.sentiment.f1) == (1, 1, 1, 1)
    assert card.interviewer_words == 0


def test_each_kind_of_mistake_is_counted_where_it_belongs() -> None:
    found = [
        Coded("a", 2, "price", "positive"),  # right theme, wrong sentiment
        Coded("a", 4, "price", "negative"),  # mixed takes either pole
        Coded("a", 4, "empathy", "negative"),  # not in gold
        Coded("b", 1, "trust", "neutral"),  # the interviewer's words
    ]
    card = score(found, GOLD, interviewer_turns={("a", 1), ("b", 1)})
    assert (card.micro.right, card.micro.found, card.micro.expected) == (2, 4, 4)
    assert card.micro.precision == card.micro.recall == card.micro.f1 == 0.5
    assert card.per_theme["price"].f1 == 1
    assert card.per_theme["trust"].f1 == 0
    assert card.macro_f1 == 0.5  # price and trust; empathy is in no gold
    assert (card.presence.right, card.presence.found, card.presence.expected) == (2, 3, 3)
    assert (card.sentiment.right, card.sentiment.expected) == (1, 2)
    assert card.interviewer_words == 1


def test_a_cell_counts_once_however_often_it_is_found() -> None:
    card = score([GOLD[0], GOLD[0]], GOLD[:1])
    assert (card.micro.found, card.micro.f1) == (1, 1)


def test_nothing_found_and_nothing_expected_is_zero_not_an_error() -> None:
    card = score([], [])
    assert (card.micro.f1, card.macro_f1, card.sentiment.f1, card.per_theme) == (0, 0, 0, {})


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [("mixed", "negative", True), ("positive", "mixed", True), ("mixed", "neutral", False), ("neutral", "", False)],
)
def test_mixed_agrees_with_either_pole(one: str, other: str, agree: bool) -> None:  # noqa: FBT001 (a table's column)
    assert sentiments_agree(one, other) is agree


def test_stage_and_type_are_compared_where_gold_judges_them_and_the_theme_is_right() -> None:
    gold = [
        Coded("a", 2, "price", "negative", stage="renew", type="problem"),
        Coded("a", 2, "price", "negative", stage="use", type="problem"),
        Coded("a", 4, "trust", "positive"),
    ]
    found = [
        Coded("a", 2, "price", "negative", stage="use", type="fact", score=0.8),
        Coded("a", 4, "trust", "positive", stage="use", type="fact", score=0.6),
        Coded("a", 9, "trust", "positive", stage="use", type="fact", score=0.4),
    ]
    card = score(found, gold)
    assert (card.stage.right, card.stage.expected) == (1, 1)
    assert (card.type.right, card.type.expected) == (0, 1)
    assert card.calibration_error == pytest.approx((0.2 + 0.4 + 0.4) / 3)
    assert judged_agreement(found, gold, lambda code: code.theme[:1]).right == 2


def test_calibration_is_right_when_as_many_are_right_as_the_scores_say() -> None:
    assert calibration_error([0.75] * 40, [True, True, True, False] * 10, bins=10) == pytest.approx(0)
    assert calibration_error([0.9] * 10, [False] * 10) == pytest.approx(0.9)
    assert calibration_error([0.2, 0.8], [True, False], bins=1) == pytest.approx(0)
    assert calibration_error([], []) == 0
