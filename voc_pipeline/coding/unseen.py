"""Codes themes that no head was trained for: from name, definition, cases and examples of the codebook alone.

Statements and descriptions are seen from the middle of their kind: what all examples share, and what all descriptions
share, says nothing. A theme's head is the mean direction of its examples and description (Rocchio 1971) plus half a
logistic head of these against those of the other themes, plus the words themselves (`wording`). Scores are read
relative to what the examples of other themes score, or ordinary talk where that is higher, so one threshold serves
every codebook. An answer counts by its best sentence or as a whole, whichever says more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.coding.speeches import one_sentence, question_speech, sentences_of, sigmoid, speech_of
from voc_pipeline.coding.wording import fit_wording
from voc_pipeline.records import ThemeHit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voc_pipeline.coding.speeches import Sentence
    from voc_pipeline.coding.wording import Wording
    from voc_pipeline.ids import ThemeId
    from voc_pipeline.protocols import FloatMatrix, SentenceEncoder
    from voc_pipeline.records import CodingUnit, Theme

VERSION = "5"
# Thresholds were chosen on ten themes of interviews (benchmarks/own_themes.py), with patients' comments in view.
_THRESHOLD_Z, _BY_MEANING_Z, _SLOPE = 4.2, 3.95, 1.0  # with shared words, and where there are none to compare
_THRESHOLD, _FLOOR = 0.5, 0.35
_LOGISTIC, _REGULARISATION = 0.5, 10.0
_WORDING = 0.8  # weight of shared words, beside the two of meaning
_LACKING = 0.25  # how much a statement that only seems to carry a theme counts against it (Rocchio's gamma)
_PSEUDO_STATEMENTS, _PSEUDO_THEMES = 12, 3  # how firmly the middles lean on ordinary talk


@dataclass(frozen=True, slots=True)
class UnseenHeads:
    """Heads (themes, dimension) on directions seen from ``middle`` (dimension,); ``centre`` (themes,) is their zero."""

    middle: FloatMatrix
    weight: FloatMatrix
    centre: FloatMatrix

    def __call__(self, vectors: FloatMatrix) -> FloatMatrix:
        """Score vectors (n, dimension) in deviations from what doesn't carry the theme, (n, themes)."""
        scores: FloatMatrix = seen_from(self.middle, vectors) @ self.weight.T - self.centre
        return scores


def fit_heads(
    described: FloatMatrix, carrying: Sequence[FloatMatrix], lacking: Sequence[FloatMatrix], background: FloatMatrix
) -> UnseenHeads:
    """Make a head for each theme.

    Args:
        described: One vector a theme, of its own description, (themes, dimension).
        carrying: For each theme, vectors of statements that carry it, (any, dimension).
        lacking: For each theme, vectors of statements that don't though they might seem to, (any, dimension).
        background: Vectors of ordinary talk, (at least two, dimension).
    """
    middle = _middle_of(carrying, background)
    words = seen_from(_leaning(described, middle, _PSEUDO_THEMES), described)
    own = [seen_from(middle, rows) for rows in carrying]
    denied = [seen_from(middle, rows) for rows in lacking]
    talk = seen_from(middle, background)
    directions, others = [], []
    for number in range(len(words)):
        rest = np.concatenate([own[number][:0], *own[:number], *own[number + 1 :]])
        rivals = [rest, denied[number], np.delete(words, number, axis=0)]
        if len(rest) < _PSEUDO_STATEMENTS:
            rivals.append(talk)
        logistic = _logistic(np.concatenate([own[number], words[number : number + 1]]), np.concatenate(rivals))
        directions.append(np.stack([_direction(words[number], own[number], denied[number]), logistic]))
        others.append(rest)
    return UnseenHeads(middle, *_weighed(np.stack(directions), others, talk))


def _middle_of(carrying: Sequence[FloatMatrix], background: FloatMatrix) -> FloatMatrix:
    """Give the mean direction of all examples and as many of ordinary talk as any theme has, or at least a dozen."""
    return _leaning(
        np.concatenate(carrying), unit_rows(background).mean(axis=0), max(_PSEUDO_STATEMENTS, *map(len, carrying))
    )


def _leaning(rows: FloatMatrix, prior: FloatMatrix, weight: int) -> FloatMatrix:
    """Give the mean direction of rows, to which a prior counts as some more of them."""
    total: FloatMatrix = (unit_rows(rows).sum(axis=0) + weight * prior) / (len(rows) + weight)
    return total


