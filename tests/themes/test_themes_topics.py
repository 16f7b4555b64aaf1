from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc_pipeline.ids import PassageId, TranscriptId, make_id
from voc_pipeline.records import Passage, Topic
from voc_pipeline.themes.topics import LouvainTopicModel

if TYPE_CHECKING:
    from voc_pipeline.protocols import FloatMatrix, TopicModel

WORDS = ("audit trail", "pump noise", "delivery delay", "training course", "price list")


def _study(sizes: list[int], *, spread: float = 0.05, seed: int = 0) -> tuple[list[Passage], list[str], FloatMatrix]:
    """Make passages in blobs of similar vectors; a blob's texts share two words, each text has one of its own."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(sizes), 32))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    rows = np.repeat(centres, sizes, axis=0) + spread * random.normal(size=(sum(sizes), 32))
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    blobs = np.repeat(np.arange(len(sizes)), sizes)
    texts = [f"{WORDS[blob % len(WORDS)]} word{number}" for number, blob in enumerate(blobs.tolist())]
    return [_passage(number) for number in range(len(blobs))], texts, vectors


def _passage(number: int) -> Passage:
    return Passage(PassageId(make_id("ps", number)), TranscriptId("tr_x"), number + 1, 0, 9, ((0, 9),))


def test_it_is_a_topic_model() -> None:
    model: TopicModel = LouvainTopicModel()
    assert (model.name, model.version) == ("bertopic", "1")


def test_topics_come_largest_first_with_words_and_examples() -> None:
    passages, texts, vectors = _study([9, 5, 12])
    topics = LouvainTopicModel().fit(passages, texts, vectors)
    assert [len(topic.passages) for topic in topics] == [12, 9, 5]
    assert [topic.label for topic in topics] == ["Delivery delay", "Audit trail", "Pump noise"]
    for topic in topics:
        assert len(topic.examples) == 3
        assert set(topic.examples) <= set(topic.passages)
        assert 0.9 < topic.stability <= 1.0
        assert topic.topic_id == make_id("tp", *sorted(topic.passages))


def test_examples_are_the_nearest_to_the_middle() -> None:
    passages, texts, vectors = _study([7])
    (topic,) = LouvainTopicModel().fit(passages, texts, vectors)
    nearness = dict(zip((p.passage_id for p in passages), (vectors @ vectors.mean(axis=0)).tolist(), strict=True))
    assert list(topic.examples) == sorted(nearness, key=lambda passage: -nearness[passage])[:3]


@settings(max_examples=12, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 8), min_size=1, max_size=5),
    spread=st.sampled_from([0.02, 0.1, 0.2]),
    shuffle=st.randoms(use_true_random=False),
)
def test_order_of_the_passages_changes_nothing(sizes: list[int], spread: float, shuffle: object) -> None:
    import random

    assert isinstance(shuffle, random.Random)
    passages, texts, vectors = _study(sizes, spread=spread)
    order = list(range(len(passages)))
    shuffle.shuffle(order)
    model = LouvainTopicModel()
    shuffled = model.fit([passages[row] for row in order], [texts[row] for row in order], vectors[order])
    expected = model.fit(passages, texts, vectors)
    assert shuffled == expected
    _assert_sound(expected, passages)


def _assert_sound(topics: list[Topic], passages: list[Passage]) -> None:
    members = [passage for topic in topics for passage in topic.passages]
    assert len(set(members)) == len(members)
    assert set(members) <= {passage.passage_id for passage in passages}
    for topic in topics:
        assert len(topic.passages) >= 3
        assert 0.6 <= topic.stability <= 1.0
        assert topic.label
        assert len(topic.terms) <= 8


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_passages_work(count: int) -> None:
    passages, texts, vectors = _study([1] * count, spread=0.0) if count else ([], [], np.empty((0, 32), np.float32))
    assert LouvainTopicModel().fit(passages, texts, vectors) == []


@pytest.mark.parametrize("count", [3, 5])
def test_few_alike_passages_are_one_topic(count: int) -> None:
    (topic,) = LouvainTopicModel().fit(*_study([count]))
    assert len(topic.passages) == count


def test_the_same_text_over_and_over_is_one_topic() -> None:
    passages, _, vectors = _study([6], spread=0.0)
    (topic,) = LouvainTopicModel().fit(passages, ["Invoices arrive late."] * 6, vectors)
    assert topic.stability == 1.0
    assert topic.label == "Arrive late, invoices"


def test_passages_that_share_one_word_only_are_no_topic() -> None:
    passages, _, vectors = _study([5])
    assert LouvainTopicModel().fit(passages, [f"Laser {'really ' * number}" for number in range(5)], vectors) == []


def test_threads_share_a_model() -> None:
    study, model = _study([6, 5, 4]), LouvainTopicModel()
    expected = model.fit(*study)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(lambda _: model.fit(*study), range(8)))


def test_no_network_and_nothing_printed(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert LouvainTopicModel().fit(*_study([6, 5]))
    assert capfd.readouterr() == ("", "")


def test_lengths_that_differ_are_refused() -> None:
    passages, texts, vectors = _study([4])
    with pytest.raises(ValueError, match="4 passages, 3 texts and 4 vectors: one each is needed"):
        LouvainTopicModel().fit(passages, texts[1:], vectors)
