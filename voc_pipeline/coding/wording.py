"""How much a statement shares a theme's very words, which vectors of meaning blur: "parking" against any nuisance.

Parts of words, 4 and 5 characters, weighted by how few of the codebook's texts have them (tf-idf). No list of stop
words and no stemmer: works in any language that writes with spaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sklearn.feature_extraction.text import TfidfVectorizer

    from voc_pipeline.protocols import FloatMatrix

_PARTS = 4, 5
_LEAST_SCALE = 0.02  # of a cosine; what chance alone shares


@dataclass(frozen=True, slots=True)
class Wording:
    """Themes as directions (themes, word parts); ``centre`` (themes,) and ``scale`` are of other themes' texts."""

    parts: TfidfVectorizer
    directions: FloatMatrix
    centre: FloatMatrix
    scale: float

    def __call__(self, texts: Sequence[str]) -> FloatMatrix:
        """Score texts in deviations from texts of other themes, (texts, themes)."""
        likeness = self.parts.transform(texts) @ self.directions.T
        scores: FloatMatrix = ((likeness - self.centre) / self.scale).astype(np.float32)
        return scores


def fit_wording(described: Sequence[str], carrying: Sequence[Sequence[str]]) -> Wording | None:
    """Learn what themes sound like.

    Args:
        described: Each theme's own description.
        carrying: For each theme, statements that carry it.

    Returns:
        None where there is nothing to compare: a single theme, or no word of two letters.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 (only where a codebook has such themes)

    texts = [*described, *(text for own in carrying for text in own)]
    owners = np.array([*range(len(described)), *(theme for theme, own in enumerate(carrying) for _ in own)])
    if len(described) < 2 or not any(len(word) > 1 for text in texts for word in text.split()):  # noqa: PLR2004 (two)
        return None
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=_PARTS, sublinear_tf=True)
    rows = parts.fit_transform(texts).toarray().astype(np.float32)
    own_rows = [rows[len(described) :][owners[len(described) :] == theme] for theme in range(len(described))]
    directions = _unit(
        np.stack([words + _unit(own.sum(axis=0)) for words, own in zip(rows[: len(described)], own_rows, strict=True)])
    )
    likeness = rows @ directions.T
    others = [likeness[owners != theme, theme] for theme in range(len(described))]
    scale = max(_LEAST_SCALE, float(np.mean([one.std() for one in others])))
    return Wording(parts, directions, np.array([one.mean() for one in others], dtype=np.float32), scale)


def _unit(rows: FloatMatrix) -> FloatMatrix:
    scaled: FloatMatrix = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6)
    return scaled
