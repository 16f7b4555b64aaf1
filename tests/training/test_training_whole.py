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
    from models.training import data, shipping, train

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

    for module in (shipping, train):
        monkeypatch.setattr(module, "load_exemplars", lambda: data.load_exemplars(parts))
    monkeypatch.setattr(train, "EXEMPLARS", parts)
    monkeypatch.setattr(train, "VALIDATION", interviews)
    monkeypatch.setattr(shipping, "load_validation", lambda: data.load_validation(interviews))
    monkeypatch.setattr(train, "PASSES", tmp_path / "passes")
    monkeypatch.setattr(train, "averaged", last)
    return averaged


def trained(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str, profile: str = "fast") -> dict[str, Any]:
    """Train a coder into a folder; returns its manifest."""
    from models.training import train

    monkeypatch.setattr("sys.argv", ["train", profile, "--out", str(folder), *options])
    train.main()
    manifest: dict[str, Any] = json.loads((folder / profile / "manifest.json").read_text(encoding="utf-8"))
    return manifest


@pytest.mark.models
def test_a_training_from_nothing_writes_a_coder_that_can_be_read_and_gone_on_from(
    little: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np

    from models.training import data, profiles, shipping
    from voc_pipeline.coding.speeches import sentences_of, speech_of

    first, second = tmp_path / "first", tmp_path / "second"
    fast = profiles.PROFILES["fast"]
    monkeypatch.setitem(profiles.PROFILES, "fast", replace(fast, recipe=replace(fast.recipe, averaged=2)))
    manifest = trained(monkeypatch, first, "--pass", "9", "--pass", "9", "--pass", "9:0.5")
    assert "pass 3, step 1/1: loss" in capsys.readouterr().out
    assert manifest["sha256"] == hashlib.sha256((first / "fast" / "weights.safetensors").read_bytes()).hexdigest()
    assert [one["parts"] for one in manifest["recipe"]["passes"]] == ["9", "9", "9:0.5"]
    assert manifest["start"] == ""
    made = shipping.read_coder(first / "fast")
    [statement, *_] = data.load_exemplars(tmp_path / "parts")
    [vectors] = made.encoder.encode([speech_of(statement.unit, sentences_of(statement.unit))])
    logits = made.head(vectors)
    assert logits.shape == (len(sentences_of(statement.unit)), len(made.vocabulary.themes))
    assert np.isfinite(logits).all()

    still = replace(fast.recipe, averaged=2, rate=0.0, head_rate=0.0, decay=0.0)
    monkeypatch.setitem(profiles.PROFILES, "fast", replace(fast, recipe=still))
    again = trained(monkeypatch, second, "--start", str(first / "fast"), "--pass", "9")
    assert again["start"] == manifest["version"] != again["version"]
    assert little == [2, 1], "the last two of three passes, or the one there is"
    weights = shipping.read_coder(second / "fast").head.weight
    assert np.allclose(weights, made.head.weight, atol=1e-6), "it began with these"


@pytest.mark.models
@pytest.mark.usefixtures("little")
def test_an_interrupted_training_goes_on_after_its_last_pass_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from models.training import train
    from models.training.profiles import PROFILES

    passes = ("--pass", "9", "--pass", "9:0.5")
    whole = trained(monkeypatch, tmp_path / "whole", *passes)
    first, second = sorted((tmp_path / "passes").iterdir(), key=lambda path: path.name.split("-")[1])
    at = first.stat().st_mtime_ns
    second.unlink()
    capsys.readouterr()
    resumed = trained(monkeypatch, tmp_path / "resumed", *passes)
    said = capsys.readouterr().out
    assert "pass 1, step" not in said
    assert "pass 2, step 1/1" in said
    assert resumed == whole
    assert first.stat().st_mtime_ns == at

    def kept() -> list[str]:
        profile = PROFILES["fast"]
        recipe = replace(profile.recipe, passes=train.passes_of(["9", "9:0.5"], from_nothing=True))
        return [path.name for path in train.kept_at(profile.shape, recipe, None)]

    assert kept() == [first.name, second.name]
    with (tmp_path / "parts" / "part9.jsonl").open("a", encoding="utf-8") as part:
        part.write("\n")
    assert not {*kept()} & {first.name, second.name}, "other statements, other weights"


@pytest.mark.models
@pytest.mark.usefixtures("little")
def test_the_product_reads_a_coder_made_beside_another_as_its_training_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    from models.training import data, profiles, shipping
    from voc_pipeline import manifests
    from voc_pipeline.coding.heads import load_theme_heads
    from voc_pipeline.coding.speeches import sentences_of, speech_of
    from voc_pipeline.embedding.speech import load_accurate

    # As small as the fast one: what is new is that they are two.
    small = replace(profiles.PROFILES["fast"], second="fast", share=0.3)
    monkeypatch.setitem(profiles.PROFILES, "accurate", small)
    coders = tmp_path / "models" / "coders"
    fast = trained(monkeypatch, coders, "--pass", "9")
    accurate = trained(monkeypatch, coders, "--pass", "9:0.5", profile="accurate")
    assert accurate["second"] == {"coder": "fast", "version": fast["version"], "share": 0.3}
    (tmp_path / "models" / "encoders.toml").write_bytes((manifests.models_dir() / "encoders.toml").read_bytes())
    monkeypatch.setattr(manifests, "models_dir", lambda: tmp_path / "models")
    shipped, made = load_accurate(), shipping.read_coder(coders / "accurate")
    head = load_theme_heads(shipped).head
    for statement in data.load_exemplars(tmp_path / "parts")[:4]:
        speech = speech_of(statement.unit, sentences_of(statement.unit))
        [vectors], [again] = shipped.encode([speech]), made.encoder.encode([speech])
        assert vectors.shape[1] == 2 * 384
        assert np.array_equal(vectors, again)
        assert np.array_equal(head(vectors), made.head(again))
    trained(monkeypatch, coders, "--pass", "9:0.5")
    with pytest.raises(ValueError, match=rf"beside version {fast['version']} of .*fast, which is of"):
        shipping.read_coder(coders / "accurate")
    manifest = shipping.manifest_of(coders / "fast")
    (coders / "fast" / "manifest.json").write_text(json.dumps({**manifest, "themes": manifest["themes"][::-1]}))
    with pytest.raises(ValueError, match=r"fast was made for other themes than the shipped codebook's"):
        shipping.read_coder(coders / "fast")
