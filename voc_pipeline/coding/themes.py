"""The shipped theme coder: one head a theme on frozen vectors, with evidence and a reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.coding.heads import load_theme_heads
from voc_pipeline.coding.views import encode_turns
from voc_pipeline.ids import ThemeId
from voc_pipeline.records import ThemeHit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voc_pipeline.coding.views import Span, TurnVectors
    from voc_pipeline.protocols import Encoder, FloatMatrix
    from voc_pipeline.records import Codebook, CodingUnit

# A sentence beside the best one belongs to the evidence when its score is nearly as high (logits).
_NEARLY = 0.5


class HeadThemeCoder:
    """Codes the themes that have a trained head; registered as ``heads``.

    Args:
        encoder: The encoder that the heads were trained on.
        codebook: Only its themes are coded.

    Raises:
        ModelError: The heads are missing, changed, or trained on another encoder.
    """

    name = "heads"

    def __init__(self, encoder: Encoder, codebook: Codebook) -> None:
        self._encoder = encoder
        self._heads = load_theme_heads(encoder)
        self.version = self._heads.version
        wanted = [theme.theme_id for theme in codebook.themes]
        self._coded = [number for number, theme in enumerate(self._heads.themes) if theme in wanted]
        self._uncovered = tuple(theme for theme in wanted if theme not in self._heads.themes)
        self._cues = {theme: _cue_pattern(cues) for theme, cues in self._heads.cues.items()}

    @property
    def uncovered(self) -> tuple[ThemeId, ...]:
        """Themes of the codebook without a trained head: never coded by this coder, and the report says so."""
        return self._uncovered

    def code(self, units: Sequence[CodingUnit]) -> list[ThemeHit]:
        """Code turns; a turn's hits don't depend on what other turns are in the call.

        Returns:
            At most one hit per turn and theme, from the review floor up, ordered by transcript, turn and theme id.
            Evidence is one whole sentence, or two that stand side by side.
        """
        hits = [
            hit
            for unit, vectors in zip(units, encode_turns(self._encoder, units), strict=True)
            if vectors.views
            for hit in self._code_turn(unit, vectors)
        ]
        return sorted(hits, key=lambda hit: (hit.transcript_id, hit.turn, hit.theme_id))

    def _code_turn(self, unit: CodingUnit, vectors: TurnVectors) -> Iterator[ThemeHit]:
        heads = self._heads
        scores = heads.probability(vectors.passage_scores(heads.head))
        asked = self._asked_about(unit.question, vectors.question)
        for theme in self._coded:
            passage = int(scores[:, theme].argmax())
            score = float(scores[passage, theme])
            threshold = float(heads.thresholds[theme])
            if score < heads.floors[theme]:
                continue
            start, end = evidence(vectors.views[passage].sentences, heads.head(vectors.sentences[passage])[:, theme])
            closest = ", ".join(heads.nearest(vectors.passages[passage], theme))
            yield ThemeHit(
                transcript_id=unit.transcript_id,
                turn=unit.turn,
                theme_id=ThemeId(heads.themes[theme]),
                start=start,
                end=end,
                score=round(score, 4),
                accepted=score >= threshold,
                prompted=heads.themes[theme] in asked,
                why=f"{score:.2f} against {threshold:.2f} needed; closest training statements: {closest}",
            )

    def _asked_about(self, question: str | None, vector: FloatMatrix | None) -> set[str]:
        """Give the themes that a question raises: by its words, or because the heads would code it."""
        if question is None or vector is None:
            return set()
        by_words = {theme for theme, cue in self._cues.items() if cue.search(question)}
        scores = self._heads.probability(self._heads.head(vector))[0]
        return by_words | {self._heads.themes[number] for number in np.flatnonzero(scores >= self._heads.thresholds)}


def evidence(sentences: Sequence[Span], scores: FloatMatrix) -> Span:
    """Choose the sentence with the highest score, and a neighbour if it scores nearly as high.

    Args:
        sentences: Spans of a passage's sentences, in order.
        scores: One logit a sentence.

    Returns:
        A span from the start of the first to the end of the last sentence chosen.
    """
    best = int(scores.argmax())
    beside = [number for number in (best - 1, best + 1) if 0 <= number < len(sentences)]
    second = max(beside, key=lambda number: float(scores[number]), default=best)
    first, last = sorted((best, second if scores[second] >= scores[best] - _NEARLY else best))
    return sentences[first][0], sentences[last][1]


def _cue_pattern(cues: Sequence[str]) -> re.Pattern[str]:
    """Match any of the cues at the start of a word: "train" finds "training"."""
    return re.compile("|".join(rf"\b{re.escape(cue)}" for cue in cues), re.IGNORECASE)
