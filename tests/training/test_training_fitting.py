from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.training.data import Code, Statement, Trap
from models.training.fitting import (
    Scored,
    best_threshold,
    calibrate,
    decided,
    held_out,
    macro_f1,
    micro_f1,
    probabilities,
    scored,
)
from tests.coding.made_up import WordEncoder, unit
from voc_pipeline.coding.heads import LinearHead

if TYPE_CHECKING:
    from pathlib import Path


def test_a_turn_scores_as_its_best_codable_sentence_and_fillers_alone_are_left_out() -> None:
    def statement(number: int, *fillers: int) -> Statement:
        code = Code("price", "negative", "use", "problem", 0, 5)
        return Statement("val-1", number, unit(["Price. "], ["No. "], fillers=fillers), (code,))

    head = LinearHead(np.array([[3.0]], np.float32), np.array([-1.0], np.float32))
    found = scored([statement(1), statement(2, 0), statement(3, 0, 1)], WordEncoder(("price",)), head, ("price",))
    assert found.logits.tolist() == [[2.0], [-1.0]]
    assert found.labels.tolist() == [[1], [1]]


def made(count: int = 600) -> Scored:
    chance = np.random.default_rng(2)
    logits = chance.normal(size=(count, 3)).astype(np.float32) * 2
    labels = (chance.random((count, 3)) < 1 / (1 + np.exp(-(1.5 * logits - 1)))).astype(np.int8)
    return Scored(logits, labels, np.array([f"i{number % 6}" for number in range(count)]))


def test_calibration_finds_how_scores_and_shares_go_together() -> None:
    slope, intercept = calibrate(made(4000))
    assert slope == pytest.approx(1.5, abs=0.2)
    assert intercept == pytest.approx(-1, abs=0.2)
    assert probabilities(np.array([0.0], np.float32), (1.0, 0.0)).tolist() == [0.5]


def test_f1_counts_cells_and_themes_that_occur() -> None:
    labels = np.array([[1, 0, 0], [1, 0, 1]], np.int8)
    chosen = np.array([[True, True, False], [False, False, True]])
    assert micro_f1(labels, chosen) == pytest.approx(4 / 6)
    assert macro_f1(labels, chosen) == pytest.approx((2 / 3 + 1) / 2)
    assert micro_f1(labels * 0, chosen & False) == 0


def test_the_threshold_is_the_lowest_at_which_nine_mentions_of_ten_are_right() -> None:
    scores = np.array([[0.2], [0.4], [0.602], [0.8]], np.float32)
    assert best_threshold(np.array([[0], [0], [1], [1]], np.int8), scores) == pytest.approx(0.405)
    assert best_threshold(np.array([[0], [0], [0], [1]], np.int8), scores) == pytest.approx(0.605)
    rising = np.concatenate([np.full(10, 0.3), np.full(90, 0.5)]).astype(np.float32)[:, None]
    mostly = np.concatenate([np.arange(10) < 1, np.ones(90)]).astype(np.int8)[:, None]
    assert micro_f1(mostly, rising >= 0.5) > micro_f1(mostly, rising >= 0.3), "F1 alone would take 0.5"
    assert best_threshold(mostly, rising) == pytest.approx(0.05), "91 of all 100 are right"


def test_f1_decides_where_nine_of_ten_would_cost_too_much_or_are_never_right() -> None:
    scores = np.concatenate([np.full(40, 0.2), np.full(60, 0.3), np.full(60, 0.4)]).astype(np.float32)[:, None]
    labels = np.concatenate([np.zeros(40), np.arange(60) % 4 > 0, np.arange(60) % 10 > 0]).astype(np.int8)[:, None]
    few = np.concatenate([scores[:40], scores[92:]]), np.concatenate([labels[:40], labels[92:]])
    assert micro_f1(few[1], few[0] >= 0.3) > micro_f1(few[1], few[0] >= 0.4), "F1 alone would take 0.3"
    assert best_threshold(few[1], few[0]) == pytest.approx(0.305), "the first at which only the better ones are left"
    assert micro_f1(labels, scores >= 0.3) > micro_f1(labels, scores >= 0.4) + 0.1
    assert best_threshold(labels, scores) == pytest.approx(0.3), "it would cost too much"
    few[1][-60:] = np.arange(60)[:, None] % 4 > 0
    assert best_threshold(few[1], few[0]) == pytest.approx(0.3), "three of four at best; the highest of equals"


