"""The shipped topic model: stable groups of near neighbours, named by BERTopic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.ids import TopicId, make_id
from voc_pipeline.records import Topic
from voc_pipeline.themes.naming import label_of, topic_terms
from voc_pipeline.themes.neighbours import Closeness
from voc_pipeline.themes.stability import SMALLEST_TOPIC, stable_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.ids import PassageId
    from voc_pipeline.protocols import FloatMatrix
    from voc_pipeline.records import Passage

_FEWEST_WORDS = 2
_EXAMPLES = 3
_MINILM = Closeness()


class LouvainTopicModel:
    """Groups passages with Louvain's method on their exact neighbour graph and names the groups with BERTopic.

    The outcome depends on the passages alone, not on their order. A topic's id is made from its members, so it changes
    when a member joins or leaves; ids that last from night to night need a ledger on top of this.

    Args:
        closeness: How near passages must be to belong together; the default suits all-MiniLM-L6-v2.
        seed: Of every random choice.
    """

    name = "bertopic"
    version = "1"

    def __init__(self, *, closeness: Closeness = _MINILM, seed: int = 0) -> None:
        self._closeness = closeness
        self._seed = seed

    def fit(self, passages: Sequence[Passage], texts: Sequence[str], vectors: FloatMatrix) -> list[Topic]:
        """Find topics of at least three passages that survive other seeds and left-out passages.

        Args:
            passages: The passages, any number from 0, in any order.
            texts: Their texts of record, same length.
            vectors: float32 array of shape (len(passages), dimension), unit rows.

        Returns:
            Topics, largest first; none when nothing repeats. ``stability`` is the mean best Jaccard index over
            replicates, 0.6..1; ``examples`` are the members nearest to the topic's mean.

        Raises:
            ValueError: Passages, texts and vectors differ in number.
        """
        if not len(passages) == len(texts) == len(vectors):
            msg = f"{len(passages)} passages, {len(texts)} texts and {len(vectors)} vectors: one each is needed"
            raise ValueError(msg)
        if len(passages) < SMALLEST_TOPIC:
            return []
        order = sorted(range(len(passages)), key=lambda row: passages[row].passage_id)
        passages = [passages[row] for row in order]
        vectors = np.ascontiguousarray(vectors[order], dtype=np.float32)
        grouping = stable_groups(vectors, closeness=self._closeness, seed=self._seed)
        if not len(grouping.stability):
            return []
        terms = topic_terms([texts[row] for row in order], grouping.labels, vectors)
        topics = []
        for number, stability in enumerate(grouping.stability.tolist()):
            if len(" ".join(terms[number]).split()) < _FEWEST_WORDS:  # one shared word is no subject
                continue
            members = np.flatnonzero(grouping.labels == number)
            ids = tuple(passages[row].passage_id for row in members)
            topics.append(_topic(ids, vectors[members], terms=terms[number], stability=stability))
        return sorted(topics, key=lambda topic: (-len(topic.passages), topic.topic_id))


def _topic(ids: tuple[PassageId, ...], vectors: FloatMatrix, *, terms: tuple[str, ...], stability: float) -> Topic:
    nearness = np.round(vectors @ vectors.mean(axis=0), 5)  # rounded, so that alike passages rank by their ids
    nearest = np.argsort(-nearness, kind="stable")[:_EXAMPLES]
    return Topic(
        topic_id=TopicId(make_id("tp", *ids)),
        label=label_of(terms),
        terms=terms,
        passages=ids,
        examples=tuple(ids[row] for row in nearest),
        stability=round(stability, 4),
    )
