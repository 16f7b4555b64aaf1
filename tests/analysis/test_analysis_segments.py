from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.analysis.segments import choose_attributes
from voc_pipeline.errors import ConfigError
from voc_pipeline.tables import PARTICIPANTS

if TYPE_CHECKING:
    import pandas as pd


def _people(**values: list[str]) -> pd.DataFrame:
    count = len(next(iter(values.values())))
    return PARTICIPANTS.frame(
        {"participant_id": f"p{n}"} | {name: cells[n] for name, cells in values.items()} for n in range(count)
    )


@pytest.mark.parametrize(
    ("cells", "chosen"),
    [
        (["a", "a", "b", "b"], True),
        (["a", "a", "b", "b", "", "c"], True),
        (["NA", "NA", "EMEA", "EMEA"], True),
        (["1-5 years", "1-5 years", "over 5", "over 5"], True),
        (["a", "a", "b", "c"], False),  # only one value is shared
        (["a", "a", "a", ""], False),  # one value
        (["", "", "", ""], False),
        ([value for value in "abcdefgh" for _ in range(2)], True),  # eight values
        ([value for value in "abcdefghi" for _ in range(2)], False),  # nine
        (["1", "1", "2", "2"], False),
        (["$1,000", "$1,000", "250 000", "250 000"], False),
        (["10%", "10%", "-2.5", "-2.5"], False),
        (["2026-03-17", "2026-03-17", "2026-03-18", "2026-03-18"], False),
        (["2026-03", "2026-03", "2026-04T10:00", "2026-04T10:00"], False),
    ],
)
def test_which_columns_make_segments(cells: list[str], chosen: bool) -> None:  # noqa: FBT001 (a parametrised verdict)
    assert choose_attributes(_people(kind=cells), []) == (["kind"] if chosen else [])


def test_columns_keep_their_order_and_those_of_the_call_stay_out() -> None:
    pair = ["a", "a", "b", "b"]
    people = _people(role=pair, recording=pair, consent_quotes=pair, GDPR_Consent=pair, Speaker=pair, area=pair)
    assert choose_attributes(people, []) == ["role", "area"]


def test_configured_attributes_win_and_keep_their_order() -> None:
    people = _people(nps=["9", "3"], role=["a", "b"])
    assert choose_attributes(people, ["role", "nps", "role"]) == ["role", "nps"]


def test_an_unknown_attribute_names_the_nearest_and_the_known() -> None:
    with pytest.raises(ConfigError) as caught:
        choose_attributes(_people(role=["a"], region=["x"]), ["regoin"])
    assert str(caught.value) == (
        "segments.attributes: no participant attribute is called 'regoin'. "
        "Did you mean 'region'? Known from the roster, front matter and folders: role, region"
    )
    with pytest.raises(ConfigError, match=r"'x'\. Known from the roster, front matter and folders: none"):
        choose_attributes(PARTICIPANTS.frame([{"participant_id": "p0"}]), ["x"])


def test_a_study_without_participants_keeps_its_settings() -> None:
    assert choose_attributes(PARTICIPANTS.frame([]), ["role"]) == ["role"]
    assert choose_attributes(PARTICIPANTS.frame([]), []) == []
