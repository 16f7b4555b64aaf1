"""What the coder reads of a turn: all its sentences, with plain words for placeholders, and the question before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from voc_pipeline.speech import PLACEHOLDER, Speech, plain, stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.protocols import FloatMatrix, SentenceEncoder, SpeechEncoder
    from voc_pipeline.records import CodingUnit

Span: TypeAlias = tuple[int, int]
_QUESTION_WORDS = 160  # encoders cut a sentence at 240 tokens


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a turn: its span in the turn's text without whitespace at its ends, and whether it is coded."""

    span: Span
    codable: bool


def sentences_of(unit: CodingUnit) -> tuple[Sentence, ...]:
    """List a turn's sentences in order; fillers count as context only, and those of nothing but space are left out."""
    return tuple(
        Sentence(span, passage.codable)
        for passage in unit.passages
        for span in (trimmed(unit.text, start, end) for start, end in passage.sentences)
        if span[0] < span[1]
    )


def speech_of(unit: CodingUnit, sentences: Sequence[Sentence]) -> Speech:
    """Write a turn as the encoder reads it: one span for each of the sentences."""
    texts = [plain(unit.text[slice(*sentence.span)]) for sentence in sentences]
    spans, position = [], 0
    for text in texts:
        spans.append((position, position + len(text)))
        position += len(text) + 1
    return Speech(" ".join(texts), tuple(spans), plain(unit.question) if unit.question else None)


def one_sentence(text: str) -> Speech:
    """Write a text as a speech of one sentence."""
    text = plain(text)
    return Speech(text, ((0, len(text)),))


def question_speech(question: str) -> Speech:
    """Write a question as a speech of its own; of a long one its end, where the question stands."""
    words = question.split()
    return one_sentence(" ".join(words[-_QUESTION_WORDS:]) if len(words) > _QUESTION_WORDS else question)


def written(text: str, start: int, end: int) -> Span:
    """Find in a text what was read at ``start:end`` of its plain form; a placeholder counts as a whole."""
    return _written_at(text, start, closes=False), _written_at(text, end, closes=True)


def _written_at(text: str, position: int, *, closes: bool) -> int:
    """Find a place of the plain form in the text; ``closes`` says that a span ends there."""
    longer = 0  # characters by which the plain form is ahead of the text
    for found in PLACEHOLDER.finditer(text):
        first = found.start() + longer
        last = first + len(stand_in(found))
        if position < first + closes:
            break
        if position < last + closes:
            return found.end() if closes else found.start()
        longer = last - found.end()
    return position - longer


class RememberingSentences:
    """A sentence encoder that keeps what it encoded.

    Args:
        encoder: Encodes what is asked for the first time.
    """

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._sentences = encoder
        self._known: dict[Speech, FloatMatrix] = {}

    @property
    def key(self) -> str:
        """The wrapped encoder's."""
        return self._sentences.key

    @property
    def dimension(self) -> int:
        """The wrapped encoder's."""
        return self._sentences.dimension

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        """Encode speeches as the wrapped encoder does."""
        fresh = [speech for speech in dict.fromkeys(speeches) if speech not in self._known]
        self._known.update(zip(fresh, self._sentences.encode(fresh), strict=True))
        return [self._known[speech] for speech in speeches]

    def forget(self) -> None:
        """Let go of all vectors: a study of any size is coded in bounded memory."""
        self._known.clear()


class RememberingEncoder(RememberingSentences):
    """A speech encoder that keeps what it encoded, so that theme coder and sentiment engine share one pass."""

    def __init__(self, encoder: SpeechEncoder) -> None:
        super().__init__(encoder)
        self._encoder = encoder

    @cached_property
    def broad(self) -> RememberingSentences:
        """What the wrapped encoder reads for other themes with, remembering too."""
        return RememberingSentences(self._encoder.broad)

    def words(self, speech: Speech, sentence: int) -> tuple[list[Span], FloatMatrix]:
        """Take a sentence apart as the wrapped encoder does."""
        return self._encoder.words(speech, sentence)

    def forget(self) -> None:
        """Let go of all vectors, those of ``broad`` included."""
        super().forget()
        if "broad" in vars(self):
            self.broad.forget()


def trimmed(text: str, start: int, end: int) -> Span:
    """Give the span of ``text[start:end]`` without whitespace at its ends; empty at ``start`` if it is all space."""
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    return (left, left + len(piece.strip())) if piece.strip() else (start, start)


def sigmoid(logits: FloatMatrix) -> FloatMatrix:
    """Map logits to probabilities, without overflow."""
    shares: FloatMatrix = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return shares
