from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.ids import make_id

PARTS = st.lists(st.one_of(st.text(st.characters(codec=None)), st.binary(), st.integers()), min_size=1)


@given(PARTS, PARTS)
def test_different_parts_never_meet(left: list[str | bytes | int], right: list[str | bytes | int]) -> None:
    same = [type(part) for part in left] == [type(part) for part in right] and left == right
    assert (make_id("tr", *left) == make_id("tr", *right)) == same


def test_parts_do_not_run_together() -> None:
    assert make_id("tr", "ab", "c") != make_id("tr", "a", "bc")
    assert make_id("tr", "1") != make_id("tr", 1)
    assert make_id("tr", "a") != make_id("ps", "a")


def test_ids_are_the_same_on_any_machine() -> None:
    assert make_id("tr", "a", 1) == "tr_ce4ab8070aafff1fd2e273f4bf9bdbaf"


@pytest.mark.parametrize(("kind", "parts"), [("", ("a",)), ("Tr", ("a",)), ("tr1", ("a",)), ("tr", ())])
def test_a_bad_kind_or_no_parts_is_an_error(kind: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="an id needs a lower-case kind and at least one part"):
        make_id(kind, *parts)
