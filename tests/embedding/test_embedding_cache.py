from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.embedding.cache import CachedEncoder, MemoryCache, text_sha256

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.protocols import FloatMatrix


class CountingEncoder:
    """Encodes a text as its length and remembers what it was asked."""

    key = "counting"
    dimension = 2

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        self.calls.append(list(texts))
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def test_a_studys_key_does_not_change_what_is_encoded() -> None:
    encoder = CountingEncoder()
    cached = CachedEncoder(encoder, MemoryCache())
    cached.encode(["[PERSON_00AAFF] of [LOCATION_123456] called", "[PERSON_FFFFFF] of [LOCATION_654321] called"])
    assert encoder.calls == [["Alex of our town called"]]
    assert cached.encode(["[OTHER_123456]! [note_1] [X]"]).shape == (1, 2)
    assert encoder.calls[-1] == ["that! [note_1] [X]"]


def test_each_text_is_encoded_once_in_one_call() -> None:
    encoder = CountingEncoder()
    cached = CachedEncoder(encoder, MemoryCache())
    first = cached.encode(["a", "bb", "a"])
    second = cached.encode(["bb", "ccc"])
    assert encoder.calls == [["a", "bb"], ["ccc"]]
    assert first[:, 0].tolist() == [1, 2, 1]
    assert second[:, 0].tolist() == [2, 3]


def test_what_was_encoded_before_an_interruption_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voc_pipeline.embedding.cache._AT_ONCE", 2)
    encoder, cache = CountingEncoder(), MemoryCache()
    own = encoder.encode

    def interrupted(texts: Sequence[str]) -> FloatMatrix:
        if "ccc" in texts:
            raise KeyboardInterrupt
        return own(texts)

    monkeypatch.setattr(encoder, "encode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(encoder, cache).encode(["a", "bb", "ccc"])
    monkeypatch.setattr(encoder, "encode", own)
    assert CachedEncoder(encoder, cache).encode(["a", "bb", "ccc"])[:, 0].tolist() == [1, 2, 3]
    assert encoder.calls == [["a", "bb"], ["ccc"]]


def test_what_is_known_costs_no_call() -> None:
    encoder = CountingEncoder()
    cached = CachedEncoder(encoder, MemoryCache())
    cached.encode(["a"])
    cached.encode(["a"])
    cached.encode([])
    assert len(encoder.calls) == 1


def test_no_texts_give_an_empty_matrix_of_the_right_width() -> None:
    empty = CachedEncoder(CountingEncoder(), MemoryCache()).encode([])
    assert empty.shape == (0, 2)
    assert empty.dtype == np.float32


def test_vectors_of_another_encoder_are_not_used() -> None:
    cache = MemoryCache()
    cache.save("another", {text_sha256("a"): np.array([9, 9], dtype=np.float32)})
    assert CachedEncoder(CountingEncoder(), cache).encode(["a"])[0].tolist() == [1, 1]


def test_a_vector_that_is_there_stays() -> None:
    cache = MemoryCache()
    cache.save("k", {"h": np.array([1], dtype=np.float32)})
    cache.save("k", {"h": np.array([2], dtype=np.float32)})
    assert cache.load("k", ["h", "other"])["h"].tolist() == [1]
    assert "other" not in cache.load("k", ["h", "other"])


@given(st.lists(st.text()), st.lists(st.text()))
def test_caching_changes_nothing(before: list[str], texts: list[str]) -> None:
    cached = CachedEncoder(CountingEncoder(), MemoryCache())
    cached.encode(before)
    assert np.array_equal(cached.encode(texts), CountingEncoder().encode(texts).reshape(-1, 2))
