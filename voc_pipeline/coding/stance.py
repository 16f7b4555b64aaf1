"""The shipped sentiment engine: trained heads for sentiment, journey stage and statement type of a mention."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.coding.heads import load_stance_heads, load_theme_heads
from voc_pipeline.coding.speeches import sentences_of, speech_of
from voc_pipeline.records import Sentiment, Stance

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voc_pipeline.coding.speeches import Sentence
    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder
    from voc_pipeline.records import Codebook, CodingUnit, ThemeHit


class HeadSentimentEngine:
    """Judges hits from their theme and the sentences of their turn that carry it; registered as ``heads``.

    A sentence counts as much as its score for the theme: what is said around the evidence about the same thing tells
    the stance, too. Themes without a trained head are judged on the evidence alone.

    Args:
        encoder: The encoder that the heads were trained with.
        codebook: Only its journey stages and statement types are given out.

    Raises:
        ModelError: The heads are missing, changed, or belong to another encoder.
    """

    name = "heads"

    def __init__(self, encoder: SpeechEncoder, codebook: Codebook) -> None:
        self._encoder = encoder
        self._heads = load_stance_heads(encoder)
        self._themes = load_theme_heads(encoder)
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
        wanted = {(hit.transcript_id, hit.turn) for hit in hits}
        turns = {key: unit for unit in units if (key := (unit.transcript_id, unit.turn)) in wanted}
        sentences = {key: sentences_of(unit) for key, unit in turns.items()}
        encoded = self._encoder.encode([speech_of(unit, sentences[key]) for key, unit in turns.items()])
        vectors = dict(zip(turns, encoded, strict=True))
        stances = []
        for hit in hits:
            key = hit.transcript_id, hit.turn
            stances.append(self._judge(hit, self._weights(sentences[key], vectors[key], hit) @ vectors[key]))
        return stances

    def _weights(self, sentences: Sequence[Sentence], vectors: FloatMatrix, hit: ThemeHit) -> FloatMatrix:
        """Say how much each sentence of a turn counts for a hit: (sentences,), together 1."""
        evidence = np.array([one.span[0] < hit.end and hit.start < one.span[1] for one in sentences])
        weights = evidence.astype(np.float32)
        if hit.theme_id in self._themes.themes:
            theme = self._themes.themes.index(hit.theme_id)
            scores = self._themes.probability(self._themes.head(vectors)[:, theme])
            weights = np.where(evidence | [one.codable for one in sentences], scores, np.float32(0))
        return np.asarray(weights / weights.sum(), dtype=np.float32)

    def _judge(self, hit: ThemeHit, carriers: FloatMatrix) -> Stance:
        probabilities = self._heads.probabilities(carriers, hit.theme_id)
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
