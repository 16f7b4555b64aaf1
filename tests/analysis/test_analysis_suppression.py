"""Counts that may be told, by hand-worked examples and by enumeration of all a reader could think of."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.analysis.suppression import OTHER_VALUES, Edition, compared_segments, safe, suppress
from voc_pipeline.errors import VocError
from voc_pipeline.tables import MENTIONS, PARTICIPANTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from voc_pipeline.analysis.suppression import Suppressed
    from voc_pipeline.analysis.voices import Segment

K = 3
THEME = ("effort", "Effort")


def people(**sizes: int) -> pd.DataFrame:
    """Make participants ``a1``, ``a2``, ... of the role ``a``, and so on."""
    return PARTICIPANTS.frame(
        {"participant_id": f"{role}{number}", "role": role} for role, size in sizes.items() for number in range(size)
    )


def said(who: Iterable[str], theme: str = "effort", status: str = "machine") -> list[dict[str, Any]]:
    empty: dict[str, Any] = {column.name: "" for column in MENTIONS.columns}
    numbers = {"turn": 1, "start": 0, "end": 0, "score": 0.9, "sentiment_score": 0.0, "prompted": False}
    return [empty | numbers | {"participant_id": name, "theme_id": theme, "status": status} for name in who]


def speakers(**counts: int) -> list[str]:
    return [f"{role}{number}" for role, count in counts.items() for number in range(count)]


def told(frame: pd.DataFrame, counts: Mapping[str, int], **more: Any) -> Suppressed:
    compared = compared_segments(frame, ["role"], K)
    return suppress(MENTIONS.frame(said(speakers(**counts))), compared, [THEME], k=K, **more)


def shown(made: Suppressed) -> dict[str, int]:
    rows = made.shares[made.shares["shown"]]
    return {str(value): int(count) for value, count in zip(rows["segment_value"], rows["participants"], strict=True)}


def bases(compared: Sequence[Segment]) -> dict[str, int]:
    return {segment.value: len(segment.members) for segment in compared}


@pytest.mark.parametrize(
    ("count", "base", "answer"),
    [(3, 6, True), (2, 6, False), (4, 6, False), (0, 6, False), (6, 6, False), (3, 5, False), (7, 10, True)],
)
def test_a_count_is_safe_with_k_people_on_each_side(count: int, base: int, answer: bool) -> None:  # noqa: FBT001 (a parameter of a test)
    assert safe(count, base, K) is answer


def test_a_row_of_safe_counts_is_told_with_its_total_and_intervals() -> None:
    made = told(people(a=8, b=7), {"a": 4, "b": 3})
    assert shown(made) == {"(all)": 7, "a": 4, "b": 3}
    total = made.shares.iloc[0]
    assert (total["base"], total["share"]) == (15, pytest.approx(7 / 15))
    # Wilson 1927 by hand: p = 7/15, z = 1.959964
    assert (total["ci_low"], total["ci_high"]) == (pytest.approx(0.2481, abs=1e-4), pytest.approx(0.6988, abs=1e-4))


@pytest.mark.parametrize("counts", [{"a": 2, "b": 4}, {"a": 0, "b": 4}, {"a": 8, "b": 3}, {"a": 6, "b": 3}])
def test_one_unsafe_count_takes_its_whole_row_but_not_the_total(counts: dict[str, int]) -> None:
    made = told(people(a=8, b=7), counts)
    assert shown(made) == {"(all)": sum(counts.values())}
    hidden = made.shares[~made.shares["shown"]]
    assert hidden[["participants", "share", "ci_low", "ci_high"]].isna().all(axis=None)
    assert set(made.log["decision"]) == {"shown", "left out"}
    assert list(made.log["reason"])[1:] == [
        "fewer than 3 spoke of it, or fewer than 3 did not" if not safe(counts["a"], 8, K)
        else "the row has a count that can't be shown: fewer than 3 spoke of it, or fewer than 3 did not",
        "fewer than 3 spoke of it, or fewer than 3 did not" if not safe(counts["b"], 7, K)
        else "the row has a count that can't be shown: fewer than 3 spoke of it, or fewer than 3 did not",
    ]  # fmt: skip


@pytest.mark.parametrize("counts", [{"a": 1, "b": 1}, {"a": 7, "b": 6}, {}])
def test_an_unsafe_total_takes_everything(counts: dict[str, int]) -> None:
    assert shown(told(people(a=8, b=7), counts)) == {}


def test_rejected_mentions_and_other_themes_count_nowhere() -> None:
    frame = people(a=8, b=7)
    rows = [*said(speakers(a=4, b=3)), *said(["a7"], status="rejected"), *said(["a6"], "unknown")]
    made = suppress(MENTIONS.frame(rows), compared_segments(frame, ["role"], K), [THEME], k=K)
    assert shown(made) == {"(all)": 7, "a": 4, "b": 3}


def test_values_of_few_are_put_together_and_take_the_smallest_of_the_others_if_they_must() -> None:
    assert bases(compared_segments(people(a=9, b=8, c=4, d=2), ["role"], K)) == {
        "(all)": 23, "a": 9, "b": 8, OTHER_VALUES: 6,
    }  # fmt: skip
    assert bases(compared_segments(people(a=9, b=8, c=4), ["role"], K)) == {"(all)": 21, "a": 9, OTHER_VALUES: 12}
    assert bases(compared_segments(people(a=9, c=4), ["role"], K)) == {"(all)": 13}
    assert bases(compared_segments(people(a=6, b=6), ["role"], K)) == {"(all)": 12, "a": 6, "b": 6}


def test_the_first_attribute_with_two_big_groups_is_compared_and_no_other() -> None:
    frame = people(a=9, b=2).assign(region=["n"] * 5 + ["s"] * 6, site=["x"] * 4 + ["y"] * 7)
    assert bases(compared_segments(frame, ["role", "region"], K)) == {"(all)": 11}
    wide = people(a=12, b=2).assign(region=["n"] * 6 + ["s"] * 8, site=["x"] * 7 + ["y"] * 7)
    found = compared_segments(wide, ["role", "region", "site"], K)
    assert [(segment.attribute, segment.value) for segment in found[1:]] == [("region", "n"), ("region", "s")]
    assert bases(compared_segments(wide, [], K)) == {"(all)": 14}


def test_with_fewer_than_k_people_not_even_their_number_is_told() -> None:
    made = told(people(a=2), {"a": 1})
    assert made.shares["base"].isna().all()


def test_a_study_of_nobody_tells_nothing() -> None:
    assert shown(told(people(), {})) == {}


@pytest.mark.parametrize("sizes", [{"a": 6, "b": 6}, {"a": 7, "b": 8}, {"a": 6, "b": 6, "c": 6}, {"a": 6, "b": 10}])
def test_knowing_the_rule_does_not_help_the_reader(sizes: dict[str, int]) -> None:
    """Run every possible study, and hold each hidden count against all studies that look the same from outside."""
    frame = people(**sizes)
    alike: dict[tuple[tuple[str, int], ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(*(range(size + 1) for size in sizes.values())):
        look = shown(told(frame, dict(zip(sizes, counts, strict=True))))
        alike[tuple(sorted(look.items()))].append(counts)
    for seen, possible in alike.items():
        values = list(zip(*possible, strict=True))
        for (role, size), hidden in zip(sizes.items(), values, strict=True):
            if role not in dict(seen):
                assert max(hidden) - min(hidden) >= K, (seen, role)
                assert max(hidden) >= K, (seen, role)
                assert min(hidden) <= size - K, (seen, role)
        few = [split for split in product(range(K), repeat=len(sizes)) if 0 < sum(split) < K]
        for split in few:  # any fewer than k people: all of them may have spoken, and none
            assert any(all(map(int.__ge__, counts, split)) for counts in possible), (seen, split)
            silent = [
                tuple(size - count for size, count in zip(sizes.values(), counts, strict=True)) for counts in possible
            ]
            assert any(all(map(int.__ge__, counts, split)) for counts in silent), (seen, split)


def edition(frame: pd.DataFrame, counts: Mapping[str, int]) -> Edition:
    return told(frame, counts).edition


def test_a_second_edition_of_the_same_people_tells_the_same() -> None:
    frame = people(a=8, b=7)
    first = edition(frame, {"a": 4, "b": 3})
    assert shown(told(frame, {"a": 4, "b": 3}, earlier=[first])) == {"(all)": 7, "a": 4, "b": 3}


@pytest.mark.parametrize("size", [9, 12, 4])
def test_an_edition_with_a_few_more_or_fewer_people_is_refused(size: int) -> None:
    first = edition(people(a=8, b=7), {"a": 4, "b": 3})
    moved = abs(size - 8)
    with pytest.raises(VocError) as caught:
        told(people(a=size, b=7), {"a": 4, "b": 3}, earlier=[first])
    people_moved = "1 participant has" if moved == 1 else f"{moved} participants have"
    assert f"{people_moved} joined or left since an earlier outside edition" in str(caught.value)
    assert "Wait until at least 6 have" in str(caught.value)


def test_a_count_that_an_earlier_one_could_be_subtracted_from_is_left_out() -> None:
    first = edition(people(a=8, b=7), {"a": 4, "b": 3})
    # Of a, 6 joined: 3 of them spoke. Of b, nobody joined.
    assert shown(told(people(a=14, b=7), {"a": 7, "b": 3}, earlier=[first])) == {"(all)": 10, "a": 7, "b": 3}
    # 2 of the 6 spoke: neither the row nor the total can be told.
    made = told(people(a=14, b=7), {"a": 6, "b": 3}, earlier=[first])
    assert shown(made) == {}
    assert made.log["reason"].iloc[0] == "an earlier edition's count could be subtracted from it"
    # 3 joined each: the total can be told, the row can't.
    assert shown(told(people(a=11, b=10), {"a": 6, "b": 4}, earlier=[first])) == {"(all)": 10}
    # 6 left of 20, of whom 3 had spoken
    bigger = edition(people(a=14, b=7), {"a": 7, "b": 3})
    assert shown(told(people(a=8, b=7), {"a": 4, "b": 3}, earlier=[bigger])) == {"(all)": 7, "a": 4, "b": 3}


def test_a_row_whose_total_was_told_without_it_stays_untold() -> None:
    first = edition(people(a=8, b=7), {"a": 2, "b": 4})
    assert shown(told(people(a=14, b=7), {"a": 5, "b": 4})) == {"(all)": 9, "a": 5, "b": 4}
    made = told(people(a=14, b=7), {"a": 5, "b": 4}, earlier=[first])
    assert shown(made) == {"(all)": 9}
    assert "an earlier edition told its total only" in made.log["reason"].iloc[1]


def test_two_editions_never_compare_by_two_attributes() -> None:
    frame = people(a=8, b=7)
    first = edition(frame, {"a": 4, "b": 3})
    other = frame.assign(region=["n"] * 7 + ["s"] * 8)
    with pytest.raises(VocError, match="compares by 'role', this one would by 'region'"):
        suppress(
            MENTIONS.frame(said(speakers(a=4, b=3))),
            compared_segments(other, ["region"], K),
            [THEME],
            k=K,
            earlier=[first],
        )


OTHERS = "an earlier edition's groups were others, and the two could be subtracted"


def test_a_row_that_was_told_of_other_groups_is_not_told_again() -> None:
    """Groups show by size only: y + x - (other values) would be the one answer of who joined x."""

    def of(sizes: dict[str, int], counts: dict[str, int], *earlier: Edition) -> Suppressed:
        compared = compared_segments(people(**sizes), ["role"], 10)
        return suppress(MENTIONS.frame(said(speakers(**counts))), compared, [THEME], k=10, earlier=earlier)

    first = of({"a": 60, "x": 19, "y": 25}, {"a": 30, "x": 9, "y": 12})
    assert shown(first) == {"(all)": 51, "a": 30, OTHER_VALUES: 21}
    sizes, counts = {"a": 100, "x": 20, "y": 25}, {"a": 50, "x": 10, "y": 12}
    assert shown(of(sizes, counts)) == {"(all)": 72, "a": 50, "x": 10, "y": 12}
    made = of(sizes, counts, first.edition)
    assert shown(made) == {"(all)": 72}
    assert made.log["reason"].iloc[1] == f"the row has a count that can't be shown: {OTHERS}"


def test_the_very_same_people_in_other_groups_are_not_told_again() -> None:
    """Of c one went to y, and one of (other values) came in: x - c is the difference of two answers."""
    frame, counts = people(a=14, c=6, d=4, e=4), {"a": 7, "c": 3, "d": 1, "e": 2}
    assert shown(told(frame, counts)) == {"(all)": 13, "a": 7, "c": 3, OTHER_VALUES: 3}
    again = frame.assign(role=["a"] * 14 + ["y"] + ["x"] * 6 + ["y"] * 7)
    assert shown(told(again, counts)) == {"(all)": 13, "a": 7, "x": 3, "y": 3}
    assert shown(told(again, counts, earlier=[edition(frame, counts)])) == {"(all)": 13}


def test_groups_of_the_same_names_between_which_people_moved_are_not_told_again() -> None:
    """One of b, who spoke, is of c now: a + b before, less a + b now, is their answer, though each count moved by 6."""
    ids = [f"p{number}" for number in range(80)]
    spoke = [name for number, name in enumerate(ids) if number % 2 == 0]

    def of(roles: list[str], *earlier: Edition) -> Suppressed:
        frame = PARTICIPANTS.frame(
            {"participant_id": name, "role": role} for name, role in zip(ids, roles, strict=True)
        )
        compared = compared_segments(frame, ["role"], K)
        return suppress(MENTIONS.frame(said(spoke)), compared, [THEME], k=K, earlier=earlier)

    before = [role for role in "abcd" for _ in range(20)]
    now = ["b"] * 6 + before[6:20] + ["c"] + before[21:40] + ["d"] * 6 + before[46:]
    first, second = of(before), of(now)
    assert shown(first)["a"] + shown(first)["b"] - shown(second)["a"] - shown(second)["b"] == 1
    assert shown(of(now, first.edition)) == {"(all)": 40}


def test_a_total_that_sums_of_groups_told_before_would_betray_is_left_out() -> None:
    first = edition(people(a=10, b=10), {"a": 5, "b": 5})
    # All of a left, and one who spoke joined b: the total less b's count is that answer.
    made = told(people(b=11), {"b": 6}, earlier=[first])
    assert shown(made) == {}
    assert made.log["reason"].iloc[0] == "an earlier edition's groups could be subtracted from it"
    assert shown(told(people(b=10), {"b": 5}, earlier=[first])) == {"(all)": 5}  # known already
    assert shown(told(people(b=16), {"b": 8}, earlier=[first])) == {"(all)": 8}  # 6 joined, 3 of whom spoke


def test_an_edition_about_other_people_betrays_nothing() -> None:
    first = edition(people(a=8, b=7), {"a": 4, "b": 3})
    assert shown(told(people(c=8, d=7), {"c": 4, "d": 3}, earlier=[first])) == {"(all)": 7, "c": 4, "d": 3}
