from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from voc_pipeline.themes import stability
from voc_pipeline.themes.neighbours import OUTLIER, Closeness
from voc_pipeline.themes.stability import LEAST_STABILITY, best_overlaps, stable_groups

if TYPE_CHECKING:
    from voc_pipeline.protocols import FloatMatrix


def _blobs(sizes: list[int], *, spread: float, dimension: int = 32, seed: int = 0) -> FloatMatrix:
    """Make unit vectors around one random direction a blob."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(sizes), dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    rows = np.repeat(centres, sizes, axis=0) + spread * random.normal(size=(sum(sizes), dimension))
    vectors: FloatMatrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def test_overlap_is_the_best_jaccard_index() -> None:
    labels = np.array([0, 0, 0, 1, 1, OUTLIER])
    others = np.array([1, 1, OUTLIER, 0, 1, 0])
    # group 0 shares 2 of {0,1,2} u {0,1,4}; group 1 shares 1 of {3,4} u {3,5} and 1 of {3,4} u {0,1,4}
    assert best_overlaps(labels, others, 2).tolist() == [2 / 4, 1 / 3]


def test_overlap_with_no_groups_at_all_is_none() -> None:
    assert best_overlaps(np.array([0, 0]), np.array([OUTLIER, OUTLIER]), 1).tolist() == [0.0]


def test_clear_groups_are_found_and_last() -> None:
    sizes = [12, 9, 6, 4]
    found = stable_groups(_blobs(sizes, spread=0.05), closeness=Closeness())
    truth = np.repeat(np.arange(4), sizes)
    assert sorted(np.bincount(found.labels).tolist(), reverse=True) == sizes
    assert all(len(set(found.labels[truth == blob].tolist())) == 1 for blob in range(4))
    assert found.stability.min() > 0.9


def test_what_belongs_nowhere_is_an_outlier() -> None:
    lonely = _blobs([1] * 5, spread=0.0, seed=7)
    found = stable_groups(np.concatenate([_blobs([8, 8], spread=0.05), lonely]), closeness=Closeness(edge=0.5))
    assert found.labels[16:].tolist() == [OUTLIER] * 5


def test_noise_has_no_groups() -> None:
    noise = _blobs([1] * 200, spread=0.0, dimension=384, seed=3)
    assert not len(stable_groups(noise, closeness=Closeness()).stability)


def test_groups_that_do_not_come_back_are_left_out() -> None:
    found = stable_groups(_blobs([1] * 120, spread=0.0, dimension=12, seed=3), closeness=Closeness(edge=0.1, group=0.1))
    assert (found.stability >= LEAST_STABILITY).all()
    assert found.labels.max(initial=OUTLIER) + 1 == len(found.stability)
    assert (found.labels == OUTLIER).mean() > 0.4


def test_a_large_set_is_swept_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _blobs([30, 20, 10], spread=0.05)
    expected = stable_groups(vectors, closeness=Closeness())
    monkeypatch.setattr(stability, "_SWEPT", 40)
    sampled = stable_groups(vectors, closeness=Closeness())
    assert sampled.labels.tolist() == expected.labels.tolist()


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_handful_of_passages(count: int) -> None:
    found = stable_groups(
        _blobs([count], spread=0.01) if count else np.empty((0, 4), dtype=np.float32), closeness=Closeness()
    )
    assert len(found.labels) == count
    assert len(found.stability) == (1 if count >= 3 else 0)
