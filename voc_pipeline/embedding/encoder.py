"""The shipped encoder: all-MiniLM-L6-v2 in batches of fixed shapes, so that no vector depends on its neighbours."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from voc_pipeline.embedding.sources import locate
from voc_pipeline.manifests import encoder_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from voc_pipeline.protocols import Encoder, FloatMatrix

# Arithmetic differs with the shape of a batch. Lengths go up to the next multiple of 8 tokens and every batch of a
# length has the same number of rows (the rest are dummies), so a text always meets the same shape: same bits.
_LENGTH_STEP = 8
_BATCH_TOKENS = 1024
_MAX_THREADS = 4
_HASH_DIGITS = 12


class _Encoding(Protocol):
    @property
    def ids(self) -> list[int]: ...


class _Tokenizer(Protocol):
    def encode_batch(self, texts: Sequence[str], /) -> Sequence[_Encoding]: ...


@dataclass(frozen=True, slots=True)
class _Batch:
    texts: tuple[int, ...]
    """Which texts its rows are; the rows after these are dummies."""
    length: int


class FixedShapeEncoder:
    """Encodes texts in batches of fixed shapes over a few single-threaded workers.

    Two OpenMP threads wait for each other whenever another process takes a core; workers with one thread each don't.

    Args:
        forward: Maps int64 token ids (rows, length) and lengths (rows,) to float32 unit vectors (rows, dimension).
        tokenizer: Truncates by itself and does not pad.
        key: Names weights and arithmetic.
        dimension: Length of a vector.
    """

    def __init__(
        self, forward: Callable[[Tensor, Tensor], Tensor], tokenizer: _Tokenizer, *, key: str, dimension: int
    ) -> None:
        self.key = key
        self.dimension = dimension
        self._forward = forward
        self._tokenizer = tokenizer

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """Encode texts of any length; what is beyond the encoder's maximum of tokens is cut off.

        Returns:
            float32 array of shape (len(texts), dimension), rows of length 1, the same bits for a text whatever
            stands beside it.
        """
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        batches = _plan([len(ids) for ids in tokens])
        workers = min(os.cpu_count() or 1, _MAX_THREADS, len(batches))
        with ThreadPoolExecutor(workers, initializer=_use_one_torch_thread) as pool:
            encoded = pool.map(lambda batch: self._run(batch, tokens), batches)
            for batch, rows in zip(batches, encoded, strict=True):
                vectors[list(batch.texts)] = rows
        return vectors

    def _run(self, batch: _Batch, tokens: Sequence[Sequence[int]]) -> FloatMatrix:
        import torch  # noqa: PLC0415 (torch takes seconds to import; only encoding needs it)

        ids = torch.zeros((_rows(batch.length), batch.length), dtype=torch.int64)
        lengths = torch.ones(len(ids), dtype=torch.int64)  # a dummy row attends to its first token alone
        for row, text in enumerate(batch.texts):
            lengths[row] = len(tokens[text])
            ids[row, : len(tokens[text])] = torch.tensor(tokens[text])
        vectors: FloatMatrix = self._forward(ids, lengths)[: len(batch.texts)].numpy()
        return vectors


def _rows(length: int) -> int:
    return max(1, _BATCH_TOKENS // length)


def _plan(lengths: Sequence[int]) -> list[_Batch]:
    """Sort texts, given by their numbers of tokens, into batches of one padded length each; longest first."""
    buckets: dict[int, list[int]] = {}
    for text, length in enumerate(lengths):
        padded = -(-length // _LENGTH_STEP) * _LENGTH_STEP
        buckets.setdefault(padded, []).append(text)
    return [
        _Batch(tuple(members[start : start + _rows(length)]), length)
        for length, members in sorted(buckets.items(), reverse=True)
        for start in range(0, len(members), _rows(length))
    ]


def _use_one_torch_thread() -> None:
    import torch  # noqa: PLC0415 (see _run)

    torch.set_num_threads(1)


def load_encoder() -> Encoder:
    """Load all-MiniLM-L6-v2 from this machine's verified files, in bfloat16 where the CPU computes it in hardware.

    Raises:
        ModelError: The files are nowhere, or differ from models/encoders.toml.
    """
    manifest = encoder_manifest("minilm")
    files = locate(manifest).paths

    from tokenizers import Tokenizer  # noqa: PLC0415 (only where an encoder is really loaded)

    from voc_pipeline.embedding import forward  # noqa: PLC0415 (imports torch)

    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    dtype = forward.best_dtype()
    weights_hash = manifest.files["model.safetensors"][:_HASH_DIGITS]
    precision = str(dtype).removeprefix("torch.")
    return FixedShapeEncoder(
        forward.BertEncoder(files["model.safetensors"], files["config.json"], dtype),
        tokenizer,
        key=f"{manifest.repo}@{manifest.revision[:_HASH_DIGITS]}:{weights_hash}:{precision}",
        dimension=manifest.dimension,
    )
