from __future__ import annotations

from typing import Any

import pytest

from benchmarks.chance import calibration_by_chance, f1_interval
from benchmarks.quality import check_turns, print_chance
from voc_pipeline.coding.scoring import Coded


def coded(interview: int, count: int, theme: str = "a") -> list[Coded]:
    return [Coded(f"i{interview}", turn, theme, score=0.8) for turn in range(count)]


def test_the_interval_of_f1_is_that_of_interviews_not_of_codes() -> None:
    gold = [one for number in range(8) for one in coded(number, 10)]
    names = [f"i{number}" for number in range(8)]
    half = [one for one in gold if one.interview in names[:4]]
    every_other = [one for one in gold if one.turn % 2]
    assert f1_interval(gold, gold, names) == (1, 1)
    wide, narrow = f1_interval(half, gold, names), f1_interval(every_other, gold, names)
    assert list(narrow) == pytest.approx([2 / 3, 2 / 3]), "all interviews are alike"
    assert wide[0] < 0.5 < 2 / 3 < 0.8 < wide[1]
    assert f1_interval(half, gold, names) == wide, "drawn with a seed"
    assert f1_interval([], [], names) == (0, 0)


def test_scores_that_are_exactly_right_seem_wrong_where_there_are_few() -> None:
    # Ten mentions a bin: the mean distance of a binomial share of 10 at 0.8 from 0.8 is 0.097 (de Moivre's formula).
    assert calibration_by_chance([0.8] * 100) == pytest.approx(0.097, abs=0.01)
    assert calibration_by_chance([0.8] * 10_000) < 0.015
    assert calibration_by_chance([1.0] * 20) == 0
    assert calibration_by_chance([]) == 0


def test_chance_is_printed_beside_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    gold = [one for number in range(3) for one in coded(number, 4)]
    print_chance(gold, gold, ["i0", "i1", "i2"])
    said = capsys.readouterr().out
    assert "between 1.000 and 1.000 in 95% of draws of 3 such interviews" in said
    assert "of 12 mentions, scores that are exactly right would show a calibration error of 0." in said


def test_turns_that_were_read_otherwise_than_rendered_end_the_measurement() -> None:
    interviews: dict[str, dict[str, Any]] = {"a": {"turns": [{}, {}]}}
    row = {"source_file": "txt/a.txt"}
    check_turns(interviews, [row, row], ["txt"])
    with pytest.raises(SystemExit, match="txt: 2 turns were rendered, 1 were read"):
        check_turns(interviews, [row], ["txt"])
