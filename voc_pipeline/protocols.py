"""What a stage must offer to be interchangeable. One contract test suite runs over every registered plugin."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from voc_pipeline.records import NO_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from voc_pipeline.ids import ThemeId
    from voc_pipeline.reasons import Reasons
    from voc_pipeline.records import (
        CodingUnit,
        Passage,
        RawTranscript,
        ReadingOptions,
        ReplacedSpan,
        Stance,
        ThemeHit,
        Topic,
    )
    from voc_pipeline.speech import Speech

    FloatMatrix: TypeAlias = npt.NDArray[np.float32]


@runtime_checkable
class TranscriptReader(Protocol):
    """Turns the bytes of one format into utterances. Entry-point group ``voc_pipeline.readers``."""

    name: str
    suffixes: tuple[str, ...]
    """Lower-case file endings with the dot, e.g. ``(".txt", ".md")``."""

    def read(self, data: bytes, *, name: str, options: ReadingOptions = NO_OPTIONS) -> RawTranscript:
        """Read a whole file.

        Args:
            data: The file's bytes.
            name: Its name, for messages only.
            options: How the study's tables and JSON files are laid out; of no matter to most formats.

        Raises:
            RefusedError: The bytes are no transcript of this format; says why and what to do.
        """
        ...


class Pseudonymiser(Protocol):
    """Replaces what identifies a person by keyed placeholders."""

    version: str

    def pseudonymise(self, texts: Sequence[str], *, names: Sequence[str]) -> list[tuple[str, tuple[ReplacedSpan, ...]]]:
        """Replace personal data in the turns of one transcript.

        Args:
            texts: One text of any length a turn, normalised.
            names: Names known to be personal (roster, speaker labels), matched whole-word and case-insensitively.

        Returns:
            For each text, its text of record and the spans of the placeholders in it.
        """
        ...

    def placeholder(self, kind: str, value: str) -> str:
        """Give the placeholder of a value: a keyed hash of its normalised form, e.g. ``[PERSON_7F3A9C]``."""
        ...


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    key: str
    """Name, revision and arithmetic: two encoders with one key give the same bits for the same text."""
    dimension: int

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """Encode texts.

        Returns:
            float32 array of shape (len(texts), dimension), rows of length 1, the same bits for a text whatever
            stands beside it.
        """
        ...


class SentenceEncoder(Protocol):
    """Turns each sentence of a speech into a vector that knows what stands around it and what was asked."""

    @property
    def key(self) -> str:
        """Name, revision, adapter and arithmetic, as for `Encoder`."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        """Encode speeches.

        Returns:
            For each, a float32 array of shape (sentences, dimension): the mean states of a sentence's tokens, the same
            bits whatever other speeches are in the call. A sentence without tokens has zeros.
        """
        ...


class SpeechEncoder(SentenceEncoder, Protocol):
    """A sentence encoder trained for some themes, registered in the group ``speech_encoders``."""

    @property
    def broad(self) -> SentenceEncoder:
        """What reads sentences for other themes than it was trained for; itself, if it was trained for none."""
        ...

    def words(self, speech: Speech, sentence: int) -> tuple[list[tuple[int, int]], FloatMatrix]:
        """Take a sentence apart.

        Returns:
            Spans of its words in the speech's text, each once or for every reading of it, and a float32 array of shape
            (spans, dimension) whose rows add up to the sentence's vector.
        """
        ...


class VectorCache(Protocol):
    """Keeps vectors by encoder key and SHA-256 of the text."""

    def load(self, encoder_key: str, hashes: Sequence[str]) -> Mapping[str, npt.NDArray[np.float32]]:
        """Give the vectors that are there."""
        ...

    def save(self, encoder_key: str, vectors: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Keep vectors; one that is there already stays as it is."""
        ...


class ThemeCoder(Protocol):
    """Finds the codebook's themes in participants' turns."""

    name: str
    version: str

    @property
    def uncovered(self) -> tuple[ThemeId, ...]:
        """Themes of the codebook that this coder can't code; the report says so."""
        ...

    def code(self, units: Sequence[CodingUnit]) -> list[ThemeHit]:
        """Code turns.

        Returns:
            At most one hit per turn and theme, accepted or (above the review floor) for review, in order of
            transcript, turn and theme. Fillers and passages that are not codable carry none.
        """
        ...


@runtime_checkable
class ExplainingCoder(Protocol):
    """A theme coder that can say why, which `voc explain` asks for where it is offered."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Name to version of every coder whose hits it gives."""
        ...

    def reasons(self, unit: CodingUnit, theme: str, *, start: int, end: int) -> Reasons | None:
        """Look again at a theme in the sentences that ``start:end`` of a turn's text touches.

        Returns:
            The reasons; None for a theme that this coder can't code, or where no sentence is.
        """
        ...


class SentimentEngine(Protocol):
    """Judges stance, journey stage and statement type of hits."""

    name: str
    version: str

    def judge(self, units: Sequence[CodingUnit], hits: Sequence[ThemeHit]) -> list[Stance]:
        """Judge each hit in the context of its turn.

        Returns:
            One stance a hit, in the same order.
        """
        ...


class TopicModel(Protocol):
    """Groups passages that no theme covers."""

    name: str
    version: str

    def fit(self, passages: Sequence[Passage], texts: Sequence[str], vectors: FloatMatrix) -> list[Topic]:
        """Find topics.

        Args:
            passages: The passages, any number from 0.
            texts: Their texts, same length.
            vectors: float32 array of shape (len(passages), dimension), unit rows.

        Returns:
            Topics, largest first, the same whatever the order of the passages; none when nothing repeats.
        """
        ...


class Exporter(Protocol):
    """Writes one file format from the frozen report view. Entry-point group ``voc_pipeline.exporters``."""

    name: str

    def export(self, view: object, folder: Path) -> Path:
        """Write one file into the run's folder and return its path. Never queries, never computes."""
        ...


class Progress(Protocol):
    """Told how a stage gets on; shows it or does nothing."""

    def begin(self, stage: str, total: int) -> None:
        """Start a stage of ``total`` items."""
        ...

    def advance(self, stage: str, count: int = 1) -> None:
        """Report ``count`` more items done."""
        ...

    def end(self, stage: str) -> None:
        """Finish a stage."""
        ...


class SilentProgress:
    """The default: says nothing."""

    def begin(self, stage: str, total: int) -> None:
        """Ignore."""

    def advance(self, stage: str, count: int = 1) -> None:
        """Ignore."""

    def end(self, stage: str) -> None:
        """Ignore."""


current_progress: ContextVar[Progress] = ContextVar("current_progress", default=SilentProgress())  # noqa: B039 (stateless)
