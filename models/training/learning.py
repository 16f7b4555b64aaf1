"""The training loop: two threads with half a batch each, so that a busy machine slows it down but never stalls it."""

from __future__ import annotations

import math
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from models.training.examples import UNKNOWN, batch_of, varied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from models.training.examples import Batch, Example
    from models.training.network import Network
    from voc_pipeline.embedding.speech import Marks

_THREADS = 2


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
    """Of what a teacher says about each sentence, where there is one (Hinton et al. 2015, arXiv 1503.02531)."""
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
    per_epoch = max(1, len(examples) // recipe.rows)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _pace(recipe.epochs * per_epoch, recipe.warm_up))
    started = time.monotonic()
    with ThreadPoolExecutor(_THREADS, initializer=lambda: torch.set_num_threads(1)) as threads:
        for epoch in range(recipe.epochs):
            order = choose.sample(range(len(examples)), len(examples))
            for step in range(per_epoch):
                chosen = [
                    varied(examples[number], examples, choose, join=recipe.join, drop=recipe.drop_question)
                    for number in order[step * recipe.rows : (step + 1) * recipe.rows]
                ]
                optimiser.zero_grad(set_to_none=True)
                halves = _halves(chosen)
                jobs = [
                    threads.submit(_backward, network, batch_of(half, marks), recipe,
                                   seed=choose.getrandbits(32), share=len(half) / len(chosen))
                    for half in halves
                ]  # fmt: skip
                loss = sum(job.result() for job in jobs)
                torch.nn.utils.clip_grad_norm_([*corrections, *heads], 1.0)
                optimiser.step()
                schedule.step()
                if step % 20 == 0:
                    print(f"epoch {epoch + 1}, step {step}/{per_epoch}: loss {loss:.2f}, "
                          f"{time.monotonic() - started:.0f} s", flush=True)  # fmt: skip


def _pace(steps: int, warm_up: float) -> Callable[[int], float]:
    warm = int(warm_up * steps) + 1
    return lambda step: min(1.0, (step + 1) / warm) * max(0.02, 1 - max(0, step - warm) / max(1, steps - warm))


def _halves(examples: Sequence[Example]) -> list[list[Example]]:
    """Part a batch in two of about the same work, shorter answers first (less padding)."""
    ordered = sorted(examples, key=lambda example: len(example.text) + len(example.question))
    sizes = [len(example.text) + len(example.question) for example in ordered]
    total, done, cut = sum(sizes), 0, 0
    while cut < len(sizes) - 1 and done < 0.56 * total:  # the second half is padded more
        done += sizes[cut]
        cut += 1
    return [half for half in (ordered[:cut], ordered[cut:]) if half]


def _backward(network: Network, batch: Batch, recipe: Recipe, *, seed: int, share: float) -> float:
    loss = _loss(network, batch, recipe, torch.Generator().manual_seed(seed)) * share
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return float(loss.detach())


def _loss(network: Network, batch: Batch, recipe: Recipe, chance: torch.Generator) -> Tensor:
    """Sum of three losses an answer: its themes, its sentences' themes, the stances of its codes."""
    rows = len(batch.ids)
    vectors = network.sentences(batch.ids, batch.lengths, batch.owners, len(batch.answers))
    kept = (torch.rand(vectors.shape, generator=chance) >= recipe.dropout) / (1 - recipe.dropout)
    logits = network.theme(vectors * kept)
    weight = torch.tensor(recipe.positive)
    themes = functional.binary_cross_entropy_with_logits(
        soft_maximum(logits, batch.answers, rows, recipe.softness), batch.themes, pos_weight=weight, reduction="sum"
    )
    beside = (batch.themes[batch.answers] > 0) & (batch.sentences == 0)
    certain = batch.known * torch.where(beside, recipe.beside_weight, 1.0)
    each = functional.binary_cross_entropy_with_logits(logits, batch.sentences, pos_weight=weight, reduction="none")
    total = themes + recipe.sentence_weight * (each * certain).sum() + _stance_loss(network, vectors, batch, recipe)
    if len(batch.taught):
        total = total + recipe.teacher_weight * functional.binary_cross_entropy_with_logits(
            logits, batch.taught, reduction="sum"
        )
    return total / rows


def _stance_loss(network: Network, vectors: Tensor, batch: Batch, recipe: Recipe) -> Tensor:
    if not batch.judgements:
        return torch.zeros(())
    evidence = torch.stack([vectors[list(one.sentences)].mean(dim=0) for one in batch.judgements])
    judged = network.judge(evidence, torch.tensor([one.theme for one in batch.judgements]))
    labels = torch.tensor([one.labels for one in batch.judgements])
    total = torch.zeros(())
    for column, (logits, weight) in enumerate(zip(judged.values(), recipe.stance_weights, strict=True)):
        total = total + weight * functional.cross_entropy(
            logits, labels[:, column], ignore_index=UNKNOWN, reduction="sum"
        )
    return total


def soft_maximum(logits: Tensor, answers: Tensor, rows: int, softness: float) -> Tensor:
    """Reduce sentences' logits (sentences, themes) to answers' (rows, themes): log-sum-exp at a temperature."""
    themes = logits.shape[1]
    highest = torch.full((rows, themes), -math.inf).scatter_reduce(
        0, answers[:, None].expand(-1, themes), logits.detach(), "amax"
    )
    powers = torch.exp((logits - highest[answers]) / softness)
    return highest + softness * torch.log(torch.zeros(rows, themes).index_add(0, answers, powers))
