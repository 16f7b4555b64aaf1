from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline import manifests
from voc_pipeline.errors import ConfigError, ModelError
from voc_pipeline.registry import GROUPS, Group, plugin, plugins

if TYPE_CHECKING:
    from pathlib import Path


def test_a_changed_model_file_is_refused_with_its_manifest_entry(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"changed")
    with pytest.raises(ModelError, match=r"sha256 is .* the manifest says aaaa.*Manifest entry minilm"):
        manifests.verified(path, "a" * 64, entry="minilm")
    with pytest.raises(ModelError, match="a model file is missing"):
        manifests.verified(tmp_path / "none", "a" * 64, entry="minilm")


def test_unknown_models_and_parts_name_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"no encoder is called 'x'.*Known: .*minilm"):
        manifests.encoder_manifest("x")
    with pytest.raises(ModelError, match="no coder is called 'x'"):
        manifests.coder_manifest("x")
    with pytest.raises(ConfigError, match=r"Did you mean 'minilm'\?"):
        plugin("encoders", "minlm")


@pytest.mark.parametrize("group", GROUPS)
def test_shipped_parts_register_through_entry_points(group: Group) -> None:
    found = plugins(group)
    assert any(part.origin.startswith("voc-pipeline ") for part in found)


def test_training_statements_are_read_where_they_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "training" / "exemplars").mkdir(parents=True)
    lines = '{"id": "p4-1", "text": "All of it.", "codes": [{"theme": "a", "evidence": "All"}, {"theme": "b"}]}\n'
    (tmp_path / "training" / "exemplars" / "part4.jsonl").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(manifests, "models_dir", lambda: tmp_path)
    assert manifests.training_statement("p4-1", "a") == "All"
    assert manifests.training_statement("p4-1", "b") == "All of it."
    assert manifests.training_statement("p4-1", "c") == "All of it."
    assert manifests.training_statement("p4-2", "a") is None
    assert manifests.training_statement("p5-1", "a") is None
