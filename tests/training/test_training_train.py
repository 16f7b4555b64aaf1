from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.manifests import coder_manifest, models_dir

if TYPE_CHECKING:
    from pathlib import Path

    from models.training.examples import Example, Vocabulary

CODERS = sorted(path.parent.name for path in (models_dir() / "coders").glob("*/manifest.json"))


def theme_ids() -> list[str]:
    from voc_pipeline.codebooks.reading import load_codebook

    return [theme.theme_id for theme in load_codebook().themes]


@pytest.mark.parametrize("name", CODERS)
def test_the_shipped_coders_were_trained_on_the_files_beside_them(name: str) -> None:
    from models.training.data import EXEMPLARS, VALIDATION, data_hash

    assert coder_manifest(name).details["trained_on"] == data_hash(EXEMPLARS, VALIDATION), (
        f"the training data changed: run `python -m models.training.train {name}` and commit models/coders"
    )


@pytest.mark.parametrize("name", CODERS)
def test_a_manifest_covers_the_shipped_codebook_and_has_a_card(name: str) -> None:
    manifest = coder_manifest(name)
    details, themes = manifest.details, theme_ids()
    assert list(details["themes"]) == themes
    assert manifest.version
    assert set(details["thresholds"]) == set(details["floors"]) == set(themes)
    assert all(0 < details["floors"][theme] < details["thresholds"][theme] < 1 for theme in themes)
    assert set(details["cues"]) == set(themes)
    assert all(details["cues"].values())
    assert (models_dir() / "coders" / name / "card.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", CODERS)
def test_stance_labels_are_the_codebooks(name: str) -> None:
    from voc_pipeline.codebooks.reading import load_codebook

    labels, codebook = coder_manifest(name).details["labels"], load_codebook()
    assert set(labels["stage"]) == set(codebook.journey_stages)
    assert set(labels["type"]) == set(codebook.statement_types)
    assert set(labels["sentiment"]) == {"negative", "neutral", "positive", "mixed"}


def test_all_models_that_are_shipped_stay_under_30_mb() -> None:
    assert sum(path.stat().st_size for path in (models_dir() / "coders").rglob("*") if path.is_file()) < 30e6


