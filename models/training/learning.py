"""The training loop: two threads with half a batch each, so that a busy machine slows it down but never stalls it."""

from __future__ import annotations

import functools
import math
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from models.training.examples import UNKNOWN, batch_of, varied, with_another_question

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt
    from torch import Tensor

    from models.training.examples import Batch, Example
    from models.training.network import Network
    from voc_pipeline.embedding.speech import Marks

_THREADS = 2
_GROUP = 5  # answers padded to one length
_SHORTER_SHARE = 0.42  # of the work, for the half with the shorter answers: more rows, more to do besides


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained."""

    epochs: int = 3
    rows: int = 32
    rate: float = 2e-4
    """Learning rate of the corrections (AdamW), after a warm-up, falling in a line."""
    head_rate: float = 1e-3
    decay: float = 0.01
    warm_up: float = 0.08
    join: float = 0.25
    """Share of answers that are joined with another one."""
    drop_question: float = 0.3
    swap_question: float = 0.0
    """Share of answers without a code that get another answer's question."""
    known_share: float = 1.0
    """After the first epoch: share that is gone through again of those answers that cost less than the median."""
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
    teacher_weight: float = 1.0
    """Of what a teacher says about each sentence and code, where there is one (`teaching`)."""
    seed: int = 20261122


def train(network: Network, examples: Sequence[Example], marks: Marks, recipe: Recipe) -> None:
    """Train a network in place. The same examples, recipe and machine give the same weights."""
    choose = random.Random(recipe.seed)  # noqa: S311 (training, not secrets)
    corrections = [weight for layer in network.layers for weight in layer.parameters()]
    inside = {id(weight) for weight in corrections}
    heads = [weight for weight in network.parameters() if id(weight) not in inside]
    optimiser = torch.optim.AdamW(
        [{"params": corrections, "lr": recipe.rate}, {"params": heads, "lr": recipe.head_rate}],
        weight_decay=recipe.decay,
    )
    pace = _pace(sum(_steps(len(examples), epoch, recipe) for epoch in range(recipe.epochs)), recipe.warm_up)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, pace)
    started = time.monotonic()
    costs = np.zeros(len(examples))
    with ThreadPoolExecutor(_THREADS, initializer=lambda: torch.set_num_threads(1)) as threads:
        for epoch in range(recipe.epochs):
            order = _order(costs, choose, recipe.known_share if epoch else 1.0)
            steps = _steps(len(examples), epoch, recipe)
            for step in range(steps):
                numbers = order[step * recipe.rows : (step + 1) * recipe.rows]
                chosen = [_varied(examples, number, choose, recipe) for number in numbers]
                optimiser.zero_grad(set_to_none=True)
                halves = _halves(chosen)
                batches = [[batch_of([chosen[place] for place in group], marks) for group in half] for half in halves]
                jobs = [
                    threads.submit(_backward, network, half, recipe, seed=choose.getrandbits(32), rows=len(chosen))
                    for half in batches
                ]
                for half, job in zip(halves, jobs, strict=True):
                    costs[[numbers[place] for group in half for place in group]] = job.result()
                torch.nn.utils.clip_grad_norm_([*corrections, *heads], 1.0)
                optimiser.step()
                network.merge()
                schedule.step()
                if step % 20 == 0:
                    print(f"epoch {epoch + 1}, step {step}/{steps}: loss {costs[numbers].mean():.2f}, "
                          f"{time.monotonic() - started:.0f} s", flush=True)  # fmt: skip


def _varied(examples: Sequence[Example], number: int, choose: random.Random, recipe: Recipe) -> Example:
    swapped = with_another_question(examples[number], examples, choose, rate=recipe.swap_question)
    return varied(swapped, examples, choose, join=recipe.join, drop=recipe.drop_question)


def _steps(count: int, epoch: int, recipe: Recipe) -> int:
    known = count // 2
    return max(1, (count - known + int(known * (recipe.known_share if epoch else 1.0))) // recipe.rows)


def _order(costs: npt.NDArray[np.float64], choose: random.Random, known_share: float) -> list[int]:
    """Shuffle what to go through: the dearer half of the answers, and a share of the others."""
    if known_share == 1:
        return choose.sample(range(len(costs)), len(costs))
    ranked = np.argsort(costs, kind="stable").tolist()
    known = len(ranked) // 2
    taken = choose.sample(ranked[:known], int(known * known_share)) + ranked[known:]
    return choose.sample(taken, len(taken))


def _pace(steps: int, warm_up: float) -> Callable[[int], float]:
    warm = int(warm_up * steps) + 1
    return lambda step: min(1.0, (step + 1) / warm) * max(0.02, 1 - max(0, step - warm) / max(1, steps - warm))


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


def _backward(
    network: Network, batches: Sequence[Batch], recipe: Recipe, *, seed: int, rows: int
) -> npt.NDArray[np.float32]:
    """Add the gradients of a half's groups, for their share of a step's rows; returns what each answer cost.

    One pass backwards for all groups: a weight's gradient is then added to once a thread, in any order the same.
    """
    chance = torch.Generator().manual_seed(seed)
    costs = torch.cat([_costs(network, batch, recipe, chance) for batch in batches])
    (costs.sum() / rows).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return np.asarray(costs.detach())


def _costs(network: Network, batch: Batch, recipe: Recipe, chance: torch.Generator) -> Tensor:
    """Sum of three losses for each answer: its themes, its sentences' themes, the stances of its codes."""
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
    if len(batch.taught):
        each = each + recipe.teacher_weight * compare(logits, batch.taught)
    costs = themes.sum(1).index_add(0, batch.answers, each.sum(1))
    if not batch.judgements:
        return costs
    judged_in = batch.answers[[one.sentences[0] for one in batch.judgements]]
    return costs.index_add(0, judged_in, _stance_costs(network, vectors, batch, recipe))


def _stance_costs(network: Network, vectors: Tensor, batch: Batch, recipe: Recipe) -> Tensor:
    evidence = torch.stack([vectors[list(one.sentences)].mean(dim=0) for one in batch.judgements])
    judged = network.judge(evidence, torch.tensor([one.theme for one in batch.judgements]))
    labels = torch.tensor([one.labels for one in batch.judgements])
    costs = torch.zeros(len(labels))
    for column, (logits, weight) in enumerate(zip(judged.values(), recipe.stance_weights, strict=True)):
        cost = functional.cross_entropy(logits, labels[:, column], ignore_index=UNKNOWN, reduction="none")
        if batch.judgements[0].taught:
            said = torch.tensor([one.taught[column] for one in batch.judgements])
            cost = cost + recipe.teacher_weight * functional.cross_entropy(logits, said, reduction="none")
        costs = costs + weight * cost
    return costs


def soft_maximum(logits: Tensor, answers: Tensor, rows: int, softness: float) -> Tensor:
    """Reduce sentences' logits (sentences, themes) to answers' (rows, themes): log-sum-exp at a temperature."""
    themes = logits.shape[1]
    highest = torch.full((rows, themes), -math.inf).scatter_reduce(
        0, answers[:, None].expand(-1, themes), logits.detach(), "amax"
    )
    powers = torch.exp((logits - highest[answers]) / softness)
    return highest + softness * torch.log(torch.zeros(rows, themes).index_add(0, answers, powers))
