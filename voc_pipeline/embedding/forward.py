"""The forward pass of BERT and MPNet encoders, written out: 4 times as fast as the reference on the same weights.

Devlin et al. 2019 (arXiv 1810.04805) and Song et al. 2020 (arXiv 2004.09297), with low-rank corrections (Hu et al.
2021, arXiv 2106.09685) merged into the weights. Only `encoder` and `speech` use this module; it imports torch.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from safetensors.torch import load_file
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

# Where the two families keep the same parts of a layer.
_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "bert": {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
             "attended": "attention.output.dense", "attended_norm": "attention.output.LayerNorm"},
    "mpnet": {"query": "attention.attn.q", "key": "attention.attn.k", "value": "attention.attn.v",
              "attended": "attention.attn.o", "attended_norm": "attention.LayerNorm"},
}  # fmt: skip
_FIRST_PLACE: Final = {"bert": 0, "mpnet": 2}  # MPNet's positions start after its padding index
_BUCKETS, _FARTHEST = 32, 128  # MPNet's relative positions


def best_dtype() -> torch.dtype:
    """Give bfloat16 where the CPU multiplies matrices of it (AMX), else float32.

    AVX512-BF16 alone does not count: on an Intel CPU that has it without AMX, bfloat16 took 1.8 times as long.
    """
    return torch.bfloat16 if torch.cpu._is_amx_tile_supported() else torch.float32  # noqa: SLF001 (no public way)


@dataclass(frozen=True, slots=True)
class Dense:
    """A dense layer: ``weight`` (outputs, inputs), ``bias`` (outputs,)."""

    weight: Tensor
    bias: Tensor

    def __call__(self, inputs: Tensor) -> Tensor:
        """Map (..., inputs) to (..., outputs)."""
        return functional.linear(inputs, self.weight, self.bias)


@dataclass(frozen=True, slots=True)
class Norm:
    """A layer norm."""

    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, inputs: Tensor) -> Tensor:
        """Normalise the last dimension."""
        return functional.layer_norm(inputs, self.weight.shape, self.weight, self.bias, self.epsilon)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of attention and two dense layers, each with its norm after it."""

    query_key_value: Dense
    attended: Dense
    attended_norm: Norm
    widened: Dense
    narrowed: Dense
    narrowed_norm: Norm
    heads: int

    def __call__(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Map states (rows, length, size) to the next layer's; ``mask`` is added to attention scores."""
        rows, length, size = hidden.shape
        mixed = self.query_key_value(hidden).view(rows, length, 3, self.heads, size // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        context = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        context = context.transpose(1, 2).reshape(rows, length, size)
        hidden = self.attended_norm(self.attended(context) + hidden)
        return self.narrowed_norm(self.narrowed(functional.gelu(self.widened(hidden))) + hidden)


class Transformer:
    """A BERT or MPNet encoder for token ids that the caller has padded.

    Args:
        weights: Safetensors file with the names of Hugging Face's BertModel or MPNetModel.
        config: Its config.json.
        dtype: What to compute in.
        adapter: Corrections by name: ``<layer>.<part>.down`` (rank, inputs) and ``.up`` (outputs, rank) are added to a
            weight as up @ down, ``<layer>.<norm>.weight`` and ``.bias`` replace a norm's. Parts: query_key_value,
            attended, widened, narrowed; norms: attended_norm, narrowed_norm.
    """

    def __init__(
        self, weights: Path, config: Path, dtype: torch.dtype, *, adapter: Mapping[str, Tensor] | None = None
    ) -> None:
        shape = json.loads(config.read_text(encoding="utf-8"))
        kind = shape["model_type"]
        state = {name.removeprefix("mpnet."): tensor.float() for name, tensor in load_file(weights).items()
                 if tensor.is_floating_point()}  # fmt: skip
        places = state["embeddings.position_embeddings.weight"]
        if "embeddings.token_type_embeddings.weight" in state:
            places = places + state["embeddings.token_type_embeddings.weight"][0]  # all our tokens are of type 0
        self.dtype = dtype
        self._words = state["embeddings.word_embeddings.weight"].to(dtype)
        self._places = places[_FIRST_PLACE[kind] :].to(dtype)
        self._norm = _norm(state, "embeddings.LayerNorm", shape, dtype)
        self._relative = state.get("encoder.relative_attention_bias.weight")
        self.layers = [
            _layer(state, number, shape, dtype=dtype, adapter=adapter or {})
            for number in range(shape["num_hidden_layers"])
        ]

    def __call__(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Encode one padded batch.

        Args:
            ids: Token ids, int64 of shape (rows, length).
            lengths: How many of a row's ids count, int64 of shape (rows,), at least 1.

        Returns:
            float32 of shape (rows, length, dimension): the last layer's states, those of padding included.
        """
        with torch.inference_mode():
            mask, hidden = self.mask(lengths, ids.shape[1]), self.embedded(ids)
            for layer in self.layers:
                hidden = layer(hidden, mask)
            return hidden.float()

    def embedded(self, ids: Tensor) -> Tensor:
        """Give the states that the first layer starts from, (rows, length, dimension)."""
        return self._norm(functional.embedding(ids, self._words) + self._places[: ids.shape[1]])

    def mask(self, lengths: Tensor, length: int) -> Tensor:
        """Give what is added to attention scores: minus infinity for padding, MPNet's preference for distances."""
        counts = torch.arange(length) < lengths[:, None]
        mask = torch.zeros(counts.shape).masked_fill(~counts, float("-inf"))[:, None, None, :]
        if self._relative is not None:
            mask = mask + self._relative[_distance_buckets(length)].permute(2, 0, 1)
        return mask.to(self.dtype)


def mean_pooled(hidden: Tensor, lengths: Tensor) -> Tensor:
    """Average each row's own states and scale to length 1, as sentence-transformers does: (rows, dimension)."""
    counts = torch.arange(hidden.shape[1]) < lengths[:, None]
    return functional.normalize((hidden * counts[:, :, None]).sum(dim=1) / lengths[:, None], dim=1)


def _distance_buckets(length: int) -> Tensor:
    """Sort pairs of places by their distance, as T5 and MPNet do: int64 of shape (length, length)."""
    places = torch.arange(length)
    back = places[:, None] - places[None, :]
    half = _BUCKETS // 2
    near = half // 2
    ahead = (back < 0).long() * half
    back = back.abs()
    far = near + (torch.log(back.float().clamp(min=1) / near) / math.log(_FARTHEST / near) * (half - near)).long()
    return ahead + torch.where(back < near, back, far.clamp(max=half - 1))


def _layer(
    state: Mapping[str, Tensor],
    number: int,
    shape: Mapping[str, Any],
    *,
    dtype: torch.dtype,
    adapter: Mapping[str, Tensor],
) -> Layer:
    names, prefix = _NAMES[shape["model_type"]], f"encoder.layer.{number}"

    def dense(part: str, *sources: str) -> Dense:
        weight = torch.cat([state[f"{prefix}.{source}.weight"] for source in sources])
        if (down := adapter.get(f"{number}.{part}.down")) is not None:
            weight = weight + adapter[f"{number}.{part}.up"].float() @ down.float()
        return Dense(weight.to(dtype), torch.cat([state[f"{prefix}.{source}.bias"] for source in sources]).to(dtype))

    def norm(part: str, source: str) -> Norm:
        own = {f"{prefix}.{source}.{name}": adapter[f"{number}.{part}.{name}"] for name in ("weight", "bias")
               if f"{number}.{part}.{name}" in adapter}  # fmt: skip
        return _norm({**state, **own}, f"{prefix}.{source}", shape, dtype)

    return Layer(
        query_key_value=dense("query_key_value", names["query"], names["key"], names["value"]),
        attended=dense("attended", names["attended"]),
        attended_norm=norm("attended_norm", names["attended_norm"]),
        widened=dense("widened", "intermediate.dense"),
        narrowed=dense("narrowed", "output.dense"),
        narrowed_norm=norm("narrowed_norm", "output.LayerNorm"),
        heads=int(shape["num_attention_heads"]),
    )


def _norm(state: Mapping[str, Tensor], name: str, shape: Mapping[str, Any], dtype: torch.dtype) -> Norm:
    return Norm(state[f"{name}.weight"].to(dtype), state[f"{name}.bias"].to(dtype), shape["layer_norm_eps"])
