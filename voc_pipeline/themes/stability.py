"""Groups that come back: a partition is judged by how its groups survive other seeds and left-out passages.

This is clusterwise stability by subsampling (Hennig 2007, Computational Statistics & Data Analysis 52, 258-271): the
mean over replicates of the Jaccard index of a group with the group of the replicate that is most like it. His R package
fpc (clusterboot) advises not to trust a group of a mean below 0.6; such groups are not reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline.themes.neighbours import OUTLIER, communities, neighbour_graph, without_loose_ends

if TYPE_CHECKING:
    import numpy.typing as npt

    from voc_pipeline.protocols import FloatMatrix
    from voc_pipeline.themes.neighbours import Closeness, Graph, Labels

SMALLEST_TOPIC = 3
LEAST_STABILITY = 0.6
RESOLUTIONS = (1.0, 2.0, 4.0, 8.0)
_FINER = 16.0  # tried as well where _SWEPT passages are at hand; fewer would fall apart into groups of four or five
_REPLICATES = 5
_KEPT = 0.8  # share of passages in a replicate
_SWEPT = 1000  # passages on which the resolution is chosen; a sample of them when there are more
_AS_GOOD = 0.02  # a finer resolution that is less than this worse is preferred: it says more


@dataclass(frozen=True, slots=True)
class Grouping:
    """Group of each passage, numbered from 0 (``OUTLIER`` for none), and the stability (0..1) of each group."""

    labels: Labels
    stability: npt.NDArray[np.float64]

    @property
    def quality(self) -> float:
        """Share of passages in lasting groups, each weighted with its group's stability. 0..1, higher is better."""
        grouped = self.labels[self.labels != OUTLIER]
        weights = np.where(self.stability >= LEAST_STABILITY, self.stability, 0.0)
        return float(weights[grouped].sum() / max(len(self.labels), 1))


def stable_groups(vectors: FloatMatrix, *, closeness: Closeness, seed: int = 0) -> Grouping:
    """Group passages at the resolution whose groups last best; labels play no part in the choice.

    Args:
        vectors: float32 array of shape (passages, dimension), unit rows, any number of rows from 0.
        closeness: How near passages must be to belong together.
        seed: Of every random choice. The same vectors in the same order give the same groups.
    """
    graph = neighbour_graph(vectors, floor=closeness.edge)
    if len(vectors) <= _SWEPT:
        swept, swept_graph = vectors, graph
    else:
        rows = np.sort(np.random.default_rng(seed).choice(len(vectors), _SWEPT, replace=False))
        swept = vectors[rows]
        swept_graph = neighbour_graph(swept, floor=closeness.edge)
    tried = {
        resolution: _judge(swept, swept_graph, floor=closeness.group, resolution=resolution, seed=seed)
        for resolution in (RESOLUTIONS if len(swept) < _SWEPT else (*RESOLUTIONS, _FINER))
    }
    best = max(grouping.quality for grouping in tried.values())
    chosen = max(resolution for resolution, grouping in tried.items() if grouping.quality >= best - _AS_GOOD)
    if swept is vectors:
        return _lasting(tried[chosen])
    return _lasting(_judge(vectors, graph, floor=closeness.group, resolution=chosen, seed=seed))


def _judge(vectors: FloatMatrix, graph: Graph, *, floor: float, resolution: float, seed: int) -> Grouping:
    """Partition at one resolution and measure how each group fares in the replicates."""
    found = communities(graph, resolution=resolution, seed=seed)
    labels = without_loose_ends(vectors, found, floor=floor, smallest=SMALLEST_TOPIC)
    groups = int(labels.max(initial=OUTLIER)) + 1
    if groups == 0:
        return Grouping(labels, np.empty(0))
    scores = []
    for replicate in range(1, _REPLICATES + 1):
        random = np.random.default_rng((seed, replicate))
        nodes = np.sort(random.choice(graph.size, max(round(_KEPT * graph.size), 1), replace=False))
        again = communities(graph, resolution=resolution, seed=seed + replicate, nodes=nodes)
        # A group that lost members to the sampling must not fall below the least size for that alone.
        kept = without_loose_ends(vectors[nodes], again[nodes], floor=floor, smallest=2)
        scores.append(best_overlaps(labels[nodes], kept, groups))
    return Grouping(labels, np.mean(scores, axis=0))


def best_overlaps(labels: Labels, others: Labels, groups: int) -> npt.NDArray[np.float64]:
    """Give, for each of ``groups`` groups in ``labels``, its best Jaccard index (0..1) with a group in ``others``.

    Args:
        labels: Group of each passage, 0..groups-1 or ``OUTLIER``.
        others: Group of the same passages in another partition, from 0, or ``OUTLIER``.
        groups: Number of groups that ``labels`` may hold; one that holds no passage gets 0.
    """
    count = int(others.max(initial=OUTLIER)) + 1
    if count == 0:
        return np.zeros(groups)
    shared = np.zeros((groups, count))
    both = (labels != OUTLIER) & (others != OUTLIER)
    np.add.at(shared, (labels[both], others[both]), 1.0)
    size = np.bincount(labels[labels != OUTLIER], minlength=groups)[:, None]
    other_size = np.bincount(others[others != OUTLIER], minlength=count)[None, :]
    overlaps: npt.NDArray[np.float64] = (shared / (size + other_size - shared)).max(axis=1)
    return overlaps


def _lasting(grouping: Grouping) -> Grouping:
    """Leave out groups that do not come back and number the others from 0."""
    lasting = np.flatnonzero(grouping.stability >= LEAST_STABILITY)
    labels = np.full_like(grouping.labels, OUTLIER)
    for number, group in enumerate(lasting):
        labels[grouping.labels == group] = number
    return Grouping(labels, grouping.stability[lasting])