def _weighed(
    directions: FloatMatrix, others: Sequence[FloatMatrix], talk: FloatMatrix
) -> tuple[FloatMatrix, FloatMatrix]:
    """Combine each theme's two directions, (themes, 2, dimension), into one weight; returns weights and centres.

    A theme's zero is the higher of two means, of what other themes' examples score and of what ordinary talk does; a
    direction's unit is the wider of their spreads. Examples are few, and the talk may be of another kind.
    """
    by_talk = [talk @ own.T for own in directions]
    by_others = [rest @ own.T for rest, own in zip(others, directions, strict=True)]
    spreads = [
        np.mean([rows.std(axis=0) for rows in scores if len(rows)] or [[0.0, 0.0]], axis=0)
        for scores in (by_talk, by_others)
    ]
    shares = np.array([1.0, _LOGISTIC]) / np.maximum(np.max(spreads, axis=0), 1e-6)
    centres = [
        max(rows.mean(axis=0) @ shares for rows in pair if len(rows)) for pair in zip(by_talk, by_others, strict=True)
    ]
    weight: FloatMatrix = np.einsum("tpd,p->td", directions, shares).astype(np.float32)
    return weight, np.array(centres, dtype=np.float32)


def _direction(words: FloatMatrix, own: FloatMatrix, denied: FloatMatrix) -> FloatMatrix:
    if not len(own):
        return words
    against = _LACKING * denied.mean(axis=0) if len(denied) else np.zeros_like(words)
    return unit_rows(words + unit_rows(own.mean(axis=0) - against))


def _logistic(own: FloatMatrix, rivals: FloatMatrix) -> FloatMatrix:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (only where a codebook has such themes)

    model = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=300)
    model.fit(np.concatenate([own, rivals]), np.arange(len(own) + len(rivals)) < len(own))
    weight: FloatMatrix = model.coef_[0].astype(np.float32)
    return weight


def scored(heads: UnseenHeads, wording: Wording | None, vectors: FloatMatrix, texts: Sequence[str]) -> FloatMatrix:
    """Score statements by meaning and by words: (n, themes), in deviations from what doesn't carry a theme."""
    meant = heads(vectors)
    return meant if wording is None else meant + _WORDING * wording(texts)


def whole_of(vectors: FloatMatrix, texts: Sequence[str]) -> FloatMatrix:
    """Give the vector of a whole answer, (1, dimension): its sentences' mean, long ones counting for more."""
    lengths = np.array([[len(text)] for text in texts], dtype=np.float32)
    mean: FloatMatrix = (vectors * lengths).sum(axis=0, keepdims=True) / lengths.sum()
    return mean


def seen_from(middle: FloatMatrix, vectors: FloatMatrix) -> FloatMatrix:
    """Give unit directions of vectors, (n, dimension), as seen from a point near the unit sphere's middle."""
    return unit_rows(unit_rows(vectors) - middle)


def unit_rows(vectors: FloatMatrix) -> FloatMatrix:
    """Scale rows to length 1; zeros stay."""
    rows: FloatMatrix = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
    return rows


