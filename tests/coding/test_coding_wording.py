from __future__ import annotations

import numpy as np

from voc_pipeline.coding.unseen import whole_of
from voc_pipeline.coding.wording import fit_wording

DESCRIBED = ["Parking: where to leave the car", "Food: what one eats", "Music: what one hears"]
CARRYING = [["No space in the car park."], ["The soup was cold.", "Dinner came late."], []]


def test_a_text_scores_for_the_theme_whose_words_or_parts_of_words_it_shares() -> None:
    wording = fit_wording(DESCRIBED, CARRYING)
    assert wording is not None
    scores = wording(["We parked far away.", "Cold soup again.", "They were musical.", "Zzz qqq."])
    assert scores.shape == (4, 3)
    assert scores[:3].argmax(axis=1).tolist() == [0, 1, 2]
    assert scores[:3].max(axis=1).min() > 1
    assert scores[3].max() < 1, "nothing shared says nothing"


def test_texts_of_other_themes_are_the_zero() -> None:
    wording = fit_wording(DESCRIBED, CARRYING)
    assert wording is not None
    others = wording([DESCRIBED[1], DESCRIBED[2], *CARRYING[1]])[:, 0]
    assert abs(others.mean()) < 1e-4


def test_there_is_nothing_to_compare_in_a_single_theme_or_without_words() -> None:
    assert fit_wording(DESCRIBED[:1], CARRYING[:1]) is None
    assert fit_wording(["a", "b"], [[], []]) is None


def test_a_script_without_capitals_and_an_empty_text_are_scored_too() -> None:
    wording = fit_wording(["停车 在哪里停车", "食物 吃什么"], [[], ["汤 是冷的"]])
    assert wording is not None
    scores = wording(["", "汤 是冷的"])
    assert np.isfinite(scores).all()
    assert scores[1].argmax() == 1


def test_one_shared_the_is_no_likeness() -> None:
    wording = fit_wording(["Parking: where to leave the car", "Food: what one eats"], [[], []])
    assert wording is not None
    assert wording(["The soup was cold."]).max() < 3, "far from what alone would code a theme, 3.8 at a weight of 0.8"


def test_placeholders_share_nothing() -> None:
    wording = fit_wording(["Phone: calling somebody", "Person: who it was"], [[], ["[PHONE_7F3A9C] was there."]])
    assert wording is not None
    with_it, without = wording(["[PHONE_7F3A9C] [PERSON_7F3A9C] rang", " rang"])
    assert with_it.tolist() == without.tolist()


def test_the_vector_of_a_whole_answer_leans_to_its_long_sentences() -> None:
    whole = whole_of(np.array([[1, 0], [0, 1]], dtype=np.float32), ["x" * 30, "y" * 10])
    assert whole.tolist() == [[0.75, 0.25]]
