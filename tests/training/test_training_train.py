from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voc_pipeline.errors import ModelError
from voc_pipeline.manifests import coder_manifest, load_codebook, models_dir

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.training.data import Statement
    from voc_pipeline.protocols import FloatMatrix

CODERS = ("themes-minilm", "stance-minilm")


@pytest.mark.parametrize("name", CODERS)
def test_the_shipped_heads_were_trained_on_the_files_beside_them(name: str) -> None:
    from models.training.data import EXEMPLARS, VALIDATION, data_hash

    assert coder_manifest(name).details["trained_on"] == data_hash(EXEMPLARS, VALIDATION), (
        "the training data changed: run `python -m models.training.train` and commit models/coders"
    )


@pytest.mark.parametrize("name", CODERS)
def test_a_manifest_covers_the_shipped_codebook_and_has_a_card(name: str) -> None:
    manifest = coder_manifest(name)
    assert list(manifest.details["themes"]) == [theme.theme_id for theme in load_codebook().themes]
    assert manifest.version
    assert (models_dir() / "coders" / name / "card.md").read_text(encoding="utf-8").startswith("# ")


def test_thresholds_and_cues_are_complete_and_sane() -> None:
    details = coder_manifest("themes-minilm").details
    themes = set(details["themes"])
    assert set(details["thresholds"]) == set(details["floors"]) == set(details["cues"]) == themes
    assert all(0 < details["floors"][theme] < details["thresholds"][theme] < 1 for theme in themes)
    assert all(details["cues"][theme] for theme in themes)


def test_stance_labels_are_the_codebooks() -> None:
    labels = coder_manifest("stance-minilm").details["labels"]
    codebook = load_codebook()
    assert set(labels["stage"]) == set(codebook.journey_stages)
    assert set(labels["type"]) == set(codebook.statement_types)
    assert set(labels["sentiment"]) == {"negative", "neutral", "positive", "mixed"}


def test_every_exemplar_has_an_id_of_its_own_and_evidence_in_its_text() -> None:
    from models.training.data import EXEMPLARS

    seen = set()
    themes = {theme.theme_id for theme in load_codebook().themes}
    for path in EXEMPLARS.glob("part*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            seen.add(entry["id"])
            assert entry["id"].startswith(path.stem.replace("part", "p") + "-")
            for code in entry["codes"]:
                assert code["theme"] in themes, entry["id"]
                assert code.get("evidence", "") in entry["text"], entry["id"]
    assert len(seen) == sum(len(path.read_text(encoding="utf-8").splitlines()) for path in EXEMPLARS.glob("*.jsonl"))


class LetterEncoder:
    """Letter frequencies: enough to learn from, without a model."""

    key = "letters:float32"
    dimension = 26

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        counts = [[text.lower().count(chr(97 + letter)) + 0.1 for letter in range(26)] for text in texts]
        vectors = np.array(counts, dtype=np.float32).reshape(-1, 26)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit_vectors: FloatMatrix = vectors / lengths
        return unit_vectors


@pytest.fixture(scope="module")
def slices(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Statement], list[Statement]]:
    """Cut 40 statements of each of two authors, and one interview, with the real sentence model."""
    from models.training.data import EXEMPLARS, VALIDATION, load_exemplars, load_validation

    folder = tmp_path_factory.mktemp("slices")
    for part in ("part4.jsonl", "part9.jsonl"):
        lines = (EXEMPLARS / part).read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / part).write_text("".join(lines[-40:]), encoding="utf-8")
    interview = folder / "interviews"
    interview.mkdir()
    (interview / "val-01.json").write_bytes((VALIDATION / "val-01.json").read_bytes())
    return load_exemplars(folder), load_validation(interview)


@pytest.mark.models
def test_training_twice_gives_the_same_bits(slices: tuple[list[Statement], list[Statement]]) -> None:
    from models.training.train import train_stance, train_themes

    exemplars, validation = slices
    carried = sorted({theme for statement in exemplars for theme in statement.themes})
    themes = tuple(theme for theme in carried if sum(theme in statement.themes for statement in exemplars) > 1)
    for train in (train_themes, train_stance):
        (first, described), (second, again) = (train(exemplars, validation, LetterEncoder(), themes) for _ in "ab")
        assert described == again
        assert first.keys() == second.keys()
        assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.models
def test_a_written_coder_is_read_back_and_verified(
    slices: tuple[list[Statement], list[Statement]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.training.train import train_stance, write_coder
    from voc_pipeline import manifests
    from voc_pipeline.coding.heads import load_stance_heads

    tensors, details = train_stance(*slices, LetterEncoder(), ("price_value",))
    write_coder(tmp_path / "coders/stance-minilm", tensors, details, encoder_key=LetterEncoder.key)
    monkeypatch.setattr(manifests, "models_dir", lambda: tmp_path)
    heads = load_stance_heads(LetterEncoder())
    assert np.array_equal(heads.heads["sentiment"].weight, tensors["sentiment.weight"])
    assert list(heads.labels["sentiment"]) == details["labels"]["sentiment"]

    weights = tmp_path / "coders/stance-minilm/weights.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    with pytest.raises(ModelError, match=r"weights\.safetensors: the file's sha256 is"):
        load_stance_heads(LetterEncoder())


@pytest.mark.models
def test_the_shipped_coder_is_as_good_on_the_validation_interviews_as_its_manifest_says() -> None:
    from models.training.data import load_validation
    from voc_pipeline.coding.scoring import Coded, score
    from voc_pipeline.coding.themes import HeadThemeCoder
    from voc_pipeline.embedding.cache import CachedEncoder, MemoryCache
    from voc_pipeline.embedding.encoder import load_encoder

    turns = load_validation()
    coder = HeadThemeCoder(CachedEncoder(load_encoder(), MemoryCache()), load_codebook())
    hits = coder.code([statement.unit for statement in turns])
    found = [Coded("all", hit.turn, hit.theme_id) for hit in hits if hit.accepted]
    gold = [Coded("all", statement.unit.turn, theme) for statement in turns for theme in statement.themes]
    assert score(found, gold).micro.f1 >= coder_manifest("themes-minilm").details["validation"]["micro_f1"] - 0.02

    alone = [hit for statement in turns[:20] for hit in coder.code([statement.unit])]
    assert alone == [hit for hit in hits if hit.turn <= 20]
    texts = {statement.unit.turn: statement.unit.text for statement in turns}
    for hit in hits:
        quote = texts[hit.turn][hit.start : hit.end]
        assert quote == quote.strip() != ""


def test_heads_refuse_vectors_of_another_encoder() -> None:
    from voc_pipeline.coding.heads import load_stance_heads, load_theme_heads

    for load in (load_theme_heads, load_stance_heads):
        with pytest.raises(ModelError, match=r"were trained on '.*', the encoder is 'letters:float32'\. Choose the"):
            load(LetterEncoder())
