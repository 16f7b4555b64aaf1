"""Batches of fixed shapes over a few single-threaded workers, so that no result depends on its neighbours."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from voc_pipeline.protocols import FloatMatrix

# Arithmetic differs with the shape of a batch. Lengths go up to the next multiple of 8 tokens and every batch of a
# length has the same number of rows (the rest are dummies), so a text always meets the same shape: same bits.
_LENGTH_STEP = 8
# A batch that is not full is computed whole: 1,024 tokens took 2.4 times as long for a single interview, 1.2 for ten.
_BATCH_TOKENS = 256
_MAX_THREADS = 4
SHAPE: Final = f"{_BATCH_TOKENS}x{_LENGTH_STEP}"
"""Stands in encoders' keys beside the precision: vectors of other shapes are not bit for bit the same."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that are encoded together: which ones its rows are (those after them are dummies), and their length."""

    texts: tuple[int, ...]
    length: int


def encode_in_batches(
    tokens: Sequence[Sequence[int]],
    forward: Callable[[Tensor, Tensor], Tensor],
    pool: Callable[[Tensor, Batch], Sequence[FloatMatrix]],
) -> Iterator[tuple[int, FloatMatrix]]:
    """Encode texts, given as token ids, and reduce what comes out of each.

    Two OpenMP threads wait for each other whenever another process takes a core; workers with one thread each don't.

    Args:
        tokens: At least one id a text.
        forward: Maps int64 token ids (rows, length) and lengths (rows,) to one result a row.
        pool: Maps a batch's result to one array for each of its texts, in order; called in the worker.

    Yields:
        Pairs of a text's position and its array; longer texts first.
    """
    batches = plan([len(ids) for ids in tokens])
    if not batches:
        return
    workers = min(os.cpu_count() or 1, _MAX_THREADS, len(batches))

    def run(batch: Batch) -> Sequence[FloatMatrix]:
        return pool(forward(*_padded(batch, tokens)), batch)

    with ThreadPoolExecutor(workers, initializer=_use_one_torch_thread) as threads:
        for batch, rows in zip(batches, threads.map(run, batches), strict=True):
            yield from zip(batch.texts, rows, strict=True)


def plan(lengths: Sequence[int]) -> list[Batch]:
    """Sort texts, given by their numbers of tokens, into batches of one padded length each; longest first."""
    buckets: dict[int, list[int]] = {}
    for text, length in enumerate(lengths):
        padded = -(-length // _LENGTH_STEP) * _LENGTH_STEP
        buckets.setdefault(padded, []).append(text)
    return [
        Batch(tuple(members[start : start + _rows(length)]), length)
        for length, members in sorted(buckets.items(), reverse=True)
        for start in range(0, len(members), _rows(length))
    ]


def _rows(length: int) -> int:
    return max(1, _BATCH_TOKENS // length)


def _padded(batch: Batch, tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    import torch  # noqa: PLC0415 (torch takes seconds to import; only encoding needs it)

    ids = torch.zeros((_rows(batch.length), batch.length), dtype=torch.int64)
    lengths = torch.ones(len(ids), dtype=torch.int64)  # a dummy row attends to its first token alone
    for row, text in enumerate(batch.texts):
        lengths[row] = len(tokens[text])
        ids[row, : len(tokens[text])] = torch.tensor(tokens[text])
    return ids, lengths


def _use_one_torch_thread() -> None:
    import torch  # noqa: PLC0415 (see _padded)

    torch.set_num_threads(1)