class UnseenThemeCoder:
    """Codes themes by their words. Nothing is encoded or fitted before the first turn is coded.

    Args:
        encoder: Any sentence encoder.
        themes: The themes to code.
        background: Vectors of that encoder, of ordinary talk, (at least two, dimension).
    """

    name = "unseen"

    def __init__(self, encoder: SentenceEncoder, themes: Sequence[Theme], background: FloatMatrix) -> None:
        self.version = VERSION
        self._encoder = encoder
        self._themes = tuple(themes)
        self._background = background

    @property
    def uncovered(self) -> tuple[ThemeId, ...]:
        """None: any theme with a definition can be coded."""
        return ()

    def code(self, units: Sequence[CodingUnit]) -> list[ThemeHit]:
        """Code turns as `ThemeCoder` says; a turn's hits don't depend on what other turns are in the call."""
        sentences = [sentences_of(unit) for unit in units]
        spoken = [number for number, found in enumerate(sentences) if any(one.codable for one in found)]
        if not self._themes or not spoken:
            return []
        # Examples come without a question, so answers are read without theirs (mpnet: +.03 micro-F1).
        speeches = [replace(speech_of(units[number], sentences[number]), question=None) for number in spoken]
        vectors = self._encoder.encode(speeches)
        asked = self._asked_about({units[number].question or "" for number in spoken})
        hits = [
            hit
            for number, matrix in zip(spoken, vectors, strict=True)
            for hit in self._code_turn(units[number], sentences[number], matrix, asked[units[number].question or ""])
        ]
        return sorted(hits, key=lambda hit: (hit.transcript_id, hit.turn, hit.theme_id))

    def _code_turn(
        self, unit: CodingUnit, sentences: Sequence[Sentence], vectors: FloatMatrix, asked: set[int]
    ) -> Iterator[ThemeHit]:
        codable = [number for number, sentence in enumerate(sentences) if sentence.codable]
        texts = [unit.text[slice(*sentences[number].span)] for number in codable]
        vectors = vectors[codable]
        scores = self._scores(vectors, texts)
        whole = self._scores(whole_of(vectors, texts), [" ".join(texts)])[0]
        for number, theme in enumerate(self._themes):
            best = int(scores[:, number].argmax())
            score = max(float(scores[best, number]), float(whole[number]))
            if score < _FLOOR:
                continue
            yield ThemeHit(
                transcript_id=unit.transcript_id,
                turn=unit.turn,
                theme_id=theme.theme_id,
                start=sentences[codable[best]].span[0],
                end=sentences[codable[best]].span[1],
                score=round(score, 4),
                accepted=score >= _THRESHOLD,
                prompted=number in asked,
                why=f"{score:.2f}{' for the answer as a whole' if score > scores[best, number] else ''} against "
                f"{_THRESHOLD:.2f} needed; {self._closest(number, vectors[best])}",
                coder=self.name,
                coder_version=self.version,
            )

    def _scores(self, vectors: FloatMatrix, texts: Sequence[str]) -> FloatMatrix:
        needed = _THRESHOLD_Z if self._wording else _BY_MEANING_Z
        return sigmoid(_SLOPE * (scored(self._heads, self._wording, vectors, texts) - needed))

    def _closest(self, number: int, vector: FloatMatrix) -> str:
        """Name the codebook's example that a sentence is most like, by its place among the theme's examples."""
        rows = self._carrying[number]
        if not len(rows):
            return "coded from the definition, the codebook has no examples"
        likeness = unit_rows(rows) @ vector
        places = [place for place, one in enumerate(self._themes[number].examples, start=1) if one.code]
        return f"closest of the codebook's examples: number {places[int(likeness.argmax())]}"

    def _asked_about(self, questions: set[str]) -> dict[str, set[int]]:
        """Give the themes that each question raises: by their name, or because a head would code it."""
        asked: dict[str, set[int]] = {"": set()}
        real = sorted(question for question in questions if question)
        for question, vectors in zip(real, self._encoder.encode([question_speech(text) for text in real]), strict=True):
            named = {number for number, name in enumerate(self._names) if name.search(question)}
            asked[question] = named | set(np.flatnonzero(self._scores(vectors, [question])[0] >= _THRESHOLD).tolist())
        return asked

    @cached_property
    def _names(self) -> list[re.Pattern[str]]:
        """What finds each theme's name in a question, as words of their own: "AI" is not in "waiting"."""
        return [re.compile(rf"(?<!\w){re.escape(theme.name)}(?!\w)", re.IGNORECASE) for theme in self._themes]

    @cached_property
    def _carrying(self) -> list[FloatMatrix]:
        return self._examples(code=True)

    @cached_property
    def _heads(self) -> UnseenHeads:
        described = self._encode([description(theme) for theme in self._themes])
        return fit_heads(described, self._carrying, self._examples(code=False), self._background)

    @cached_property
    def _wording(self) -> Wording | None:
        carrying = [[example.text for example in theme.examples if example.code] for theme in self._themes]
        return fit_wording([description(theme) for theme in self._themes], carrying)

    def _examples(self, *, code: bool) -> list[FloatMatrix]:
        return [
            self._encode([example.text for example in theme.examples if example.code is code]) for theme in self._themes
        ]

    def _encode(self, texts: Sequence[str]) -> FloatMatrix:
        """Encode texts whole, each as one sentence."""
        encoded = self._encoder.encode([one_sentence(text) for text in texts])
        return np.concatenate([np.zeros((0, self._encoder.dimension), dtype=np.float32), *encoded])


def description(theme: Theme) -> str:
    """Write what the codebook says of a theme as one text: name, definition, when to apply it.

    What excludes a theme is not in it: vectors don't know "not".
    """
    words = theme.name if theme.definition == theme.name else f"{theme.name}: {theme.definition}"
    return ". ".join((words, *theme.include))