def test_every_exemplar_has_an_id_of_its_own_and_evidence_in_its_text() -> None:
    from models.training.data import EXEMPLARS

    seen = set()
    themes = set(theme_ids())
    for path in EXEMPLARS.glob("part*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            seen.add(entry["id"])
            assert entry["id"].startswith(path.stem.replace("part", "p") + "-")
            for code in entry["codes"]:
                assert code["theme"] in themes, entry["id"]
                assert code.get("evidence", "") in entry["text"], entry["id"]
    assert len(seen) == sum(len(path.read_text(encoding="utf-8").splitlines()) for path in EXEMPLARS.glob("*.jsonl"))


def test_traps_are_of_five_kinds_and_say_what_is_wrong_in_them() -> None:
    from models.training.data import TRAPS

    entries = [json.loads(line) for line in TRAPS.read_text(encoding="utf-8").splitlines()]
    assert len({entry["id"] for entry in entries}) == len(entries) >= 60
    assert {entry["kind"] for entry in entries} == {
        "denial", "other_sense", "hypothetical", "leading_question", "third_party",
    }  # fmt: skip
    themes = {*theme_ids(), "*"}
    assert all(entry["wrong"] and set(entry["wrong"]) <= themes for entry in entries)


@pytest.mark.models
def test_a_trap_counts_when_a_wrong_theme_is_accepted_and_only_then(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.traps import fallen_for, print_traps
    from models.training.data import load_traps
    from voc_pipeline.ids import ThemeId
    from voc_pipeline.records import ThemeHit

    traps = load_traps()
    one = next(number for number, trap in enumerate(traps) if "*" not in trap.wrong)
    [right] = [theme for theme in theme_ids() if not traps[one].is_wrong(theme)][:1]

    class Coder:
        def code(self, units: list[Any]) -> list[ThemeHit]:
            said = [(0, "price_value", True), (1, "price_value", False), (one, right, True)]
            return [
                ThemeHit(units[number].transcript_id, units[number].turn, ThemeId(theme), 0, 1, score=0.5,
                         accepted=accepted, prompted=False, why="")
                for number, theme, accepted in said
            ]  # fmt: skip

    fallen = fallen_for(traps, Coder())  # type: ignore[arg-type]  # all that is asked of a coder here
    assert [number for number, fell in enumerate(fallen) if fell] == [0]
    print_traps(traps, fallen)
    assert f"all                   1 of  {len(traps)}  0.01" in capsys.readouterr().out


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Example], Vocabulary]:
    """Cut 24 statements with the real sentence model and tokenise them for a small random encoder."""
    import torch
    from transformers import BertConfig, BertModel

    from models.training.data import EXEMPLARS, load_exemplars
    from models.training.examples import example_of
    from models.training.train import vocabulary_of
    from voc_pipeline.embedding.sources import locate
    from voc_pipeline.manifests import encoder_manifest

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(5)
    sizes: dict[str, Any] = {"vocab_size": 31000, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
             "intermediate_size": 48}  # fmt: skip
    BertModel(BertConfig(**sizes)).save_pretrained(folder)
    parts = tmp_path_factory.mktemp("parts")
    lines = (EXEMPLARS / "part9.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (parts / "part9.jsonl").write_text("".join(lines[-24:]), encoding="utf-8")
    manifest = encoder_manifest("minilm")
    vocabulary = vocabulary_of(manifest, locate(manifest).paths)
    made = [example_of(one, vocabulary) for one in load_exemplars(parts)]
    return folder, [one for one in made if one is not None], vocabulary


@pytest.mark.models
def test_training_twice_gives_the_same_bits_and_learns(
    learned: tuple[Path, list[Example], Vocabulary], capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    from models.training.learning import Recipe, train
    from models.training.network import Network, Shape
    from models.training.train import LABELS

    folder, examples, vocabulary = learned
    files = {name: folder / name for name in ("model.safetensors", "config.json")}
    counts = {field: len(labels) for field, labels in LABELS.items()}
    made = []
    for _ in "ab":
        torch.manual_seed(1)
        network = Network(files, Shape("tiny", rank=2, first_layer=1, scale=1.0), len(vocabulary.themes), counts)
        before = network.theme.weight.detach().clone()
        train(network, examples, vocabulary.marks, Recipe(epochs=4, rows=8, rate=1e-2, head_rate=1e-2))
        assert not torch.equal(before, network.theme.weight)
        made.append(network.shipped())
    assert made[0].keys() == made[1].keys()
    assert [name for name in made[0] if not torch.equal(made[0][name], made[1][name])] == []
    assert "epoch 4, step 0/3: loss" in capsys.readouterr().out


@pytest.mark.models
def test_an_example_labels_the_sentences_that_carry_its_codes(
    learned: tuple[Path, list[Example], Vocabulary],
) -> None:
    import numpy as np

    from models.training.examples import batch_of, joined

    _, examples, vocabulary = learned
    coded = [one for one in examples if one.judgements]
    assert coded
    for one in coded:
        assert {judgement.theme for judgement in one.judgements} == set(np.flatnonzero(one.themes))
        for judgement in one.judgements:
            rows = list(judgement.sentences)
            assert (one.sentences[rows, judgement.theme] + (1 - one.known[rows, judgement.theme]) >= 1).all()
        assert set(one.owners) - {-1} <= set(range(len(one.sentences)))
    first, second = examples[0], coded[-1]
    both = joined(first, second, first.question)
    assert np.array_equal(both.themes, np.maximum(first.themes, second.themes))
    assert both.judgements[-1].sentences[0] == second.judgements[-1].sentences[0] + len(first.sentences)
    batch = batch_of([first, second, both], vocabulary.marks)
    assert batch.ids.shape[1] % 8 == 0
    assert len(batch.answers) == len(batch.sentences) == 2 * len(both.sentences)
    assert int(batch.owners.max()) == len(batch.answers)


def test_the_soft_maximum_of_an_answers_sentences_is_near_the_highest_and_never_below() -> None:
    import torch

    from models.training.learning import soft_maximum

    logits = torch.tensor([[1.0, -5.0], [3.0, -5.0], [0.5, 2.0]])
    found = soft_maximum(logits, torch.tensor([0, 0, 1]), 2, 0.5)
    assert found[1].tolist() == pytest.approx([0.5, 2.0])
    assert 3.0 < float(found[0, 0]) < 3.1
    assert float(found[0, 1]) == pytest.approx(-5 + 0.5 * 0.6931, abs=1e-3)


def test_a_written_coder_is_named_by_what_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from models.training.train import write_coder
    from voc_pipeline import manifests

    for name, weight in (("a", 1.0), ("b", 1.0), ("c", 2.0)):
        write_coder(tmp_path / "coders" / name, {"theme.weight": torch.full((2, 2), weight)}, {"encoder": "minilm"})
    monkeypatch.setattr(manifests, "models_dir", lambda: tmp_path)
    first, same, other = (coder_manifest(name) for name in "abc")
    assert first.version == same.version != other.version
    assert len(first.version) == 12
    assert first.encoder == "minilm"


def test_what_waits_for_the_next_training_is_well_formed_and_new() -> None:
    from models.training.data import EXEMPLARS, FOLDER, load_exemplars

    waiting, known = load_exemplars(FOLDER / "next"), load_exemplars(EXEMPLARS)
    assert len(waiting) > 1000
    assert {one.group for one in waiting}.isdisjoint(one.group for one in known)
    assert {one.unit.text for one in waiting}.isdisjoint(one.unit.text for one in known)
    assert {theme for one in waiting for theme in one.themes} <= set(theme_ids())
