"""Contextual encoders: every sentence of an answer encoded in one pass, together with what surrounds it.

An answer is read as ``question </s> answer``; a sentence's vector is the mean of its tokens' last states. Long answers
are read in windows of whole sentences, each behind a few sentences of what came before.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from voc_pipeline.embedding.encoder import HASH_DIGITS
from voc_pipeline.embedding.paired import PairedEncoder, TwoReaders
from voc_pipeline.embedding.shapes import SHAPE, encode_in_batches
from voc_pipeline.embedding.sources import locate
from voc_pipeline.errors import ModelError
from voc_pipeline.manifests import coder_manifest, encoder_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tokenizers import Tokenizer
    from torch import Tensor

    from voc_pipeline.embedding.shapes import Batch
    from voc_pipeline.manifests import CoderManifest, EncoderManifest
    from voc_pipeline.protocols import FloatMatrix, SentenceEncoder, SpeechEncoder
    from voc_pipeline.speech import Speech

UNTRAINED = "minilm"
QUESTION_TOKENS = 48
WINDOW_TOKENS = 320
SENTENCE_TOKENS = 240
LEAD_TOKENS = 48
_SPEECHES_AT_ONCE = 256  # bounds the memory of one call: windows are a few hundred tokens each


class _Encoding(Protocol):
    @property
    def ids(self) -> list[int]: ...
    @property
    def offsets(self) -> list[tuple[int, int]]: ...


class _Tokenizer(Protocol):
    def encode_batch(self, texts: Sequence[str], /, *, add_special_tokens: bool = True) -> Sequence[_Encoding]: ...


@dataclass(frozen=True, slots=True)
class Marks:
    """Token ids that frame a window: what opens it, what parts the question from the answer, what closes it."""

    start: int
    between: tuple[int, ...]
    end: int


@dataclass(frozen=True, slots=True)
class _Window:
    """Token ids, and for each the number of the speech's sentence that it counts for (-1: context only)."""

    speech: int
    ids: tuple[int, ...]
    sentences: tuple[int, ...]
    tokens: tuple[int, ...]
    """Position of each id in the tokenised text, -1 for the others."""


class WindowedEncoder:
    """Encodes speeches with a transformer.

    Args:
        forward: Maps int64 token ids (rows, length) and lengths (rows,) to float32 states (rows, length, dimension).
        tokenizer: Neither truncates nor pads.
        marks: Ids of the special tokens.
        key: Names weights, adapter and arithmetic.
        dimension: Length of a vector.
    """

    def __init__(
        self,
        forward: Callable[[Tensor, Tensor], Tensor],
        tokenizer: _Tokenizer,
        *,
        marks: Marks,
        key: str,
        dimension: int,
    ) -> None:
        self.key = key
        self.dimension = dimension
        self._forward = forward
        self._tokenizer = tokenizer
        self._marks = marks

    @property
    def broad(self) -> SentenceEncoder:
        """This encoder and all-MiniLM-L6-v2 as it came side by side; the second is loaded when first needed."""
        return PairedEncoder(self, lambda: load_untrained(UNTRAINED))

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        """Encode speeches as `SpeechEncoder` says, some hundreds at a time."""
        vectors: list[FloatMatrix] = []
        for first in range(0, len(speeches), _SPEECHES_AT_ONCE):
            vectors += self._encode(speeches[first : first + _SPEECHES_AT_ONCE])
        return vectors

    def _encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        vectors = [np.zeros((len(speech.sentences), self.dimension), dtype=np.float32) for speech in speeches]
        windows = list(self._windows(speeches, self._tokenised(speeches)))

        def pool(states: Tensor, batch: Batch) -> list[FloatMatrix]:
            return [_means(states[row].numpy(), windows[text]) for row, text in enumerate(batch.texts)]

        for number, means in encode_in_batches([window.ids for window in windows], self._forward, pool):
            window = windows[number]
            vectors[window.speech][_scored(window)] = means
        return vectors

    def words(self, speech: Speech, sentence: int) -> tuple[list[tuple[int, int]], FloatMatrix]:
        """Take a sentence apart as `SpeechEncoder` says."""
        [encoded] = self._tokenised([speech])
        windows = [window for window in self._windows([speech], [encoded]) if sentence in window.sentences]
        if not windows:
            return [], np.zeros((0, self.dimension), dtype=np.float32)
        [(_, states)] = encode_in_batches([windows[0].ids], self._forward, lambda states, _: [states[0].numpy()])
        own = [place for place, number in enumerate(windows[0].sentences) if number == sentence]
        spans: list[tuple[int, int]] = []
        rows: list[FloatMatrix] = []
        for place in own:
            start, end = encoded.offsets[windows[0].tokens[place]]
            if spans and start == spans[-1][1] and speech.text[start - 1 : start + 1].isalnum():
                spans[-1] = (spans[-1][0], end)  # a further piece of the same word
                rows[-1] = rows[-1] + states[place]
            else:
                spans.append((start, end))
                rows.append(states[place])
        vectors: FloatMatrix = np.stack(rows)
        vectors /= len(own)
        return spans, vectors

    def _tokenised(self, speeches: Sequence[Speech]) -> Sequence[_Encoding]:
        return self._tokenizer.encode_batch([speech.text for speech in speeches], add_special_tokens=False)

    def _windows(self, speeches: Sequence[Speech], encoded: Sequence[_Encoding]) -> Iterator[_Window]:
        questions = self._tokenizer.encode_batch(
            [speech.question or "" for speech in speeches], add_special_tokens=False
        )
        for number, (speech, text, question) in enumerate(zip(speeches, encoded, questions, strict=True)):
            asked = question.ids[-QUESTION_TOKENS:]
            head = [self._marks.start, *((*asked, *self._marks.between) if asked else ())]
            for lead, tokens, sentences in _cut(text, speech.sentences):
                places = [*lead, *tokens]
                yield _Window(
                    speech=number,
                    ids=(*head, *(text.ids[place] for place in places), self._marks.end),
                    sentences=(*(-1 for _ in (*head, *lead)), *sentences, -1),
                    tokens=(*(-1 for _ in head), *places, -1),
                )


