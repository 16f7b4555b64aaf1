from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors.numpy import save

from tests.coding.made_up import WordEncoder
from voc_pipeline import manifests
from voc_pipeline.coding.heads import LinearHead, load_stance_heads, load_theme_heads
from voc_pipeline.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

THEMES = ("price_value", "empathy")
LABELS = {"sentiment": ["negative", "positive"], "type": ["fact", "praise", "problem"]}


def tensors() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    chance = np.random.default_rng(4)
    sizes = {"theme": (3, 2), "stance": (3, 4), "sentiment": (4, 2), "type": (4, 3)}
    made = {f"{name}.weight": chance.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    made |= {f"{name}.bias": chance.normal(size=size[1]).astype(np.float32) for name, size in sizes.items()}
    made |= {"stance.shifts": np.ones((2, 4), np.float32), "adapter.0.attended.up": np.zeros((1, 1), np.float32)}
    made["exemplars"] = np.array([[1, 0, 0], [0, 1, 0], [0.8, 0.6, 0]], np.float32)
    made["background"] = np.array([[1, 0, 0, 0.5, 0.25]], np.float16)
    return made


@pytest.fixture
def coder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a coder called small, of version v1."""
    folder = tmp_path / "coders" / "small"
    folder.mkdir(parents=True)
    names: dict[str, Any] = {"exemplar_names": np.array([[1, 7], [2, 8], [3, 9]], np.int16),
             "exemplar_themes": np.array([0, 1, 0], np.uint8)}  # fmt: skip
    weights = save({**tensors(), **names})
    (folder / "weights.safetensors").write_bytes(weights)
    details = {
        "name": "small", "version": "v1", "encoder": "minilm", "weights": "weights.safetensors",
        "sha256": hashlib.sha256(weights).hexdigest(), "themes": THEMES, "labels": LABELS,
        "calibration": {"slope": 2.0, "intercept": -1.0}, "thresholds": {"price_value": 0.5, "empathy": 0.25},
        "floors": {"price_value": 0.25, "empathy": 0.125}, "cues": {"price_value": ["cost"]},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(details), encoding="utf-8")
    monkeypatch.setattr(manifests, "models_dir", lambda: tmp_path)
    return folder


def encoder(key: str = "small@v1:abc:float32") -> WordEncoder:
    made = WordEncoder(("a", "b", "c"))
    made.key = key
    return made


def test_theme_heads_are_what_was_written(coder: Path) -> None:
    heads = load_theme_heads(encoder())
    assert coder.is_dir()
    assert (heads.version, heads.themes, heads.slope, heads.intercept) == ("v1", THEMES, 2.0, -1.0)
    assert np.array_equal(heads.head.weight, tensors()["theme.weight"])
    assert (heads.thresholds.tolist(), heads.floors.tolist()) == ([0.5, 0.25], [0.25, 0.125])
    assert heads.cues == {"price_value": ("cost",)}
    assert heads.probability(np.array([0.5], np.float32)).tolist() == [0.5]
    assert heads.nearest(np.array([1, 0.5, 0], np.float32), 0) == ["p3-9", "p1-7"]
    assert heads.nearest(np.array([1, 0, 0], np.float32), 0, count=1) == ["p1-7"]


def test_stance_heads_are_what_was_written_and_shares_add_up(coder: Path) -> None:
    heads = load_stance_heads(encoder())
    assert coder.is_dir()
    assert heads.labels == {name: tuple(values) for name, values in LABELS.items()}
    vector = np.array([1, -2, 0.5], np.float32)
    for theme in (*THEMES, "unknown"):
        found = heads.probabilities(vector, theme)
        assert {name: len(shares) for name, shares in found.items()} == {"sentiment": 2, "type": 3}
        assert all(shares.sum() == pytest.approx(1) for shares in found.values())
    units = np.maximum(vector @ tensors()["stance.weight"] + tensors()["stance.bias"] + 1, 0)
    logits = units @ tensors()["type.weight"] + tensors()["type.bias"]
    assert heads.probabilities(vector, "empathy")["type"] == pytest.approx(np.exp(logits) / np.exp(logits).sum())


@pytest.mark.parametrize("load", [load_theme_heads, load_stance_heads])
def test_heads_of_another_version_or_coder_are_refused(coder: Path, load: object) -> None:
    assert coder.is_dir()
    assert callable(load)
    with pytest.raises(ModelError, match=r"heads 'small' are of version v1, .* 'small@v2:abc'.*Start again"):
        load(encoder("small@v2:abc"))
    with pytest.raises(ModelError, match="no coder is called 'word-encoder'"):
        load(encoder("word-encoder"))


@pytest.mark.parametrize("load", [load_theme_heads, load_stance_heads])
def test_changed_weights_are_refused_with_the_manifest_entry(coder: Path, load: object) -> None:
    weights = coder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert callable(load)
    with pytest.raises(ModelError, match=r"weights\.safetensors: the file's sha256 is .*small in manifest\.json"):
        load(encoder())


def test_a_linear_head_maps_many_vectors_at_once() -> None:
    head = LinearHead(np.array([[1, 2]], np.float32), np.array([0, 1], np.float32))
    assert head(np.array([[1], [3]], np.float32)).tolist() == [[1, 3], [3, 7]]


def beside(coder: Path, version: str) -> None:
    """Write a second coder of version v2, and say in the first that it was made beside some version of it."""
    details = json.loads((coder / "manifest.json").read_text(encoding="utf-8"))
    other = coder.parent / "other"
    other.mkdir()
    weights = save({"theme.weight": np.full((2, 2), 4, np.float32), "theme.bias": np.array([8, -8], np.float32)})
    (other / "weights.safetensors").write_bytes(weights)
    second = details | {"name": "other", "version": "v2", "sha256": hashlib.sha256(weights).hexdigest()}
    (other / "manifest.json").write_text(json.dumps(second), encoding="utf-8")
    details["second"] = {"coder": "other", "version": version, "share": 0.25}
    (coder / "manifest.json").write_text(json.dumps(details), encoding="utf-8")


def test_a_second_reader_has_its_share_of_a_themes_logit_and_no_say_in_stance_and_reasons(coder: Path) -> None:
    alone, stance = load_theme_heads(encoder()), load_stance_heads(encoder())
    beside(coder, "v2")
    both = load_theme_heads(encoder())
    own, read_again = np.array([0.5, 0.25, 1], np.float32), np.array([1, 0.5], np.float32)
    vector = np.concatenate([own, read_again])
    second = np.array([4 * 1.5 + 8, 4 * 1.5 - 8])
    assert both.head(vector) == pytest.approx(0.75 * alone.head(own) + 0.25 * second, abs=1e-5)
    assert both.nearest(vector, 0) == alone.nearest(own, 0)
    judged, before = load_stance_heads(encoder()).probabilities(vector, "empathy"), stance.probabilities(own, "empathy")
    assert {name: shares.tolist() for name, shares in judged.items()} == {
        name: shares.tolist() for name, shares in before.items()
    }


def test_a_coder_that_was_made_beside_another_version_of_its_second_reader_is_refused(coder: Path) -> None:
    beside(coder, "v1")
    with pytest.raises(ModelError, match=r"beside version v1 of 'other', which is now of v2.*train small again"):
        load_theme_heads(encoder())
