"""The written-out forward pass against the reference implementation, on made-up and on the real weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

LENGTHS = (1, 7, 40, 64)


def reference(folder: Path) -> Any:
    """Load transformers' own model of an encoder's files."""
    from transformers import AutoModel

    return AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()


@pytest.fixture(scope="module", params=["bert", "mpnet"])
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a random encoder of either family, as large as a test needs."""
    import torch
    from transformers import BertConfig, BertModel, MPNetConfig, MPNetModel

    torch.manual_seed(5)
    sizes: dict[str, Any] = {"vocab_size": 90, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4,
             "intermediate_size": 48, "max_position_embeddings": 80}  # fmt: skip
    model: Any = BertModel(BertConfig(**sizes)) if request.param == "bert" else MPNetModel(MPNetConfig(**sizes))
    with torch.no_grad():
        for weight in model.parameters():  # initial ones are near zero, with which all goes well
            weight.add_(0.2 * torch.randn(weight.shape))
    folder = tmp_path_factory.mktemp(request.param)
    model.save_pretrained(folder)
    return folder


def rows(vocabulary: int, lengths: tuple[int, ...] = LENGTHS) -> tuple[Tensor, Tensor]:
    import torch

    chance = torch.Generator().manual_seed(3)
    ids = torch.randint(3, vocabulary, (len(lengths), max(lengths)), generator=chance)
    for row, length in enumerate(lengths):
        ids[row, length:] = 1  # padding of MPNet; BERT's is masked anyway
    return ids, torch.tensor(lengths)


def farthest(folder: Path, lengths: tuple[int, ...] = LENGTHS) -> float:
    """Give the largest difference to the reference over all states that count."""
    import torch

    from voc_pipeline.embedding.forward import Transformer

    model = reference(folder)
    ids, counts = rows(model.config.vocab_size, lengths)
    mask = torch.arange(ids.shape[1]) < counts[:, None]
    with torch.no_grad():
        expected = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
    ours = Transformer(folder / "model.safetensors", folder / "config.json", torch.float32)(ids, counts)
    assert ours.shape == expected.shape
    return float((ours - expected)[mask].abs().max())


def test_the_states_of_a_small_encoder_are_the_references(tiny: Path) -> None:
    assert farthest(tiny) < 1e-5


@pytest.mark.models
@pytest.mark.parametrize("name", ["minilm", "mpnet"])
def test_the_states_of_the_real_encoders_are_the_references(name: str) -> None:
    from voc_pipeline.embedding.sources import locate
    from voc_pipeline.manifests import encoder_manifest

    folder = locate(encoder_manifest(name)).paths["config.json"].parent
    assert farthest(folder, (5, 130, 300)) < 1e-5


def test_padding_changes_nothing(tiny: Path) -> None:
    import torch

    from voc_pipeline.embedding.forward import Transformer

    model = Transformer(tiny / "model.safetensors", tiny / "config.json", torch.float32)
    ids, counts = rows(90)
    other = ids.clone()
    for row, length in enumerate(LENGTHS):
        other[row, length:] = 7
    mask = torch.arange(ids.shape[1]) < counts[:, None]
    assert torch.equal(model(ids, counts)[mask], model(other, counts)[mask])


def test_a_corrections_gradients_are_those_of_the_merged_weight_written_out() -> None:
    import torch

    from models.training.network import Correction
    from voc_pipeline.embedding.forward import Dense

    torch.manual_seed(4)
    correction = Correction(Dense(torch.randn(7, 5), torch.randn(7)), rank=2)
    inputs, outer = torch.randn(3, 4, 5, requires_grad=True), torch.randn(3, 4, 7)
    with torch.no_grad():
        correction.up.normal_()
    stale = correction(inputs)
    correction.merge()
    learned = inputs, correction.down, correction.up
    own = torch.autograd.grad((correction(inputs) * outer).sum(), learned)
    plain = inputs @ (correction.weight + correction.up @ correction.down).t() + correction.bias
    written_out = torch.autograd.grad((plain * outer).sum(), learned)
    assert torch.allclose(correction(inputs), plain, atol=1e-5)
    assert not torch.allclose(stale, plain, atol=1e-2)
    assert [torch.allclose(one, two, atol=1e-4) for one, two in zip(own, written_out, strict=True)] == [True] * 3


