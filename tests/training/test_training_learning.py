from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeAlias

    from models.training import learning
    from models.training.examples import Example, Vocabulary
    from models.training.network import Network
    from voc_pipeline.embedding.speech import Marks

    Stepping: TypeAlias = tuple[list[Example], list[list[int]], list[list[float]], Any]


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Example], Vocabulary]:
    """Cut 24 statements with the real sentence model and tokenise them for a small random encoder."""
    import torch
    from transformers import BertConfig, BertModel

    from models.training.data import EXEMPLARS, load_exemplars
    from models.training.examples import example_of
    from models.training.shipping import vocabulary_of
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
    return folder, [example_of(one, vocabulary) for one in load_exemplars(parts)], vocabulary


def go_through(network: Network, examples: list[Example], marks: Marks, passes: int) -> None:
    from models.training.learning import Pass, Recipe, Training

    recipe = Recipe(passes=(Pass("9", 1.0),) * passes, rows=8, rate=1e-2, head_rate=1e-2)
    for number in range(1, passes + 1):
        Training(network, marks, recipe, number=number).go_through([(examples, 1.0)])


def network_of(folder: Path, themes: int, *, seed: int) -> Network:
    import torch

    from models.training.network import Network, Shape
    from models.training.profiles import LABELS

    torch.manual_seed(seed)
    files = {name: folder / name for name in ("model.safetensors", "config.json")}
    counts = {field: len(labels) for field, labels in LABELS.items()}
    return Network(files, Shape("tiny", rank=2, first_layer=1, scale=3.0), themes, counts)


@pytest.mark.models
def test_training_twice_gives_the_same_bits_and_learns(
    learned: tuple[Path, list[Example], Vocabulary], capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    folder, examples, vocabulary = learned
    made = []
    for _ in "ab":
        network = network_of(folder, len(vocabulary.themes), seed=1)
        before = network.theme.weight.detach().clone()
        go_through(network, examples, vocabulary.marks, 4)
        assert not torch.equal(before, network.theme.weight)
        made.append(network.shipped())
        kept = made[-1]["theme.bias"].clone()
        with torch.no_grad():
            network.theme.bias.add_(1)
        assert torch.equal(made[-1]["theme.bias"], kept), "what is shipped stays, whatever is learned after"
    assert made[0].keys() == made[1].keys()
    assert [name for name in made[0] if not torch.equal(made[0][name], made[1][name])] == []
    assert "pass 4, step 3/3: loss" in capsys.readouterr().out


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


@pytest.mark.models
def test_a_training_goes_on_from_what_another_shipped(learned: tuple[Path, list[Example], Vocabulary]) -> None:
    import torch

    from models.training.network import Correction

    folder, examples, vocabulary = learned
    first, second = (network_of(folder, len(vocabulary.themes), seed=seed) for seed in (1, 2))
    go_through(first, examples, vocabulary.marks, 1)
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
    recipe = Recipe(passes=(), dropout=0.0)
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
    assert with_another_question(free, [other], choose, rate=0.0) is free


@pytest.fixture
def stepping(learned: tuple[Path, list[Example], Vocabulary], monkeypatch: pytest.MonkeyPatch) -> Stepping:
    """Give 20 examples, the numbers of those of each step and its rates, and what begins a training that notes them."""
    from models.training import learning

    folder, examples, vocabulary = learned
    numbers = {id(example): number for number, example in enumerate(examples[:20])}
    steps: list[list[int]] = []
    rates: list[list[float]] = []

    def step(training: learning.Training, chosen: list[Example], _threads: object) -> float:
        steps.append([numbers[id(example)] for example in chosen])
        rates.append([group["lr"] for group in training._optimiser.param_groups])  # noqa: SLF001 (rates show nowhere else)
        return 0.0

    def begin(rows: int, number: int = 1) -> learning.Training:
        recipe = learning.Recipe(
            passes=(learning.Pass("9", 1.0, 0.5), learning.Pass("9")),
            rows=rows,
            rate=1,
            head_rate=4,
            warm_up=0.2,
            join=0,
            drop_question=0,
            swap_question=0,
        )
        network = network_of(folder, len(vocabulary.themes), seed=1)
        return learning.Training(network, vocabulary.marks, recipe, number=number)

    monkeypatch.setattr(learning.Training, "_step", step)
    return examples[:20], steps, rates, begin


@pytest.mark.models
def test_a_pass_takes_the_share_of_each_pool_in_any_order(stepping: Stepping) -> None:
    examples, steps, _, begin = stepping
    orders = []
    for number in (1, 2, 2):
        steps.clear()
        begin(1, number).go_through([(examples[:2], 1.0), (examples[2:], 0.5)])
        orders.append([number for [number] in steps])
    first, second, again = orders
    assert len(first) == len(set(first)) == 2 + 9
    assert {0, 1} <= set(first)
    assert first != sorted(first)
    assert set(first) != set(range(11)), "drawn, not the first ones"
    assert second == again != first, "each pass draws anew, and the same whenever it is made"


@pytest.mark.models
def test_a_pass_makes_whole_steps_only(stepping: Stepping) -> None:
    examples, steps, _, begin = stepping
    begin(5).go_through([(examples, 0.6)])
    assert [len(step) for step in steps] == [5, 5], "of twelve"
    with pytest.raises(ValueError, match="a step takes 5 answers, and there are 1"):
        begin(5).go_through([(examples[:1], 1.0)])


@pytest.mark.models
def test_learning_rates_rise_at_the_beginning_of_a_pass_and_fall_as_it_says(stepping: Stepping) -> None:
    from models.training.learning import Pass, pace

    examples, _, rates, begin = stepping
    begin(4, 1).go_through([(examples, 1.0)])
    begin(4, 2).go_through([(examples, 1.0)])
    shares = [pace(done / 5, one, 0.2) for one in (Pass("9", 1.0, 0.5), Pass("9")) for done in range(1, 6)]
    assert rates == [[share, 4 * share] for share in shares]


def test_a_rate_rises_and_falls_in_lines() -> None:
    from models.training.learning import Pass, pace

    first, last = Pass("1", 1.0, 0.5), Pass("1")
    assert [pace(done, first, 0.2) for done in (0.1, 0.2, 0.6, 1.0)] == pytest.approx([0.475, 0.9, 0.7, 0.5])
    assert [pace(done, last, 0.2) for done in (0.1, 0.2, 0.6, 1.0)] == pytest.approx([0.225, 0.4, 0.2, 0.02])
