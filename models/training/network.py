"""What is trained: low-rank corrections of a frozen encoder's upper layers, and linear heads on its sentence vectors.

Low-rank adaptation: Hu et al. 2021 (arXiv 2106.09685). The base weights stay as they are, in `forward.best_dtype`;
what is trained is float32. Shipped together as one adapter that `voc_pipeline.embedding.forward` merges into the base
weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn
from torch.nn import functional

from voc_pipeline.embedding import forward

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from torch import Tensor

PARTS = ("query_key_value", "attended", "widened", "narrowed")
NORMS = ("attended_norm", "narrowed_norm")
STANCE_UNITS = 256


@dataclass(frozen=True, slots=True)
class Shape:
    """What of an encoder is trained: corrections of this rank from this layer on.

    ``scale`` brings sentence vectors to about unit variance before the heads; shipped heads have it worked in.
    """

    encoder: str
    rank: int
    first_layer: int
    scale: float


class Correction(nn.Module):
    """A frozen dense layer with a low-rank correction, computed as the product does: as one weight.

    ``merge`` makes that weight; it has to be called again after every change of the correction.
    """

    merged: Tensor

    def __init__(self, base: forward.Dense, rank: int) -> None:
        super().__init__()
        self.weight, self.bias = base.weight, base.bias
        outputs, inputs = base.weight.shape
        self.down = nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))
        self.up = nn.Parameter(torch.zeros(outputs, rank))
        self.merge()

    def merge(self) -> None:
        """Add the correction to the frozen weight."""
        with torch.no_grad():
            self.merged = torch.addmm(self.weight.float(), self.up, self.down).to(self.weight.dtype)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (rows, length, inputs) to (rows, length, outputs)."""
        flat = inputs.reshape(-1, inputs.shape[-1])
        mapped = _Merged.apply(flat, self.merged, self.bias, self.down, self.up)  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return cast("Tensor", mapped.view(*inputs.shape[:-1], -1))


