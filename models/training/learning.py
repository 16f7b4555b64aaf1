"""The training loop: two threads with half a batch each, so that a busy machine slows it down but never stalls it."""

from __future__ import annotations

import functools
import math
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from models.training.examples import UNKNOWN, batch_of, varied, with_another_question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from models.training.examples import Batch, Example
    from models.training.network import Network
    from voc_pipeline.embedding.speech import Marks

_THREADS = 2
_GROUP = 5  # answers padded to one length
_SHORTER_SHARE = 0.42  # of the work, for the half with the shorter answers: more rows, more to do besides


@dataclass(frozen=True, slots=True)
class Pass:
    """A way through training statements, and the learning rates on it."""

    parts: str
    """Which parts, and what share of each: "42-51,1-41:0.5". What a share takes is drawn."""
    first_rate: float = 0.5
    """Share of the recipe's learning rates at its beginning, after a warm-up; it falls in a line."""
    last_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained."""

    passes: tuple[Pass, ...]
    averaged: int = 1
    """How many of the last passes' weights are averaged."""
    rows: int = 16
    """Answers a step; up to so many less one of a pass are left out."""
    rate: float = 3e-4
    """Learning rate of the corrections (AdamW)."""
    head_rate: float = 1e-3
    decay: float = 0.01
    warm_up: float = 0.04
    """Share of a pass in which learning rates rise."""
    join: float = 0.25
    """Share of answers that are joined with another one."""
    drop_question: float = 0.3
    swap_question: float = 0.3
    """Share of answers without a code that get another answer's question."""
    dropout: float = 0.1
    """On sentence vectors, before the theme heads."""
    softness: float = 0.5
    """Temperature of the maximum over an answer's sentences."""
    positive: float = 2.0
    """Weight of what is carried against what is not."""
    sentence_weight: float = 0.5
    beside_weight: float = 0.5
    """Weight of sentences without a theme, in an answer that has it."""
    stance_weights: tuple[float, ...] = (0.8, 0.25, 0.25)
    seed: int = 20261122


class Training:
    """One pass of a training. The same examples, recipe and machine give the same weights.

    A pass knows nothing of those before it but the network, so a training can be interrupted between two.

    Args:
        network: What is trained.
        marks: Of its tokenizer.
        recipe: How.
        number: Which of the recipe's passes, from 1.
    """

    def __init__(self, network: Network, marks: Marks, recipe: Recipe, *, number: int) -> None:
        self._network, self._marks, self._recipe, self._number = network, marks, recipe, number
        self._choose = random.Random(recipe.seed + number)  # noqa: S311 (training, not secrets)
        corrections = [weight for layer in network.layers for weight in layer.parameters()]
        inside = {id(weight) for weight in corrections}
        heads = [weight for weight in network.parameters() if id(weight) not in inside]
        self._optimiser = torch.optim.AdamW(
            [{"params": corrections, "top": recipe.rate}, {"params": heads, "top": recipe.head_rate}],
            weight_decay=recipe.decay,
        )

    def go_through(self, pools: Sequence[tuple[Sequence[Example], float]]) -> None:
        """Make the pass, in any order through a share of each pool of examples.

        What an answer is joined with, and other questions put before it, come from whole pools.

        Raises:
            ValueError: There are too few examples for one step.
        """
        started, recipe = time.monotonic(), self._recipe
        order = [one for pool, share in pools for one in self._choose.sample(pool, int(share * len(pool)))]
        self._choose.shuffle(order)
        steps = len(order) // recipe.rows
        if not steps:
            message = f"a step takes {recipe.rows} answers, and there are {len(order)} to learn from"
            raise ValueError(message)
        others = [one for pool, _ in pools for one in pool]
        with ThreadPoolExecutor(_THREADS, initializer=lambda: torch.set_num_threads(1)) as threads:
            for step in range(steps):
                share = pace((step + 1) / steps, recipe.passes[self._number - 1], recipe.warm_up)
                for group in self._optimiser.param_groups:
                    group["lr"] = group["top"] * share
                taken = order[step * recipe.rows : (step + 1) * recipe.rows]
                cost = self._step([_varied(one, others, self._choose, recipe) for one in taken], threads)
                if step % 20 == 0 or step == steps - 1:
                    print(f"pass {self._number}, step {step + 1}/{steps}: loss {cost:.2f}, "
                          f"{time.monotonic() - started:.0f} s", flush=True)  # fmt: skip

    def _step(self, chosen: Sequence[Example], threads: ThreadPoolExecutor) -> float:
        """Learn from some answers; returns what they cost on average."""
        self._optimiser.zero_grad(set_to_none=True)
        halves = _halves(chosen)
        jobs = []
        for half in halves:
            batches = [batch_of([chosen[place] for place in group], self._marks) for group in half]
            seed = self._choose.getrandbits(32)
            jobs.append(threads.submit(_backward, self._network, batches, self._recipe, seed=seed, rows=len(chosen)))
        cost = sum(job.result() for job in jobs)
        torch.nn.utils.clip_grad_norm_([*self._network.parameters()], 1.0)
        self._optimiser.step()
        self._network.merge()
        return cost


