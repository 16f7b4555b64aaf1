"""Fits the theme heads: one hidden layer that all themes share, then one linear head a theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from voc_pipeline.coding.heads import HiddenHead, LinearHead

if TYPE_CHECKING:
    from models.training.fitting import Rows

_INPUT_SCALE = 10.0  # unit vectors have tiny components; a network learns faster on larger ones
_FIRST_BIAS = -3.0  # about the log-odds of a theme in a view


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fit: the mean of ``members`` networks with ``units`` hidden units each."""

    members: int = 4
    units: int = 256
    epochs: int = 25
    dropout: float = 0.5
    input_dropout: float = 0.1
    decay: float = 0.1
    rate: float = 2e-3
    batch: int = 256
    seed: int = 20260101


SHIPPED = Recipe()


def fit_network(rows: Rows, recipe: Recipe = SHIPPED) -> HiddenHead:
    """Fit networks that differ in their seed alone; their mean is again a network, with all their hidden units.

    One torch thread, so that sums are always taken in the same order.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        members = [_fit_member(rows, recipe, recipe.seed + number) for number in range(recipe.members)]
    finally:
        torch.set_num_threads(threads)
    hidden = LinearHead(
        np.concatenate([member.hidden.weight for member in members], axis=1),
        np.concatenate([member.hidden.bias for member in members]),
    )
    output = LinearHead(
        (np.concatenate([member.output.weight for member in members]) / len(members)).astype(np.float32),
        np.stack([member.output.bias for member in members]).mean(axis=0).astype(np.float32),
    )
    return HiddenHead(hidden, output)


def _fit_member(rows: Rows, recipe: Recipe, seed: int) -> HiddenHead:
    random = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)  # dropout and first weights take the global generator
    vectors = torch.from_numpy(rows.vectors) * _INPUT_SCALE
    labels = torch.from_numpy(rows.labels).float()
    weights = torch.from_numpy(rows.weights / rows.weights.mean())[:, None]
    hidden = nn.Linear(vectors.shape[1], recipe.units)
    output = nn.Linear(recipe.units, labels.shape[1])
    nn.init.constant_(output.bias, _FIRST_BIAS)
    network = nn.Sequential(nn.Dropout(recipe.input_dropout), hidden, nn.ReLU(), nn.Dropout(recipe.dropout), output)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * -(-len(vectors) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=steps)
    for _ in range(recipe.epochs):
        order = torch.randperm(len(vectors), generator=random)
        for chosen in torch.chunk(order, steps // recipe.epochs):
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(vectors[chosen]), labels[chosen], reduction="none"
            )
            optimizer.zero_grad()
            torch.autograd.backward((weights[chosen] * loss).mean())
            optimizer.step()
            schedule.step()
    return HiddenHead(_linear(hidden, _INPUT_SCALE), _linear(output, 1.0))


def _linear(layer: nn.Linear, scale: float) -> LinearHead:
    weight = (layer.weight.detach().numpy().T * np.float32(scale)).copy()
    return LinearHead(weight, layer.bias.detach().numpy().copy())
