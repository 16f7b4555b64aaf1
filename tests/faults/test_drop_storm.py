"""A small storm in every `make test`; the large one is `make faults`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.drop_storm import MANNERS, storm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.xdist_group("storm")
def test_nothing_is_lost_or_doubled_in_a_small_storm(tmp_path: Path) -> None:
    result = storm(tmp_path / "study", files=40, kills=3, seed=26)
    assert result.ok, vars(result)
    assert result.kills == 3
    assert sum(result.outcomes.values()) == sum(result.dropped.values()) == 40
    assert set(result.dropped) == set(MANNERS)
    assert set(result.outcomes) == {"coded", "duplicate", "attention", "refused"}