def _cut(text: _Encoding, sentences: Sequence[tuple[int, int]]) -> Iterator[tuple[list[int], list[int], list[int]]]:
    """Cut a text into windows: places of the tokens that lead up to it and of its own, and the sentence of each own."""
    lead: list[int] = []
    tokens: list[int] = []
    owners: list[int] = []
    for number, places in enumerate(places_of(text.offsets, sentences)):
        own = places[:SENTENCE_TOKENS]
        if tokens and len(tokens) + len(own) > WINDOW_TOKENS:
            yield lead, tokens, owners
            lead, tokens, owners = (lead + tokens)[-LEAD_TOKENS:], [], []
        tokens += own
        owners += [number] * len(own)
    if tokens:
        yield lead, tokens, owners


def places_of(offsets: Sequence[tuple[int, int]], sentences: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Sort tokens into sentences by where they start; tokens between sentences belong to none."""
    places: list[list[int]] = [[] for _ in sentences]
    current = 0
    for place, (start, _) in enumerate(offsets):
        while current < len(sentences) and start >= sentences[current][1]:
            current += 1
        if current < len(sentences) and start >= sentences[current][0]:
            places[current].append(place)
    return places


def _scored(window: _Window) -> list[int]:
    return sorted({number for number in window.sentences if number >= 0})


def _means(states: FloatMatrix, window: _Window) -> FloatMatrix:
    owners = np.array(window.sentences)
    means: FloatMatrix = np.stack([states[: len(owners)][owners == number].mean(axis=0) for number in _scored(window)])
    return means


def load_accurate() -> SpeechEncoder:
    """Load the accurate profile's encoder: all-mpnet-base-v2 with its adapter, and the fast one's beside it."""
    return load_speech_encoder("accurate")


def load_fast() -> SpeechEncoder:
    """Load the fast profile's encoder: all-MiniLM-L6-v2 with its adapter (see `load_speech_encoder`)."""
    return load_speech_encoder("fast")


def load_speech_encoder(name: str) -> SpeechEncoder:
    """Load the encoder of a shipped coder: the base model's verified files, with the coder's adapter merged in.

    Where its manifest names a second coder, that one's encoder reads every answer too (`TwoReaders`).

    Args:
        name: Folder of models/coders.

    Raises:
        ModelError: Files are missing, or differ from their manifests.
    """
    coder = coder_manifest(name)
    key = f"{coder.name}@{coder.version}:{coder.sha256[:HASH_DIGITS]}"
    own = _windowed(encoder_manifest(coder.encoder), key, lambda: _adapter(coder))
    return TwoReaders(own, load_speech_encoder(coder.second.coder)) if coder.second else own


@functools.cache
def load_untrained(name: str) -> SentenceEncoder:
    """Load an encoder of models/encoders.toml as it came, for speeches, once a process.

    Raises:
        ModelError: Files are missing, or differ from their manifest.
    """
    manifest = encoder_manifest(name)
    return _windowed(manifest, f"{name}@{manifest.revision[:HASH_DIGITS]}", dict)


def _windowed(manifest: EncoderManifest, key: str, adapter: Callable[[], dict[str, Tensor]]) -> WindowedEncoder:
    files = locate(manifest).paths

    from tokenizers import Tokenizer  # noqa: PLC0415 (only where an encoder is really loaded)

    from voc_pipeline.embedding import forward  # noqa: PLC0415 (imports torch)

    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    dtype = forward.best_dtype()
    return WindowedEncoder(
        forward.Transformer(files["model.safetensors"], files["config.json"], dtype, adapter=adapter()),
        tokenizer,
        marks=marks_of(tokenizer, manifest),
        key=f"{key}:{str(dtype).removeprefix('torch.')}:{SHAPE}",
        dimension=manifest.dimension,
    )


def marks_of(tokenizer: Tokenizer, manifest: EncoderManifest) -> Marks:
    """Look up the special tokens that an encoder's manifest names.

    Raises:
        ModelError: The tokenizer does not know one.
    """
    known = {mark: tokenizer.token_to_id(mark) for mark in manifest.marks}
    ids = {mark: number for mark, number in known.items() if number is not None}
    if len(ids) < len(known):
        raise ModelError(
            f"the tokenizer of {manifest.name!r} lacks {', '.join(sorted(known.keys() - ids.keys()))}",
            where="encoders.toml",
            hint="`marks` are the tokens that open an answer, part it from the question, and close it",
        )
    start, *between, end = (ids[mark] for mark in manifest.marks)
    return Marks(start, tuple(between), end)


def _adapter(coder: CoderManifest) -> dict[str, Tensor]:
    from safetensors.torch import load_file  # noqa: PLC0415 (imports torch)

    prefix = "adapter."
    tensors = load_file(coder.weights)
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
