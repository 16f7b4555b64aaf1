"""The shipped sentiment engine: trained heads for sentiment, journey stage and statement type of a mention."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.coding.heads import load_stance_heads
from voc_pipeline.coding.views import trimmed
from voc_pipeline.records import Sentiment, Stance

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voc_pipeline.protocols import Encoder, FloatMatrix
    from voc_pipeline.records import Codebook, CodingUnit, ThemeHit

_THEME_WEIGHT = 0.7  # of the per-theme copy of the evidence vector, against 1 for the shared one


class HeadSentimentEngine:
    """Judges hits from their evidence, its passage and the theme; registered as ``heads``.

    Args:
        encoder: The encoder that the heads were trained on.
        codebook: Only its journey stages and statement types are given out.

    Raises:
        ModelError: The heads are missing, changed, or trained on another encoder.
    """

    name = "heads"

    def __init__(self, encoder: Encoder, codebook: Codebook) -> None:
        self._encoder = encoder
        self._heads = load_stance_heads(encoder)
        self.version = self._heads.version
        self._stages = tuple(codebook.journey_stages)
        self._types = tuple(codebook.statement_types)

    def judge(self, units: Sequence[CodingUnit], hits: Sequence[ThemeHit]) -> list[Stance]:
        """Judge each hit; a stance depends on nothing but the hit's own turn.

        Args:
            units: The turns that the hits are in, in any order.
            hits: What to judge.

        Returns:
            One stance a hit, in the same order. ``sentiment_score`` is the probability of positive minus that of
            negative; stage and type are empty where the codebook has none of the labels that the heads know.
        """
        turns = {(unit.transcript_id, unit.turn): unit for unit in units}
        texts = [text for hit in hits for text in stance_texts(turns[hit.transcript_id, hit.turn], hit.start, hit.end)]
        vectors = self._encoder.encode(texts)
        return [self._judge(hit, *vectors[2 * row : 2 * row + 2]) for row, hit in enumerate(hits)]

    def _judge(self, hit: ThemeHit, evidence: FloatMatrix, passage: FloatMatrix) -> Stance:
        inputs = stance_features(evidence, passage, hit.theme_id, self._heads.themes)
        probabilities = {name: _softmax(head(inputs)) for name, head in self._heads.heads.items()}
        sentiments = dict(zip(self._heads.labels["sentiment"], probabilities["sentiment"].tolist(), strict=True))
        return Stance(
            sentiment=Sentiment(max(sentiments, key=lambda label: sentiments[label])),
            sentiment_score=round(sentiments["positive"] - sentiments["negative"], 4),
            stage=self._best("stage", probabilities["stage"], self._stages),
            type=self._best("type", probabilities["type"], self._types),
        )

    def _best(self, name: str, probabilities: FloatMatrix, allowed: Collection[str]) -> str:
        known = zip(self._heads.labels[name], probabilities.tolist(), strict=True)
        return max(((share, label) for label, share in known if label in allowed), default=(0.0, ""))[1]


def stance_texts(unit: CodingUnit, start: int, end: int) -> tuple[str, str]:
    """Give what a stance is judged on: the evidence, and the passage that it starts in."""
    passage = next((item for item in unit.passages if item.start <= start < item.end), None)
    span = trimmed(unit.text, passage.start, max(passage.end, end)) if passage else (start, end)
    return unit.text[start:end], unit.text[slice(*span)]


def stance_features(evidence: FloatMatrix, passage: FloatMatrix, theme: str, themes: Sequence[str]) -> FloatMatrix:
    """Lay out the inputs of the stance heads; a theme that they don't know has zeros for its own part.

    Args:
        evidence: Vector of the evidence, shape (dimension,).
        passage: Vector of its passage, shape (dimension,).
        theme: The theme that is judged.
        themes: The heads' themes, in order.

    Returns:
        float32 array of shape (2 x dimension + themes x (1 + dimension),).
    """
    own = np.array([theme == known for known in themes], dtype=np.float32)
    by_theme = np.outer(own, _THEME_WEIGHT * evidence).ravel()
    return np.concatenate([evidence, passage, own, by_theme], dtype=np.float32)


def _softmax(logits: FloatMatrix) -> FloatMatrix:
    shares: FloatMatrix = np.exp(logits - logits.max())
    shares /= shares.sum()
    return shares
