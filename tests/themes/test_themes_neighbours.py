from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.themes import neighbours
from voc_pipeline.themes.neighbours import NEIGHBOURS, OUTLIER, communities, neighbour_graph, without_loose_ends

if TYPE_CHECKING:
    import pytest

    from voc_pipeline.protocols import FloatMatrix


def _unit(rows: list[list[float]]) -> FloatMatrix:
    vectors = np.array(rows, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _random(count: int, dimension: int = 8, seed: int = 0) -> FloatMatrix:
    return _unit(np.random.default_rng(seed).normal(size=(count, dimension)).tolist())


def test_an_edge_carries_the_cosine_and_stands_once() -> None:
    graph = neighbour_graph(_unit([[1, 0], [1, 1], [0, 1]]), floor=0.5)
    assert graph.pairs.tolist() == [[0, 1], [1, 2]]
    np.testing.assert_allclose(graph.weights, np.sqrt(0.5), atol=1e-5)


def test_below_the_floor_nothing_is_joined() -> None:
    graph = neighbour_graph(_unit([[1, 0], [0, 1], [1, 0.1]]), floor=0.9)
    assert graph.pairs.tolist() == [[0, 2]]


@given(count=st.integers(0, 60), seed=st.integers(0, 9))
def test_graph_joins_exactly_the_nearest(count: int, seed: int) -> None:
    vectors = _random(count, seed=seed) if count else np.empty((0, 8), dtype=np.float32)
    graph = neighbour_graph(vectors, floor=-1.0)
    cosines = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    nearest = np.argsort(-cosines, axis=1)[:, : min(NEIGHBOURS, max(count - 1, 0))]
    expected = {(min(a, b), max(a, b)) for a in range(count) for b in nearest[a].tolist()}
    assert {(a, b) for a, b in graph.pairs.tolist()} == expected


def test_chunks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _random(50)
    whole = neighbour_graph(vectors, floor=0.0)
    monkeypatch.setattr(neighbours, "_ROWS", 7)
    chunked = neighbour_graph(vectors, floor=0.0)
    assert chunked.pairs.tolist() == whole.pairs.tolist()
    np.testing.assert_allclose(chunked.weights, whole.weights, atol=2e-5)


def test_communities_leave_out_lonely_and_unasked_nodes() -> None:
    graph = neighbour_graph(_unit([[1, 0, 0], [1, 0.1, 0], [1, 0, 0.1], [0, 0, -1]]), floor=0.5)
    assert communities(graph, resolution=1.0, seed=0).tolist() == [0, 0, 0, OUTLIER]
    part = communities(graph, resolution=1.0, seed=0, nodes=np.array([0, 2, 3]))
    assert part.tolist() == [0, OUTLIER, 0, OUTLIER]


def test_loose_members_and_small_groups_become_outliers() -> None:
    vectors = _unit([[1, 0, 0], [1, 0.1, 0], [1, 0, 0.1], [-1, 0, 0.2], [0, 1, 0], [0, 1, 0.1]])
    labels = np.array([4, 4, 4, 4, 7, 7])
    assert without_loose_ends(vectors, labels, floor=0.3, smallest=3).tolist() == [0, 0, 0, -1, -1, -1]
    assert without_loose_ends(vectors, labels, floor=0.3, smallest=2).tolist() == [0, 0, 0, -1, 1, 1]


def test_a_group_of_opposites_is_no_group() -> None:
    vectors = _unit([[1, 0], [-1, 0], [0, 1]])
    assert without_loose_ends(vectors, np.zeros(3, dtype=np.intp), floor=0.3, smallest=2).tolist() == [-1, -1, -1]
