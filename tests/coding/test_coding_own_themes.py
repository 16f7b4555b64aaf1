from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.own_themes import FOLDER, drawn, measure, names, read
from models.training.data import VALIDATION
from voc_pipeline.codebooks.reading import load_codebook
from voc_pipeline.ids import ParticipantId, ThemeId, TranscriptId
from voc_pipeline.records import CodingUnit, ThemeHit

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_every_code_of_the_ten_themes_quotes_its_answer_once() -> None:
    codes = [json.loads(line) for line in (FOLDER / "codes.jsonl").read_text(encoding="utf-8").splitlines()]
    themes = set(names(load_codebook(FOLDER / "codebook.yaml")))
    answers = {
        (path.stem, turn["n"]): turn["text"]
        for path in VALIDATION.glob("*.json")
        for turn in json.loads(path.read_text(encoding="utf-8"))["turns"]
        if turn["speaker"] != "Interviewer"
    }
    assert {code["theme"] for code in codes} == themes
    assert all(code["quote"] in answers[code["id"], code["turn"]] for code in codes)
    places = [(code["id"], code["turn"], code["theme"]) for code in codes]
    assert len(set(places)) == len(places)


def test_labels_stand_where_the_codes_say() -> None:
    book = load_codebook(FOLDER / "codebook.yaml")
    data = read(book)
    codes = [json.loads(line) for line in (FOLDER / "codes.jsonl").read_text(encoding="utf-8").splitlines()]
    assert data.labels.shape == (len(data.units), len(book.themes))
    assert data.labels.sum() == len(codes)
    row, column = np.argwhere(data.labels)[0]
    assert any(code["quote"] in data.units[row].text and code["theme"] == names(book)[column] for code in codes)


def test_a_coder_is_measured_by_what_it_accepts() -> None:
    units = [CodingUnit(TranscriptId("tr_1"), turn, ParticipantId("P"), "Well.", (), None) for turn in (2, 4, 6)]

    class Coder:
        def code(self, units: Sequence[CodingUnit]) -> list[ThemeHit]:
            said = [(2, "a", 0.9, True), (4, "a", 0.6, True), (4, "b", 0.7, True), (6, "b", 0.4, False)]
            return [
                ThemeHit(units[0].transcript_id, turn, ThemeId(theme), 0, 1, score=score, accepted=accepted,
                         prompted=False, why="")
                for turn, theme, score, accepted in said
            ]  # fmt: skip

    labels = np.array([[True, False], [False, False], [False, True]])
    found = measure(Coder(), units, ["a", "b"], labels)  # type: ignore[arg-type]  # all that is asked of a coder here
    assert found == pytest.approx((2 / 5, 1 / 3, 1 / 2, 3 / 2, 2 / 3))


def test_each_theme_is_drawn_alone_once_and_all_together_once() -> None:
    assert [one.tolist() for one in drawn(3, 1)] == [[0], [1], [2]]
    assert [one.tolist() for one in drawn(3, 3)] == [[0, 1, 2]]
    assert all(len(set(one.tolist())) == 2 for one in drawn(3, 2))
