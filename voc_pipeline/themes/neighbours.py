"""Graph of nearest neighbours and its partition: exact cosine, seeded Louvain, no UMAP and no numba.

Louvain on the exact neighbour graph finds groups at least as true as UMAP + HDBSCAN do (NMI .83 against .79 on
BANKING77, .82-.89 against .88 on CLINC150), needs no just-in-time compiler and works from a handful of passages on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from voc_pipeline.protocols import FloatMatrix

    Labels = npt.NDArray[np.intp]

OUTLIER = -1
NEIGHBOURS = 10
_ROWS = 1024  # similarities are computed so many rows at a time: 40 MB for 10,000 passages
_DECIMALS = 5  # cosines are rounded, so that the last bits of a matrix product decide nothing


@dataclass(frozen=True, slots=True)
class Closeness:
    """Least cosines (-1..1) of what belongs together: ``edge`` between neighbours, ``group`` on average in a group.

    The defaults suit all-MiniLM-L6-v2, where random pairs of interview answers have a mean of 0.15 and a 95 % quantile
    of 0.32, and questions of one intent in CLINC150 a median of 0.53. Another encoder needs its own.
    """

    edge: float = 0.35
    group: float = 0.25


@dataclass(frozen=True, slots=True)
class Graph:
    """Undirected graph: ``pairs`` of node numbers, int of shape (edges, 2), sorted, with their cosines."""

    size: int
    pairs: npt.NDArray[np.intp]
    weights: npt.NDArray[np.float64]


def neighbour_graph(vectors: FloatMatrix, *, floor: float) -> Graph:
    """Join each passage to its nearest ones.

    Args:
        vectors: float32 array of shape (passages, dimension), unit rows.
        floor: Passages whose cosine (-1..1) is lower are not joined, however near they are.
    """
    size = len(vectors)
    count = min(NEIGHBOURS, size - 1)
    pairs: list[npt.NDArray[np.intp]] = [np.empty((0, 2), dtype=np.intp)]
    weights: list[npt.NDArray[np.float64]] = [np.empty(0)]
    for first in range(0, size if count > 0 else 0, _ROWS):
        cosines = (vectors[first : first + _ROWS] @ vectors.T).astype(np.float64).round(_DECIMALS)
        rows = np.arange(len(cosines))
        cosines[rows, first + rows] = -np.inf
        near = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        rows, columns = np.repeat(rows, count), near.ravel()
        found = cosines[rows, columns]
        joined = np.column_stack((first + rows, columns))[found >= floor]
        pairs.append(np.sort(joined, axis=1))
        weights.append(found[found >= floor])
    edges, kept = np.unique(np.concatenate(pairs), axis=0, return_index=True)
    return Graph(size, edges, np.concatenate(weights)[kept])


def communities(graph: Graph, *, resolution: float, seed: int, nodes: Labels | None = None) -> Labels:
    """Partition the graph, or the part of it that ``nodes`` induce, with Louvain's method (Blondel et al. 2008).

    Args:
        graph: The graph.
        resolution: Above 0; more makes smaller groups.
        seed: Of the order in which nodes are visited.
        nodes: Sorted node numbers; all by default.

    Returns:
        A group number for each node of the graph; ``OUTLIER`` where a node has no edge or is not among ``nodes``.
    """
    import networkx as nx  # noqa: PLC0415 (0.3 s; only discovery needs it)

    inside = np.ones(graph.size, dtype=bool) if nodes is None else np.isin(np.arange(graph.size), nodes)
    kept = inside[graph.pairs].all(axis=1)
    network: nx.Graph[int] = nx.Graph()
    edges = zip(graph.pairs[kept].tolist(), graph.weights[kept].tolist(), strict=True)
    network.add_weighted_edges_from((a, b, weight) for (a, b), weight in edges)
    labels = np.full(graph.size, OUTLIER, dtype=np.intp)
    if network.number_of_edges():
        for number, members in enumerate(nx.community.louvain_communities(network, resolution=resolution, seed=seed)):
            labels[list(members)] = number
    return labels


def without_loose_ends(vectors: FloatMatrix, labels: Labels, *, floor: float, smallest: int) -> Labels:
    """Turn weakly connected passages and small groups into outliers, and number the groups that remain from 0.

    Args:
        vectors: float32 array of shape (passages, dimension), unit rows.
        labels: Group of each passage, or ``OUTLIER``.
        floor: Least mean cosine (-1..1) of a passage with the other members of its group.
        smallest: A group of fewer passages is none; at least 2.
    """
    kept = np.full_like(labels, OUTLIER)
    number = 0
    for group in np.unique(labels[labels != OUTLIER]):
        members = np.flatnonzero(labels == group)
        own = vectors[members].astype(np.float64)
        others = max(len(members) - 1, 1)
        closeness = np.einsum("ij,ij->i", own, own.sum(axis=0) - own) / others
        members = members[closeness.round(_DECIMALS) >= floor]
        if len(members) >= smallest:
            kept[members] = number
            number += 1
    return kept
