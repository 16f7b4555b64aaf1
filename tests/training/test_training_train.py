from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.manifests import coder_manifest, models_dir

if TYPE_CHECKING:
    from pathlib import Path

    from models.training.examples import Example, Vocabulary
    from models.training.network import Network

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
def test_the_background_was_read_by_the_untrained_encoder_as_it_is_pinned(name: str) -> None:
    from voc_pipeline.embedding.speech import UNTRAINED
    from voc_pipeline.manifests import encoder_manifest

    assert coder_manifest(name).details["background_of"] == f"{UNTRAINED}@{encoder_manifest(UNTRAINED).revision}"


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
    from models.training.data import EXEMPLARS, HELD_OUT

    seen = set()
    themes = set(theme_ids())
    paths = [path for folder in (EXEMPLARS, HELD_OUT) for path in folder.glob("part*.jsonl")]
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            seen.add(entry["id"])
            assert entry["id"].startswith(path.stem.replace("part", "p") + "-")
            for code in entry["codes"]:
                assert code["theme"] in themes, entry["id"]
                assert code.get("evidence", "") in entry["text"], entry["id"]
    assert len(seen) == sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def test_held_out_statements_are_all_coded_twice_and_none_is_trained_on() -> None:
    from models.training.data import EXEMPLARS, FOLDER, HELD_OUT

    def entries(*paths: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]

    held_out = entries(*sorted(HELD_OUT.glob("part*.jsonl")))
    second = entries(FOLDER / "second_coder" / "statements.jsonl")
    assert sorted(entry["id"] for entry in held_out) == sorted(entry["id"] for entry in second)
    assert not {entry["text"] for entry in held_out} & {
        entry["text"] for entry in entries(*EXEMPLARS.glob("part*.jsonl"))
    }


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
    assert f"all                   1 of {len(traps):>3}  0.01" in capsys.readouterr().out


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


def network_of(folder: Path, themes: int, *, seed: int) -> Network:
    import torch

    from models.training.network import Network, Shape
    from models.training.train import LABELS

    torch.manual_seed(seed)
    files = {name: folder / name for name in ("model.safetensors", "config.json")}
    counts = {field: len(labels) for field, labels in LABELS.items()}
    return Network(files, Shape("tiny", rank=2, first_layer=1, scale=3.0), themes, counts)


@pytest.mark.models
def test_a_training_goes_on_from_what_another_shipped(learned: tuple[Path, list[Example], Vocabulary]) -> None:
    import torch

    from models.training.learning import Recipe, train
    from models.training.network import Correction

    folder, examples, vocabulary = learned
    first, second = (network_of(folder, len(vocabulary.themes), seed=seed) for seed in (1, 2))
    train(first, examples, vocabulary.marks, Recipe(epochs=1, rows=8, rate=1e-2, head_rate=1e-2))
    shipped = first.shipped()
    second.resume(shipped)
    again = second.shipped()
    for network in (first, second):
        corrections = [module for module in network.modules() if isinstance(module, Correction)]
        assert len(corrections) > 3
        assert all(float(one.up.detach().abs().max()) > 0 for one in corrections)
        for one in corrections:
            whole = (one.weight.float() + one.up @ one.down).to(one.weight.dtype)
            assert torch.allclose(one.merged.float(), whole.detach().float(), atol=1e-2)
            assert not torch.equal(one.merged, one.weight)
    assert [name for name in shipped if not torch.allclose(shipped[name], again[name], atol=1e-6)] == []


@pytest.mark.models
def test_a_steps_answers_are_parted_by_length_and_cost_as_much_as_in_one_batch(
    learned: tuple[Path, list[Example], Vocabulary],
) -> None:
    import torch

    from models.training.examples import batch_of
    from models.training.learning import Recipe, _backward, _halves

    folder, examples, vocabulary = learned
    chosen = examples[:16]
    halves = _halves(chosen)
    assert len(halves) == 2
    assert sorted(place for half in halves for group in half for place in group) == list(range(16))
    assert max(len(group) for half in halves for group in half) <= 5
    lengths = [
        len(chosen[place].text) + len(chosen[place].question) for half in halves for group in half for place in group
    ]
    assert lengths == sorted(lengths)
    recipe = Recipe(dropout=0.0)
    ways: list[list[list[list[int]]]] = [halves, [[list(range(16))]]]
    gradients = []
    for way in ways:
        network = network_of(folder, len(vocabulary.themes), seed=1)
        for half in way:
            batches = [batch_of([chosen[place] for place in group], vocabulary.marks) for group in half]
            _backward(network, batches, recipe, seed=1, rows=16)
        named = {name: weight.grad for name, weight in network.named_parameters() if weight.grad is not None}
        # Norms are left out: where these are summed in bfloat16, the order of the rows matters.
        gradients.append({name: gradient for name, gradient in named.items() if "norm" not in name})
    assert len(gradients[0]) > 10
    for name, whole in gradients[1].items():
        assert torch.allclose(gradients[0][name], whole, atol=0.01 * float(whole.abs().max())), name