def test_an_interview_is_decided_without_its_own_labels() -> None:
    data = made()
    flipped = Scored(data.logits, np.where(data.groups[:, None] == "i0", 1 - data.labels, data.labels), data.groups)
    own = data.groups == "i0"
    assert np.array_equal(held_out(data).scores[own], held_out(flipped).scores[own])
    assert not np.array_equal(held_out(data).scores[~own], held_out(flipped).scores[~own])


def test_later_interviews_are_decided_by_what_the_first_ones_say() -> None:
    random = np.random.default_rng(7)
    labels = (random.random((60, 3)) < 0.4).astype(np.int8)
    logits = (labels * 4.0 + random.normal(size=labels.shape)).astype(np.float32)
    data = Scored(logits, labels, np.repeat(["val-01", "val-02", "val-15"], 20))
    first = data.groups != "val-15"
    late, early = data.of(~first), data.of(first)
    chosen = decided(late, early).chosen
    assert late.logits.shape == (20, 3)
    assert micro_f1(late.labels, chosen) > 0.9
    other = Scored(late.logits, 1 - late.labels, late.groups)
    assert (decided(other, early).chosen == chosen).all(), "their own labels have no say"
    assert (decided(late, Scored(early.logits - 3, early.labels, early.groups)).chosen != chosen).any()


def test_a_trap_counts_by_the_likeliest_of_the_themes_that_are_wrong_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import held_out as bench

    traps = [
        Trap("denial", unit(["Price. ", "Silence."]), frozenset({"silence"})),
        Trap("third_party", unit(["Price silence price price."]), frozenset({"*"})),
    ]
    monkeypatch.setattr(bench, "load_traps", lambda: traps)
    head = LinearHead(np.eye(2, dtype=np.float32) * 4, np.full(2, -1, np.float32))
    found = bench.lures(WordEncoder(("price", "silence")), head, ("price", "silence"))
    assert found.tolist() == [3.0, 2.0], "silence alone in the first, price by three words of four in the second"
    head.bias[0] = 1
    assert bench.lures(WordEncoder(("price", "silence")), head, ("price", "silence")).tolist() == [3.0, 4.0]


def test_the_second_coder_of_the_held_out_statements_agrees_on_codes_and_not_by_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks import held_out as bench

    def statement(number: int, *themes: str) -> Statement:
        codes = tuple(Code(theme, "negative", "use", "problem", 0, 5) for theme in themes)
        return Statement("p90", number, unit(["Price. "]), codes)

    lines = ['{"id": "p90-1", "codes": [{"theme": "price"}]}', '{"id": "p90-2", "codes": [{"theme": "silence"}]}']
    (tmp_path / "codes.jsonl").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(bench, "SECOND_CODER", tmp_path / "codes.jsonl")
    assert bench.agreement([statement(1, "price"), statement(2, "price", "silence")]) == pytest.approx(2 * 2 / (3 + 2))
    assert bench.agreement([statement(1, "silence"), statement(2, "price")]) == 0


def test_rates_are_of_all_that_is_chosen_and_all_that_is_coded() -> None:
    from benchmarks.held_out import rates

    labels, chosen = np.array([[1, 1], [1, 0]], np.int8), np.array([[True, False], [False, True]])
    assert rates(labels, chosen) == "0.500 / 0.333"
    assert rates(labels, chosen & False) == "0.000 / 0.000"
