"""The shipped theme coder: one head a theme on sentences read in their context, with evidence and a reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.coding.heads import load_theme_heads
from voc_pipeline.coding.speeches import question_speech, sentences_of, speech_of, written
from voc_pipeline.ids import ThemeId
from voc_pipeline.reasons import Reasons, ThemeScore, WordWeight
from voc_pipeline.records import ThemeHit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voc_pipeline.coding.speeches import Sentence, Span
    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder
    from voc_pipeline.records import Codebook, CodingUnit
    from voc_pipeline.speech import Speech

# A sentence beside the best one belongs to the evidence when its score is nearly as high (logits).
_NEARLY = 0.5
_OTHERS = 3


class HeadThemeCoder:
    """Codes the themes that have a trained head; registered as ``heads``.

    Args:
        encoder: The encoder that the heads were trained with.
        codebook: Only its themes are coded.

    Raises:
        ModelError: The heads are missing, changed, or belong to another encoder.
    """

    name = "heads"

    def __init__(self, encoder: SpeechEncoder, codebook: Codebook) -> None:
        self._encoder = encoder
        self._heads = load_theme_heads(encoder)
        self.version = self._heads.version
        wanted = [theme.theme_id for theme in codebook.themes]
        self._coded = [number for number, theme in enumerate(self._heads.themes) if theme in wanted]
        self._uncovered = tuple(theme for theme in wanted if theme not in self._heads.themes)
        self._cues = {theme: _cue_pattern(cues) for theme, cues in self._heads.cues.items() if cues}

    @property
    def background(self) -> FloatMatrix:
        """Vectors of the encoder's `broad`, of ordinary talk: sentences of training statements, (sentences, any)."""
        return self._heads.background

    @property
    def uncovered(self) -> tuple[ThemeId, ...]:
        """Themes of the codebook without a trained head: never coded by this coder, and the report says so."""
        return self._uncovered

    @property
    def versions(self) -> dict[str, str]:
        """Its own name and version."""
        return {self.name: self.version}

    def code(self, units: Sequence[CodingUnit]) -> list[ThemeHit]:
        """Code turns; a turn's hits don't depend on what other turns are in the call.

        Returns:
            At most one hit per turn and theme, from the review floor up, ordered by transcript, turn and theme id.
            Evidence is one whole sentence, or two that stand side by side.
        """
        sentences = [sentences_of(unit) for unit in units]
        spoken = [number for number, found in enumerate(sentences) if any(one.codable for one in found)]
        vectors = self._encoder.encode([speech_of(units[number], sentences[number]) for number in spoken])
        asked = self._asked_about({units[number].question for number in spoken})
        hits = [
            hit
            for number, matrix in zip(spoken, vectors, strict=True)
            for hit in self._code_turn(units[number], sentences[number], matrix, asked[units[number].question])
        ]
        return sorted(hits, key=lambda hit: (hit.transcript_id, hit.turn, hit.theme_id))

    def _code_turn(
        self, unit: CodingUnit, sentences: Sequence[Sentence], vectors: FloatMatrix, asked: set[str]
    ) -> Iterator[ThemeHit]:
        heads = self._heads
        logits = heads.head(vectors)
        logits[[not sentence.codable for sentence in sentences]] = -np.inf
        scores = heads.probability(logits.max(axis=0))
        for theme in self._coded:
            score, threshold = float(scores[theme]), float(heads.thresholds[theme])
            if score < heads.floors[theme]:
                continue
            first, last = evidence(logits[:, theme])
            closest = ", ".join(heads.nearest(vectors[int(logits[:, theme].argmax())], theme))
            yield ThemeHit(
                transcript_id=unit.transcript_id,
                turn=unit.turn,
                theme_id=ThemeId(heads.themes[theme]),
                start=sentences[first].span[0],
                end=sentences[last].span[1],
                score=round(score, 4),
                accepted=score >= threshold,
                prompted=heads.themes[theme] in asked,
                why=f"{score:.2f} against {threshold:.2f} needed; closest training statements: {closest}",
            )

    def reasons(self, unit: CodingUnit, theme: str, *, start: int, end: int) -> Reasons | None:
        """Look again at a theme in a turn as `ExplainingCoder` says; the words' weights are exact."""
        heads, sentences = self._heads, sentences_of(unit)
        inside = [
            number for number, one in enumerate(sentences) if one.codable and one.span[0] < end and start < one.span[1]
        ]
        number = next((number for number in self._coded if heads.themes[number] == theme), None)
        if number is None or not inside:
            return None
        speech = speech_of(unit, sentences)
        [vectors] = self._encoder.encode([speech])
        logits = heads.head(vectors)
        best = max(inside, key=lambda sentence: float(logits[sentence, number]))
        scores = heads.probability(logits[best])
        others = [other for other in self._coded if other != number]
        others.sort(key=lambda other: float(heads.thresholds[other] - scores[other]))
        own, *rest = (
            ThemeScore(ThemeId(heads.themes[one]), round(float(scores[one]), 4), float(heads.thresholds[one]))
            for one in (number, *others[:_OTHERS])
        )
        words = self._weighed(unit, sentences[best], speech, at=best, theme=number)
        return Reasons(
            *sentences[best].span,
            own=own,
            base=heads.slope * float(heads.head.bias[number]) + heads.intercept,
            words=words,
            others=tuple(rest),
            nearest=tuple(heads.nearest(vectors[best], number)),
        )

    def _weighed(
        self, unit: CodingUnit, sentence: Sentence, speech: Speech, *, at: int, theme: int
    ) -> tuple[WordWeight, ...]:
        """Give what each word of a sentence adds to a theme; words of one placeholder count as one."""
        begin, end = sentence.span
        first = speech.sentences[at][0]
        spans, rows = self._encoder.words(speech, at)
        weights = self._heads.slope * (rows @ self._heads.head.weight[:, theme])
        found: dict[Span, float] = {}
        for (left, right), weight in zip(spans, weights.tolist(), strict=True):
            place = written(unit.text[begin:end], left - first, right - first)
            found[place] = found.get(place, 0.0) + weight
        return tuple(WordWeight(begin + left, begin + right, weight) for (left, right), weight in found.items())

    def _asked_about(self, questions: set[str | None]) -> dict[str | None, set[str]]:
        """Give the themes that each question raises: by its words, or because the heads would code it."""
        asked: dict[str | None, set[str]] = {None: set(), "": set()}
        real = sorted(question for question in questions if question)
        for question, vectors in zip(real, self._encoder.encode([question_speech(text) for text in real]), strict=True):
            by_words = {theme for theme, cue in self._cues.items() if cue.search(question)}
            scores = self._heads.probability(self._heads.head(vectors))[0]
            raised = np.flatnonzero(scores >= self._heads.thresholds)
            asked[question] = by_words | {self._heads.themes[number] for number in raised}
        return asked


def evidence(scores: FloatMatrix) -> tuple[int, int]:
    """Choose the sentence with the highest score, and a neighbour if it scores nearly as high.

    Args:
        scores: One logit a sentence of a turn, in order; minus infinity for those that are never coded.

    Returns:
        The numbers of the first and the last sentence chosen.
    """
    best = int(scores.argmax())
    beside = [number for number in (best - 1, best + 1) if 0 <= number < len(scores)]
    second = max(beside, key=lambda number: float(scores[number]), default=best)
    first, last = sorted((best, second if scores[second] >= scores[best] - _NEARLY else best))
    return first, last


def _cue_pattern(cues: Sequence[str]) -> re.Pattern[str]:
    """Match any of the cues at the start of a word: "train" finds "training"."""
    return re.compile("|".join(rf"\b{re.escape(cue)}" for cue in cues), re.IGNORECASE)