@pytest.mark.models
def test_a_teachers_probabilities_stand_beside_the_labels(learned: tuple[Path, list[Example], Vocabulary]) -> None:
    from dataclasses import replace

    import numpy as np
    import torch

    from models.training.examples import batch_of
    from models.training.learning import Recipe, _costs
    from models.training.teaching import teacher_of
    from models.training.train import LABELS

    folder, examples, vocabulary = learned
    network = network_of(folder, len(vocabulary.themes), seed=1)
    teacher = teacher_of(network.shipped(), vocabulary.themes, LABELS)
    one = next(example for example in examples if example.judgements)
    vectors = np.ones((len(one.sentences), 32), dtype=np.float32)
    taught = teacher.taught(one, vectors)
    assert taught.taught.shape == one.sentences.shape
    assert all(sum(field) == pytest.approx(1) for judged in taught.judgements for field in judged.taught)
    only_stances = replace(taught, taught=one.taught)
    costs = [
        _costs(network, batch_of([example], vocabulary.marks), Recipe(), torch.Generator().manual_seed(1)).item()
        for example in (one, only_stances, taught)
    ]
    assert costs[0] < costs[1] < costs[2], "what a teacher says of codes and of sentences costs besides the labels"


@pytest.mark.models
def test_only_answers_without_a_code_that_speak_for_themselves_get_another_question(
    learned: tuple[Path, list[Example], Vocabulary],
) -> None:
    import random
    from dataclasses import replace

    from models.training.examples import with_another_question

    _, examples, _ = learned
    other = replace(examples[0], question=(7, 8, 9))
    coded = next(one for one in examples if one.judgements)
    free = next(one for one in examples if not one.judgements and len(one.text) >= 24)
    choose = random.Random(1)  # noqa: S311 (a test)
    assert with_another_question(free, [other], choose, rate=1.0).question == (7, 8, 9)
    assert with_another_question(coded, [other], choose, rate=1.0) is coded
    short = replace(free, text=free.text[:10])
    assert with_another_question(short, [other], choose, rate=1.0) is short
    state = choose.getstate()
    assert with_another_question(free, [other], choose, rate=0.0) is free
    assert choose.getstate() == state, "a recipe without it draws the same numbers as before there was one"


def test_after_the_first_epoch_the_dearer_half_is_gone_through_and_a_share_of_the_rest() -> None:
    import random

    import numpy as np

    from models.training.learning import Recipe, _order, _steps

    costs = np.arange(20.0)
    order = _order(costs, random.Random(1), 0.3)  # noqa: S311 (a test)
    assert set(range(10, 20)) <= set(order)
    assert len(order) == len(set(order)) == 13
    assert sorted(_order(costs, random.Random(1), 1.0)) == list(range(20))  # noqa: S311 (a test)
    recipe = Recipe(rows=4, known_share=0.3)
    assert [_steps(20, epoch, recipe) for epoch in (0, 1)] == [5, 3]


def test_reasons_refer_to_statements_of_all_parts_and_of_no_theme_to_too_many(tmp_path: Path) -> None:
    from collections import Counter

    from models.training.data import EXEMPLARS, load_exemplars
    from models.training.train import spread

    for part in ("part1.jsonl", "part27.jsonl"):
        (tmp_path / part).write_bytes((EXEMPLARS / part).read_bytes())
    exemplars = load_exemplars(tmp_path)
    kept = spread(exemplars, 6)
    themes = {code.theme for one in exemplars for code in one.codes}
    assert Counter(code.theme for one in kept for code in one.codes) == dict.fromkeys(themes, 6)
    assert {one.group for one in kept} == {"p1", "p27"}
    assert all(one.codes for one in kept)
    assert spread(exemplars, 10**6) == [one for one in exemplars if one.codes]