def pace(done: float, one: Pass, warm_up: float) -> float:
    """Give the share of the top learning rate after a share ``done`` of a pass; at its end 2% are left at least."""
    return min(1.0, done / warm_up) * max(0.02, one.first_rate + (one.last_rate - one.first_rate) * done)


def _varied(example: Example, others: Sequence[Example], choose: random.Random, recipe: Recipe) -> Example:
    swapped = with_another_question(example, others, choose, rate=recipe.swap_question)
    return varied(swapped, others, choose, join=recipe.join, drop=recipe.drop_question)


def _halves(examples: Sequence[Example]) -> list[list[list[int]]]:
    """Part a batch's numbers in two of about the same work, and each in groups of like length (less padding)."""
    sizes = [len(example.text) + len(example.question) for example in examples]
    ordered = sorted(range(len(examples)), key=sizes.__getitem__)
    total, done, cut = sum(sizes), 0, 0
    while cut < len(sizes) - 1 and done < _SHORTER_SHARE * total:
        done += sizes[ordered[cut]]
        cut += 1
    return [_groups(half) for half in (ordered[:cut], ordered[cut:]) if half]


def _groups(numbers: Sequence[int]) -> list[list[int]]:
    size = -(-len(numbers) // -(-len(numbers) // _GROUP))
    return [list(numbers[first : first + size]) for first in range(0, len(numbers), size)]


def _backward(network: Network, batches: Sequence[Batch], recipe: Recipe, *, seed: int, rows: int) -> float:
    """Add the gradients of a half's groups, for their share of a step's rows; returns their share of its cost.

    One pass backwards for all groups: a weight's gradient is then added to once a thread, in any order the same.
    """
    chance = torch.Generator().manual_seed(seed)
    cost = torch.stack([_cost(network, batch, recipe, chance) for batch in batches]).sum() / rows
    cost.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return cost.item()


def _cost(network: Network, batch: Batch, recipe: Recipe, chance: torch.Generator) -> Tensor:
    """Sum three losses over a batch's answers: of their themes, their sentences' themes, the stances of their codes."""
    rows = len(batch.ids)
    vectors = network.sentences(batch.ids, batch.lengths, batch.owners, len(batch.answers))
    kept = (torch.rand(vectors.shape, generator=chance) >= recipe.dropout) / (1 - recipe.dropout)
    logits = network.theme(vectors * kept)
    compare = functools.partial(functional.binary_cross_entropy_with_logits, reduction="none")
    weight = torch.tensor(recipe.positive)
    themes = compare(soft_maximum(logits, batch.answers, rows, recipe.softness), batch.themes, pos_weight=weight)
    beside = (batch.themes[batch.answers] > 0) & (batch.sentences == 0)
    certain = batch.known * torch.where(beside, recipe.beside_weight, 1.0)
    each = recipe.sentence_weight * compare(logits, batch.sentences, pos_weight=weight) * certain
    cost = themes.sum() + each.sum()
    return cost + _stance_cost(network, vectors, batch, recipe) if batch.judgements else cost


def _stance_cost(network: Network, vectors: Tensor, batch: Batch, recipe: Recipe) -> Tensor:
    evidence = torch.stack([vectors[list(one.sentences)].mean(dim=0) for one in batch.judgements])
    judged = network.judge(evidence, torch.tensor([one.theme for one in batch.judgements]))
    labels = torch.tensor([one.labels for one in batch.judgements])
    costs = [
        weight * functional.cross_entropy(logits, labels[:, column], ignore_index=UNKNOWN, reduction="sum")
        for column, (logits, weight) in enumerate(zip(judged.values(), recipe.stance_weights, strict=True))
    ]
    return torch.stack(costs).sum()


def soft_maximum(logits: Tensor, answers: Tensor, rows: int, softness: float) -> Tensor:
    """Reduce sentences' logits (sentences, themes) to answers' (rows, themes): log-sum-exp at a temperature."""
    themes = logits.shape[1]
    highest = torch.full((rows, themes), -math.inf).scatter_reduce(
        0, answers[:, None].expand(-1, themes), logits.detach(), "amax"
    )
    powers = torch.exp((logits - highest[answers]) / softness)
    return highest + softness * torch.log(torch.zeros(rows, themes).index_add(0, answers, powers))
