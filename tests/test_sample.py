"""The sample study is what README says it is."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.sample import GOLD, LAYOUT, SAMPLE, write_sample

if TYPE_CHECKING:
    from pathlib import Path

STUDY = [name for name in LAYOUT if name != "s13"]
CODEBOOK_WORDS = re.compile(
    r"\b(political|capital|advoca\w+|recommend\w*|grace|trust\w*|candor|valued?|abandon\w*|responsive\w*|onboard\w*"
    r"|training|personaliz\w+|listen\w*|empath\w+|channels?|effort|friction|coheren\w+|leadership|commitment"
    r"|performance|integrat\w+|price|budget|outcomes?|success\w*|cultur\w+|switch\w*|competit\w+)\b",
    re.IGNORECASE,
)


def gold(name: str) -> dict[str, Any]:
    interview: dict[str, Any] = json.loads((GOLD / f"{name}.json").read_text(encoding="utf-8"))
    return interview


def respondent_turns(interview: dict[str, Any]) -> list[dict[str, Any]]:
    return [turn for turn in interview["turns"] if turn["speaker"] == "Respondent"]


def test_there_are_twelve_interviews_of_four_roles_in_two_regions_and_four_formats() -> None:
    roles = Counter(gold(name)["metadata"]["role"] for name in STUDY)
    assert len(STUDY) >= 12
    assert len(roles) == 4
    assert min(roles.values()) >= 3
    assert len({gold(name)["metadata"]["region"] for name in STUDY}) == 2
    assert len({path.suffix for path in (SAMPLE / "inbox").rglob("HX-*")}) >= 4
    assert min(len(respondent_turns(gold(name))) for name in STUDY) >= 15


def test_respondents_rarely_use_the_codebooks_words_and_often_say_nothing_to_code() -> None:
    turns = [(name, turn) for name in STUDY for turn in respondent_turns(gold(name))]
    coded = {(name, code["turn"]) for name in STUDY for code in gold(name)["codes"]}
    with_words = [turn for _, turn in turns if CODEBOOK_WORDS.search(turn["text"])]
    uncoded = [turn for name, turn in turns if (name, turn["n"]) not in coded]
    assert len(with_words) / len(turns) <= 0.10
    assert len(uncoded) / len(turns) >= 0.20


def test_themes_differ_by_role_and_one_deliberately_does_not() -> None:
    people: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name in STUDY:
        role = gold(name)["metadata"]["role"]
        for theme in {code["theme"] for code in gold(name)["codes"]}:
            people[theme][role] += 1
    assert all(count == 3 for count in people["product_performance"].values())
    assert len(people["product_performance"]) == 4
    apart = [theme for theme, roles in people.items() if 3 in roles.values() and len(roles) <= 2]
    assert len(apart) >= 2


def test_every_gold_quote_is_verbatim_and_only_the_respondents() -> None:
    for name in STUDY:
        interview = gold(name)
        texts = {turn["n"]: turn["text"] for turn in respondent_turns(interview)}
        assert all(code["quote"] in texts[code["turn"]] for code in interview["codes"])


def test_the_shipped_files_are_rendered_from_the_gold_interviews(tmp_path: Path) -> None:
    write_sample(tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    shipped = {path.relative_to(SAMPLE): path.read_bytes() for path in (SAMPLE / "inbox").rglob("*") if path.is_file()}
    assert made == shipped


@pytest.mark.parametrize("column", ["file", "speaker", "participant_id", "role_in_call", "role", "region", "nps"])
def test_the_roster_has_the_columns_of_the_contract(column: str) -> None:
    with (SAMPLE / "inbox" / "participants.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(column in row for row in rows)
    assert {row["region"] for row in rows if row["role_in_call"] == "participant"} == {"EMEA", "NA"}