def test_the_background_is_the_middle_sentence_of_some_statements_of_all_parts_without_their_question(
    tmp_path: Path,
) -> None:
    from dataclasses import replace
    from types import SimpleNamespace
    from typing import TYPE_CHECKING

    import numpy as np

    from models.training.data import EXEMPLARS, load_exemplars, statements_of
    from models.training.train import background
    from voc_pipeline.coding.speeches import sentences_of

    if TYPE_CHECKING:
        from collections.abc import Sequence

        from voc_pipeline.speech import Speech

    for part in ("part1.jsonl", "part27.jsonl"):
        (tmp_path / part).write_bytes((EXEMPLARS / part).read_bytes())
    exemplars = load_exemplars(tmp_path)
    read: list[Speech] = []

    def encode(speeches: Sequence[Speech]) -> list[Any]:
        read.extend(speeches)
        return [np.arange(float(len(one.sentences)))[:, None] for one in speeches]

    encoder: Any = SimpleNamespace(encode=encode)
    vectors = background(exemplars, encoder, 50)
    texts = {one.unit.text: one for one in exemplars}
    assert vectors.shape == (50, 1)
    assert {speech.question for speech in read} == {None}
    statements = [texts[speech.text] for speech in read]
    assert {one.group for one in statements} == {"p1", "p27"}
    assert {bool(one.codes) for one in statements} == {True, False}
    codable = [
        [number for number, sentence in enumerate(sentences_of(one.unit)) if sentence.codable] for one in statements
    ]
    assert vectors[:, 0].tolist() == [numbers[len(numbers) // 2] for numbers in codable]
    [said] = statements_of([("p1", 999, None, "Hm. Well. The crane stood.", ())])
    [whole] = said.unit.passages
    cut = whole.sentences[1][1]
    fillers = replace(whole, end=cut, sentences=whole.sentences[:2], codable=False)
    rest = replace(whole, start=cut, sentences=whole.sentences[2:])
    filled = replace(said, unit=replace(said.unit, passages=(fillers, rest)))
    assert background([filled], encoder).tolist() == [[2.0]]


def test_a_training_refuses_options_that_make_no_sense(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from models.training import train

    monkeypatch.setattr("sys.argv", ["train", "fast", "--start", "build/first/accurate"])
    with pytest.raises(SystemExit):
        train.main()
    assert (
        "--start needs the folder of a coder of the profile, fast, not build/first/accurate" in capsys.readouterr().err
    )
    monkeypatch.setattr("sys.argv", ["train", "fast", "--average"])
    with pytest.raises(SystemExit):
        train.main()
    assert "--average needs --start, the coder to average with" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["train", "fast", "--parts", "9-1"])
    with pytest.raises(SystemExit):
        train.main()
    assert "parts, as \"42-51,1-41:0.5\", not '9-1'" in capsys.readouterr().err


def test_a_training_takes_shares_of_parts_at_even_steps() -> None:
    from models.training.data import statements_of
    from models.training.train import shares_of, taken

    places = [(part, number) for part in (1, 2, 3) for number in (1, 2, 3, 4)]
    exemplars = statements_of([(f"p{part}", number, None, f"Answer {part} {number}.", ()) for part, number in places])
    assert taken(exemplars, shares_of("1-3")) == exemplars
    assert taken(exemplars, shares_of("1,3")) == [*exemplars[:4], *exemplars[8:]]
    assert taken(exemplars, shares_of("2,1:0.5")) == [exemplars[0], exemplars[3], *exemplars[4:8]]
    assert taken(exemplars, {1: 0.5, 2: 1, 3: 0.5}) == [
        exemplars[0], exemplars[2], *exemplars[4:8], exemplars[8], exemplars[11],
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["", "x", "1-", "9-1", "1-9999", "3:0", "3:1.5", "1-2-3"])
def test_shares_of_parts_that_make_no_sense_are_refused(written: str) -> None:
    from models.training.train import shares_of

    with pytest.raises(ValueError):  # noqa: PT011 (only main's message reaches a person)
        shares_of(written)


def test_an_average_lies_halfway_between_a_coder_and_the_one_it_started_from(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    from models.training.train import averaged

    before = {"theme.bias": torch.tensor([1.0, 2.0]), "exemplars": torch.ones(2, 2)}
    save_file(before, tmp_path / "weights.safetensors")
    found = averaged({"theme.bias": torch.tensor([3.0, 0.0], dtype=torch.float16)}, tmp_path)
    assert {name: tensor.tolist() for name, tensor in found.items()} == {"theme.bias": [2.0, 1.0]}
    assert found["theme.bias"].dtype == torch.float16
