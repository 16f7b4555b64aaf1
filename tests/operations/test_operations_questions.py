from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from voc_pipeline.errors import ConfigError
from voc_pipeline.operations import keys
from voc_pipeline.operations import questions as operation
from voc_pipeline.operations.questions import question_table
from voc_pipeline.operations.study import Study, open_study
from voc_pipeline.tables import TURNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.protocols import FloatMatrix


class _Encoder:
    """Points into one of two directions: about the support or about anything else."""

    key, dimension = "made up", 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        self.asked += texts
        return np.asarray([[1, 0] if "support" in text else [0, 1] for text in texts], dtype=np.float32)


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> _Encoder:
    made = _Encoder()
    monkeypatch.setattr(operation, "study_encoder", lambda _study: made)
    return made


def _turns(*questions: str) -> pd.DataFrame:
    return TURNS.frame(
        {
            "transcript_id": f"tr_{n}", "source_file": "a.txt", "turn": turn, "speaker": "S", "role_in_call": role,
            "participant_id": "P-1" if turn == 2 else "", "start_seconds": None, "record_start": 0, "text": text,
        }
        for n, question in enumerate(questions)
        for turn, role, text in ((1, "interviewer", question), (2, "participant", "Fine."))
    )  # fmt: skip


def test_the_encoder_is_not_even_loaded_when_all_vectors_are_known(
    study: Path, encoder: _Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = _turns("How was the support?", "And what of the support?")
    with open_study(study) as opened:
        first = question_table(opened, turns)
    assert first["question"].tolist() == ["How was the support?"] * 2
    assert sorted(encoder.asked) == ["And what of the support?", "How was the support?"]

    def _never(_study: Study) -> None:
        pytest.fail("the encoder was loaded")

    monkeypatch.setattr(operation, "study_encoder", _never)
    with open_study(study) as opened:
        assert question_table(opened, turns).equals(first)
        assert question_table(opened, _turns()).empty


def test_the_guide_is_read_and_is_part_of_the_reports_key(study: Path, encoder: _Encoder) -> None:
    with open_study(study) as opened:
        assert opened.guide == ()
        before = keys.publish_key(opened)
    guide = "\ufeff1. What do you say of the support?\n\n 2) Who are you?\n- 3 things you like?\n4.1 Anything else?\n"
    (study / "guide.txt").write_text(guide, encoding="utf-8")
    with open_study(study) as opened:
        asked = ("What do you say of the support?", "Who are you?", "3 things you like?", "Anything else?")
        assert opened.guide == asked
        assert keys.publish_key(opened) != before
        table = question_table(opened, _turns("So how was the support?"))
    assert table["question"].tolist() == ["What do you say of the support?"]
    assert table["source"].tolist() == ["guide"]
    assert set(encoder.asked) == {*asked, "So how was the support?"}


def test_other_topics_are_another_report_whoever_made_them(study: Path) -> None:
    with open_study(study) as opened:
        opened.store.codings.save_topics("as they were", [])
        before = keys.publish_key(opened)
        opened.store.codings.save_topics("as they are due", [])
        assert keys.publish_key(opened) != before


def test_a_guide_in_another_encoding_is_refused_not_mangled(study: Path) -> None:
    (study / "guide.txt").write_bytes("Que pensez-vous du d\u00e9lai ?".encode("cp1252"))
    with open_study(study) as opened, pytest.raises(ConfigError, match=r"guide\.txt: the file is not UTF-8"):
        _ = opened.guide
