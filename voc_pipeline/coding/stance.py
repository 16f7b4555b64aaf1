"""The shipped sentiment engine: trained heads for sentiment, journey stage and statement type of a mention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.coding.heads import load_stance_heads
from voc_pipeline.coding.speeches import sentences_of, speech_of
from voc_pipeline.records import Sentiment, Stance

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voc_pipeline.coding.speeches import Sentence
    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder
    from voc_pipeline.records import Codebook, CodingUnit, ThemeHit


class HeadSentimentEngine:
    """Judges hits from their evidence, read in its turn, and the theme; registered as ``heads``.

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
            stances.append(self._judge(hit, vectors[key][_within(sentences[key], hit)].mean(axis=0)))
        return stances

    def _judge(self, hit: ThemeHit, evidence: FloatMatrix) -> Stance:
        probabilities = self._heads.probabilities(evidence, hit.theme_id)
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


def _within(sentences: Sequence[Sentence], hit: ThemeHit) -> list[int]:
    """List the sentences that a hit's evidence shares characters with."""
    return [number for number, one in enumerate(sentences) if one.span[0] < hit.end and hit.start < one.span[1]]
