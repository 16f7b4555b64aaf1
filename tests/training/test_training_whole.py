from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor


@pytest.fixture
def little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a training find forty statements and two interviews, and note how many passes' weights each one averages."""
    from models.training import data, train

    parts, interviews = tmp_path / "parts", tmp_path / "interviews"
    for folder in (parts, interviews):
        folder.mkdir()
    lines = (data.EXEMPLARS / "part9.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (parts / "part9.jsonl").write_text("".join(lines[:40]), encoding="utf-8")
    for name in ("val-01.json", "val-02.json"):
        (interviews / name).write_bytes((data.VALIDATION / name).read_bytes())
    averaged: list[int] = []

    def last(made: list[dict[str, Tensor]]) -> dict[str, Tensor]:
        averaged.append(len(made))
        return made[-1]

    monkeypatch.setattr(train, "EXEMPLARS", parts)
    monkeypatch.setattr(train, "VALIDATION", interviews)
    monkeypatch.setattr(train, "load_exemplars", lambda: data.load_exemplars(parts))
    monkeypatch.setattr(train, "load_validation", lambda: data.load_validation(interviews))
    monkeypatch.setattr(train, "averaged", last)
    return averaged


def trained(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> dict[str, Any]:
    """Train a fast coder into a folder; returns its manifest."""
    from models.training import train

    monkeypatch.setattr("sys.argv", ["train", "fast", "--out", str(folder), *options])
    train.main()
    manifest: dict[str, Any] = json.loads((folder / "fast" / "manifest.json").read_text(encoding="utf-8"))
    return manifest


@pytest.mark.models
def test_a_training_from_nothing_writes_a_coder_that_can_be_read_and_gone_on_from(
    little: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np

    from models.training import data, train
    from voc_pipeline.coding.speeches import sentences_of, speech_of

    first, second = tmp_path / "first", tmp_path / "second"
    shape, recipe = train.PROFILES["fast"]
    monkeypatch.setitem(train.PROFILES, "fast", (shape, replace(recipe, averaged=2)))
    manifest = trained(monkeypatch, first, "--pass", "9", "--pass", "9", "--pass", "9:0.5")
    assert "pass 3, step 0/1: loss" in capsys.readouterr().out
    assert manifest["sha256"] == hashlib.sha256((first / "fast" / "weights.safetensors").read_bytes()).hexdigest()
    assert (manifest["recipe"]["passes"], manifest["start"]) == (["9", "9", "9:0.5"], "")
    tensors, vocabulary, encoder = train.read_coder(first / "fast")
    [statement, *_] = data.load_exemplars(tmp_path / "parts")
    [vectors] = encoder.encode([speech_of(statement.unit, sentences_of(statement.unit))])
    logits = vectors @ tensors["theme.weight"].numpy()
    assert logits.shape == (len(sentences_of(statement.unit)), len(vocabulary.themes))
    assert np.isfinite(logits).all()

    still = replace(recipe, averaged=2, rate=0.0, head_rate=0.0, decay=0.0)
    monkeypatch.setitem(train.PROFILES, "fast", (shape, still))
    again = trained(monkeypatch, second, "--start", str(first / "fast"), "--pass", "9")
    assert again["start"] == manifest["version"] != again["version"]
    assert little == [2, 1], "the last two of three passes, or the one there is"
    weights = train.read_coder(second / "fast")[0]["theme.weight"]
    assert np.allclose(weights.numpy(), tensors["theme.weight"].numpy(), atol=1e-6), "it began with these"