class _Merged(torch.autograd.Function):
    """A dense layer with merged weight: one product forwards instead of three, gradients of its correction only."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor, *correction: Tensor) -> Tensor:  # noqa: ANN401 (torch's)
        ctx.save_for_backward(inputs, weight, *correction)
        return functional.linear(inputs, weight, bias)

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401 (torch's)
        inputs, weight, down, up = ctx.saved_tensors
        through = outer @ up.to(outer.dtype)
        narrow = inputs @ down.to(inputs.dtype).t()
        back = outer @ weight if ctx.needs_input_grad[0] else None
        return back, None, None, (through.t() @ inputs).float(), (outer.t() @ narrow).float()


class Layer(nn.Module):
    """An encoder layer whose dense parts are corrected and whose norms are trained.

    Attention is written out: its fused form is slow backwards on a CPU.
    """

    def __init__(self, base: forward.Layer, rank: int) -> None:
        super().__init__()
        self.heads = base.heads
        self.dense = nn.ModuleDict({part: Correction(getattr(base, part), rank) for part in PARTS})
        self.epsilon = base.attended_norm.epsilon
        self.norms = nn.ParameterDict(
            {
                f"{part}_{name}": nn.Parameter(getattr(getattr(base, part), name).float())
                for part in NORMS
                for name in ("weight", "bias")
            }
        )

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Map states (rows, length, size) to the next layer's."""
        rows, length, size = hidden.shape
        mixed = self.dense["query_key_value"](hidden).view(rows, length, 3, self.heads, size // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        scores = torch.matmul(query * (size // self.heads) ** -0.5, key.transpose(-1, -2)) + mask
        context = torch.matmul(functional.softmax(scores, -1), value).transpose(1, 2).reshape(rows, length, size)
        hidden = self._norm("attended_norm", hidden + self.dense["attended"](context))
        return self._norm(
            "narrowed_norm", hidden + self.dense["narrowed"](functional.gelu(self.dense["widened"](hidden)))
        )

    def _norm(self, part: str, states: Tensor) -> Tensor:
        weight, bias = self.norms[f"{part}_weight"].to(states.dtype), self.norms[f"{part}_bias"].to(states.dtype)
        return functional.layer_norm(states, weight.shape, weight, bias, self.epsilon)


class Network(nn.Module):
    """The encoder with its corrections, and the heads.

    Args:
        files: ``model.safetensors`` and ``config.json`` of the base encoder.
        shape: What of it is trained.
        themes: Number of theme heads.
        labels: Number of labels of each stance field.
    """

    def __init__(self, files: Mapping[str, Path], shape: Shape, themes: int, labels: Mapping[str, int]) -> None:
        super().__init__()
        self.base = forward.Transformer(files["model.safetensors"], files["config.json"], forward.best_dtype())
        self.shape = shape
        self.layers = nn.ModuleList(Layer(layer, shape.rank) for layer in self.base.layers[shape.first_layer :])
        size = self.base.layers[0].attended.bias.shape[0]
        self.theme = nn.Linear(size, themes)
        nn.init.normal_(self.theme.weight, std=0.02)
        nn.init.constant_(self.theme.bias, -2.0)
        self.stance = nn.Linear(size, STANCE_UNITS)
        self.shifts = nn.Parameter(torch.zeros(themes, STANCE_UNITS))
        self.fields = nn.ModuleList(nn.Linear(STANCE_UNITS, count) for count in labels.values())
        self.field_names = tuple(labels)

    def merge(self) -> None:
        """Bring the encoder up to date with its corrections: after loading them, and after every step."""
        for module in self.layers.modules():
            if isinstance(module, Correction):
                module.merge()

    def sentences(self, ids: Tensor, lengths: Tensor, owners: Tensor, count: int) -> Tensor:
        """Encode a batch's sentences, scaled.

        Args:
            ids: Token ids, (rows, length).
            lengths: How many of a row's ids count, (rows,).
            owners: Which sentence of the batch a token counts for, (rows, length); ``count`` for none.
            count: Number of sentences.

        Returns:
            (count, size): mean states of each sentence's tokens.
        """
        with torch.no_grad():
            mask = self.base.mask(lengths, ids.shape[1])
            hidden = self.base.embedded(ids)
            for layer in self.base.layers[: self.shape.first_layer]:
                hidden = layer(hidden, mask)
        for trained in self.layers:
            hidden = trained(hidden, mask)
        states = hidden.float().reshape(-1, hidden.shape[-1])
        flat = owners.reshape(-1)
        sums = torch.zeros(count + 1, states.shape[1]).index_add(0, flat, states)
        tokens = torch.bincount(flat, minlength=count + 1).clamp(min=1)
        return (sums / tokens[:, None])[:count] * self.shape.scale

    def judge(self, evidence: Tensor, themes: Tensor) -> dict[str, Tensor]:
        """Give the logits of each stance field for evidence vectors (n, size) of themes (n,)."""
        units = functional.relu(self.stance(evidence) + self.shifts[themes])
        return {name: field(units) for name, field in zip(self.field_names, self.fields, strict=True)}

    def shipped(self) -> dict[str, Tensor]:
        """Give the tensors to ship: adapter in float16, heads in float32 with the scale worked in, transposed."""
        tensors = {name: weight.half() for name, weight in self._adapter()}
        for name, head, factor in self._heads():
            tensors[f"{name}.weight"] = (head.weight * factor).t()
            tensors[f"{name}.bias"] = head.bias
        tensors["stance.shifts"] = self.shifts
        return {name: tensor.detach().clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}

    def resume(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what a network of this shape shipped."""
        with torch.no_grad():
            for name, weight in self._adapter():
                weight.copy_(tensors[name])
            for name, head, factor in self._heads():
                head.weight.copy_(tensors[f"{name}.weight"].t() / factor)
                head.bias.copy_(tensors[f"{name}.bias"])
            self.shifts.copy_(tensors["stance.shifts"])
        self.merge()

    def _adapter(self) -> Iterator[tuple[str, Tensor]]:
        for number, layer in enumerate(cast("Iterable[Layer]", self.layers), start=self.shape.first_layer):
            for part in PARTS:
                correction = cast("Correction", layer.dense[part])
                yield f"adapter.{number}.{part}.down", correction.down
                yield f"adapter.{number}.{part}.up", correction.up
            for part in NORMS:
                for name in ("weight", "bias"):
                    yield f"adapter.{number}.{part}.{name}", layer.norms[f"{part}_{name}"]

    def _heads(self) -> Iterator[tuple[str, nn.Linear, float]]:
        """Name the linear heads, and what their weights are multiplied with to ship them."""
        yield "theme", self.theme, self.shape.scale
        yield "stance", self.stance, self.shape.scale
        for name, field in zip(self.field_names, self.fields, strict=True):
            yield name, cast("nn.Linear", field), 1.0
