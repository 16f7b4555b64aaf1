"""Encodes each text once: vectors are kept by encoder key and SHA-256 of the text.

Placeholders of pseudonymised names are read as plain words: a study's key must not change what its interviews mean.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.speech import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from voc_pipeline.protocols import Encoder, FloatMatrix, VectorCache

_AT_ONCE = 4096  # texts


class CachedEncoder:
    """An encoder that asks its cache first and encodes what is missing, each text once, in bounded memory.

    Args:
        encoder: Encodes what the cache does not have.
        cache: Keeps vectors between calls, and between runs if it is the store's.
    """

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self.key = encoder.key
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._cache = cache

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """Encode texts as the wrapped encoder does, bit for bit, with plain words for placeholders.

        Returns:
            float32 array of shape (len(texts), dimension), rows of length 1.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        texts = [plain(text) for text in texts]
        hashes = [text_sha256(text) for text in texts]
        unique = dict(zip(hashes, texts, strict=True))
        vectors = dict(self._cache.load(self.key, list(unique)))
        missing = [key for key in unique if key not in vectors]
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            encoded = self._encoder.encode([unique[key] for key in some])
            fresh = dict(zip(some, encoded, strict=True))
            self._cache.save(self.key, fresh)  # what is interrupted goes on from here
            vectors.update(fresh)
        return np.stack([vectors[key] for key in hashes])


class MemoryCache:
    """A vector cache that lives as long as its process: for tests, training and one-off scripts."""

    def __init__(self) -> None:
        self._vectors: dict[tuple[str, str], npt.NDArray[np.float32]] = {}

    def load(self, encoder_key: str, hashes: Sequence[str]) -> Mapping[str, npt.NDArray[np.float32]]:
        """Give the vectors that are there, by hash."""
        return {key: self._vectors[encoder_key, key] for key in hashes if (encoder_key, key) in self._vectors}

    def save(self, encoder_key: str, vectors: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Keep vectors; one that is there already stays as it is."""
        for key, vector in vectors.items():
            self._vectors.setdefault((encoder_key, key), vector)


def text_sha256(text: str) -> str:
    """Hash a text (64 hex digits), lone surrogates included."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