def test_the_mean_is_of_the_rows_own_states_and_of_length_one() -> None:
    import torch

    from voc_pipeline.embedding.forward import mean_pooled

    hidden = torch.tensor([[[3.0, 0.0], [3.0, 8.0], [99.0, 99.0]]])
    assert mean_pooled(hidden, torch.tensor([2])).tolist() == [pytest.approx([0.6, 0.8])]


@pytest.mark.parametrize("matrices", [True, False])
def test_arithmetic_is_bfloat16_only_where_matrices_of_it_are_multiplied_in_hardware(
    monkeypatch: pytest.MonkeyPatch, *, matrices: bool
) -> None:
    import torch

    from voc_pipeline.embedding.forward import best_dtype

    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: matrices)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert best_dtype() is (torch.bfloat16 if matrices else torch.float32)


def test_an_adapter_is_added_to_weights_and_put_for_norms(tiny: Path) -> None:
    import torch

    from voc_pipeline.embedding.forward import Transformer

    files = tiny / "model.safetensors", tiny / "config.json"
    down, up, norm = torch.randn(2, 32), torch.randn(96, 2), torch.randn(32)
    base = Transformer(*files, torch.float32)
    same = Transformer(*files, torch.float32, adapter={"1.query_key_value.down": down, "1.query_key_value.up": up * 0})
    changed = Transformer(
        *files,
        torch.float32,
        adapter={"1.query_key_value.down": down, "1.query_key_value.up": up, "2.narrowed_norm.bias": norm},
    )
    ids, counts = rows(90)
    assert torch.equal(base(ids, counts), same(ids, counts))
    assert torch.allclose(
        changed.layers[1].query_key_value.weight, base.layers[1].query_key_value.weight + up @ down, atol=1e-6
    )
    assert torch.equal(changed.layers[0].query_key_value.weight, base.layers[0].query_key_value.weight)
    assert torch.equal(changed.layers[2].narrowed_norm.bias, norm)
    assert torch.equal(changed.layers[2].narrowed_norm.weight, base.layers[2].narrowed_norm.weight)


@pytest.mark.parametrize("kind", ["float32", "bfloat16"])
def test_what_is_trained_is_what_is_shipped(tiny: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A network with corrections and the product's forward pass with its shipped tensors: the same vectors."""
    import torch

    from models.training.network import Network, Shape
    from voc_pipeline.embedding import forward
    from voc_pipeline.embedding.forward import Transformer

    dtype: torch.dtype = getattr(torch, kind)
    monkeypatch.setattr(forward, "best_dtype", lambda: dtype)
    torch.manual_seed(9)
    files = {name: tiny / name for name in ("model.safetensors", "config.json")}
    network = Network(files, Shape("tiny", rank=4, first_layer=1, scale=3.0), 5, {"sentiment": 4, "type": 2})
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name.startswith("layers"):
                weight.add_(0.1 * torch.randn(weight.shape))
    network.merge()
    shipped = network.shipped()
    adapter = {name.removeprefix("adapter."): one for name, one in shipped.items() if name.startswith("adapter.")}
    ids, counts = rows(90)
    owners = torch.where(torch.arange(ids.shape[1]) < counts[:, None], torch.arange(len(ids))[:, None], len(ids))
    with torch.no_grad():
        trained = network.sentences(ids, counts, owners, len(ids))
    paths = files["model.safetensors"], files["config.json"]
    product = Transformer(*paths, dtype, adapter=adapter)
    mask = (torch.arange(ids.shape[1]) < counts[:, None])[:, :, None]
    means = (product(ids, counts) * mask).sum(dim=1) / counts[:, None]
    plain = Transformer(*paths, dtype)
    unadapted = (plain(ids, counts) * mask).sum(dim=1) / counts[:, None]
    assert cosine(means, trained) > 0.999
    assert cosine(unadapted, trained) < 0.99
    assert torch.allclose(means * 3.0, trained, atol=0.15)
    assert torch.allclose(means @ shipped["theme.weight"] + shipped["theme.bias"], network.theme(trained), atol=0.05)
    themes = torch.zeros(len(ids), dtype=torch.int64)
    units = torch.relu(means @ shipped["stance.weight"] + shipped["stance.bias"] + shipped["stance.shifts"][themes])
    for name, logits in network.judge(trained, themes).items():
        assert torch.allclose(units @ shipped[f"{name}.weight"] + shipped[f"{name}.bias"], logits, atol=0.05)


def cosine(some: Tensor, others: Tensor) -> float:
    from torch.nn.functional import cosine_similarity

    return float(cosine_similarity(some, others, dim=1).min())
