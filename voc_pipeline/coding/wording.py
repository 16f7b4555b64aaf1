"""How much a statement shares a theme's very words, which vectors of meaning blur: "parking" against any nuisance.

Parts of words, 4 and 5 characters, weighted by how few of the codebook's texts have them (tf-idf). No list of stop
words and no stemmer: works in any language that writes with spaces. Placeholders of personal data are no words.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.speech import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sklearn.feature_extraction.text import TfidfVectorizer

    from voc_pipeline.protocols import FloatMatrix

_PARTS = 4, 5
_SCALE, _PSEUDO_TEXTS = 0.05, 12  # how a codebook's likenesses (cosines) spread, and how firmly few texts lean on it


@dataclass(frozen=True, slots=True)
class Wording:
    """Themes as directions (themes, word parts); ``centre`` (themes,) and ``scale`` are of other themes' texts."""

    parts: TfidfVectorizer
    directions: FloatMatrix
    centre: FloatMatrix
    scale: float

    def __call__(self, texts: Sequence[str]) -> FloatMatrix:
        """Score texts in deviations from texts of other themes, (texts, themes)."""
        likeness = _rows(self.parts, [_words(text) for text in texts]) @ self.directions.T
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

    texts = [_words(text) for text in (*described, *(text for own in carrying for text in own))]
    owners = np.array([*range(len(described)), *(theme for theme, own in enumerate(carrying) for _ in own)])
    if len(described) < 2 or not any(len(word) > 1 for text in texts for word in text.split()):  # noqa: PLR2004 (two)
        return None
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=_PARTS, sublinear_tf=True, norm=None).fit(texts)
    rows = _rows(parts, texts)
    directions = np.stack([_direction(rows[owners == theme]) for theme in range(len(described))])
    likeness = rows @ directions.T
    others = [likeness[owners != theme, theme] for theme in range(len(described))]
    spread = float(np.mean([one.var() for one in others]))
    count = len(texts) * (1 - 1 / len(described))
    scale = math.sqrt((count * spread + _PSEUDO_TEXTS * _SCALE**2) / (count + _PSEUDO_TEXTS))
    return Wording(parts, directions, np.array([one.mean() for one in others], dtype=np.float32), scale)


def _words(text: str) -> str:
    return PLACEHOLDER.sub(" ", text)


def _rows(parts: TfidfVectorizer, texts: Sequence[str]) -> FloatMatrix:
    """Give unit rows (texts, word parts); parts that no text of the codebook has count in their length, as rare ones.

    Without these, a text that shares one "the" would look like nothing but that.
    """
    known = parts.transform(texts).toarray().astype(np.float32)
    parted, vocabulary = parts.build_analyzer(), parts.vocabulary_
    rarest = float(parts.idf_.max())
    strange = [
        sum((1 + math.log(count)) ** 2 for part, count in Counter(parted(text)).items() if part not in vocabulary)
        for text in texts
    ]
    lengths = np.sqrt((known**2).sum(axis=1) + rarest**2 * np.array(strange, dtype=np.float32))
    rows: FloatMatrix = known / np.maximum(lengths, 1e-6)[:, None]
    return rows


def _direction(rows: FloatMatrix) -> FloatMatrix:
    """Give the direction of a theme's description, the first row, and of its examples together."""
    examples = rows[1:].sum(axis=0)
    total: FloatMatrix = rows[0] + examples / max(float(np.linalg.norm(examples)), 1e-6)
    direction: FloatMatrix = total / max(float(np.linalg.norm(total)), 1e-6)
    return direction
