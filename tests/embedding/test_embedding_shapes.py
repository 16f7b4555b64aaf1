from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.embedding.shapes import Batch, encode_in_batches, plan

if TYPE_CHECKING:
    from torch import Tensor

    from voc_pipeline.protocols import FloatMatrix


@given(st.lists(st.integers(1, 700), max_size=80))
def test_a_plan_holds_every_text_once_in_a_shape_that_its_length_alone_decides(lengths: list[int]) -> None:
    batches = plan(lengths)
    assert sorted(text for batch in batches for text in batch.texts) == list(range(len(lengths)))
    for batch in batches:
        assert 1 <= len(batch.texts) <= max(1, 256 // batch.length)
        assert all(batch.length - 8 < lengths[text] <= batch.length for text in batch.texts)
    assert [batch.length for batch in batches] == sorted((batch.length for batch in batches), reverse=True)


def sums(ids: Tensor, lengths: Tensor) -> Tensor:
    import torch

    counted = torch.arange(ids.shape[1]) < lengths[:, None]
    return (ids * counted).sum(dim=1)


def test_every_text_comes_back_with_what_was_made_of_it() -> None:
    def pool(totals: Tensor, batch: Batch) -> list[FloatMatrix]:
        return [np.array([totals[row]], dtype=np.float32) for row, _ in enumerate(batch.texts)]

    tokens = [[number] * (1 + number % 40) for number in range(1, 200)]
    found = {text: float(array[0]) for text, array in encode_in_batches(tokens, sums, pool)}
    assert found == {number: float(sum(ids)) for number, ids in enumerate(tokens)}
    assert list(encode_in_batches([], sums, pool)) == []


def test_what_fails_in_a_worker_fails_the_call() -> None:
    def broken(_ids: Tensor, _lengths: Tensor) -> Tensor:
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError, match="no memory"):
        list(encode_in_batches([[1, 2]], broken, lambda _, __: []))
