"""The shipped encoder of single texts: all-MiniLM-L6-v2, the same bits for a text whatever stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from voc_pipeline.embedding.shapes import SHAPE, encode_in_batches
from voc_pipeline.embedding.sources import locate
from voc_pipeline.manifests import encoder_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from voc_pipeline.embedding.shapes import Batch
    from voc_pipeline.protocols import Encoder, FloatMatrix

HASH_DIGITS = 12


class _Encoding(Protocol):
    @property
    def ids(self) -> list[int]: ...


class _Tokenizer(Protocol):
    def encode_batch(self, texts: Sequence[str], /) -> Sequence[_Encoding]: ...


class FixedShapeEncoder:
    """Encodes texts in batches of fixed shapes.

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
        if texts:
            tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
            for text, vector in encode_in_batches(tokens, self._forward, _rows_of):
                vectors[text] = vector
        return vectors


def _rows_of(vectors: Tensor, batch: Batch) -> Sequence[FloatMatrix]:
    return list(vectors[: len(batch.texts)].numpy())


def load_encoder() -> Encoder:
    """Load all-MiniLM-L6-v2 from this machine's verified files, in the arithmetic of `forward.best_dtype`.

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
    transformer = forward.Transformer(files["model.safetensors"], files["config.json"], dtype)
    weights_hash = manifest.files["model.safetensors"][:HASH_DIGITS]
    precision = str(dtype).removeprefix("torch.")
    return FixedShapeEncoder(
        lambda ids, lengths: forward.mean_pooled(transformer(ids, lengths), lengths),
        tokenizer,
        key=f"{manifest.repo}@{manifest.revision[:HASH_DIGITS]}:{weights_hash}:{precision}:{SHAPE}",
        dimension=manifest.dimension,
    )
