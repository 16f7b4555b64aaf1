from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline import manifests
from voc_pipeline.errors import ConfigError, ModelError
from voc_pipeline.registry import GROUPS, Group, plugin, plugins

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "codebook: mine\nfamilies:\n  fit: Fit\nthemes:\n"
GOOD = "  - id: speed\n    name: Speed\n    family: fit\n    definition: How fast it is.\n"


def problem(folder: Path, text: str) -> str:
    path = folder / "codebook.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        manifests.load_codebook(path)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_the_shipped_codebook_has_its_21_themes_with_definitions_and_families() -> None:
    codebook = manifests.load_codebook()
    assert len(codebook.themes) == 21
    assert all(theme.definition and theme.family in codebook.families for theme in codebook.themes)
    assert codebook.theme("grace_account").name == "Grace account"
    assert set(codebook.journey_stages) >= {"discover", "renew"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("themes: [", ["this is not YAML in UTF-8", "line"]),
        ("- a\n", ["a codebook is a mapping with a list of 'themes'"]),
        (HEAD + GOOD + "colour: red\n", ["line 9", "unknown key 'colour'"]),
        (HEAD + GOOD + "    definiton: x\n", ["line 5", "Did you mean 'definition'?"]),
        (HEAD + "  - id: speed\n    family: fit\n", ["line 5", "theme 'speed' has no definition"]),
        (
            HEAD + GOOD.replace("family: fit", "family: fat"),
            ["line 5", "names the family 'fat'", "of this codebook: fit"],
        ),
        (HEAD + GOOD + GOOD, ["line 9", "two themes have the id 'speed'"]),
        (HEAD + "  - name: Speed\n", ["a theme is a mapping with an 'id'"]),
        ("version: 1.0b\n" + HEAD + GOOD, ["a part of the codebook has the wrong shape"]),
        ("lenses: {a: [b]}\n" + HEAD + GOOD, ["a part of the codebook has the wrong shape", "lenses map groups"]),
        ((HEAD + GOOD).replace("\n  fit: Fit", " [fit]"), ["a part of the codebook has the wrong shape"]),
    ],
)
def test_a_wrong_codebook_says_where_and_what(tmp_path: Path, text: str, parts: list[str]) -> None:
    message = problem(tmp_path, text)
    assert [part for part in parts if part not in message] == []


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


def test_a_codebook_may_name_products_that_stay_readable(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(HEAD + GOOD + "products: [CytoLane 3, Helixa]\n", encoding="utf-8")
    assert manifests.load_codebook(path).products == ("CytoLane 3", "Helixa")
