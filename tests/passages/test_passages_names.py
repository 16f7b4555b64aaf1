from __future__ import annotations

import pytest

from voc_pipeline.passages.names import Guesses, KeepList, KnownNames
from voc_pipeline.passages.spans import Finding

ROSTER = ("Dr. Walter Dombrowski", "van der Berg, Anna", "Ray Castellano", "Will Young", "Speaker 1", "Interviewer", "")


def said(text: str, *, people: tuple[str, ...] = (), roster: tuple[str, ...] = ROSTER) -> list[str]:
    return [text[finding.start : finding.end] for finding in KnownNames(roster, people).find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("WALTER dombrowski, Walter's and dombrowski-led", ["WALTER dombrowski", "Walter", "dombrowski"]),
        ("so walter said ray'll do it", ["walter", "ray"]),
        ("Anna van der Berg met Berg near the van", ["Anna van der Berg", "Berg"]),
        ("Ray said so. X-ray is not it.", ["Ray"]),
        ("Will you ask Will? Young people will.", ["Will"]),
        ("Will Young is young", ["Will Young"]),
        ("HX-08_Castellano_final.docx", ["Castellano"]),
        ("The interviewer and speaker 1 spoke", []),
        ("Wal Dombrowskis", []),
    ],
)
def test_roster_names_are_found_whole_word_in_any_case(text: str, found: list[str]) -> None:
    assert said(text) == found


def test_names_that_were_only_found_need_a_capital_unless_the_text_has_none() -> None:
    assert said("Then fergus and Fergus", people=("Fergus",), roster=()) == ["Fergus"]
    assert said("then fergus came", people=("Fergus",), roster=()) == ["fergus"]
    assert said("chad is a name", people=("Chad",), roster=()) == []


def test_a_part_stands_for_the_one_full_name_that_has_it_in_any_order() -> None:
    names = ["Walter Dombrowski", "Anna Dombrowski", "Walter"]
    for order in (names, names[::-1]):
        known = KnownNames([], order)
        assert known.person("Walter") == "walter dombrowski"
        assert known.person("Dombrowski") == "dombrowski"
        assert known.person("Anna Dombrowski") == "anna dombrowski"


def test_what_is_a_person_in_one_turn_is_one_in_all() -> None:
    known = KnownNames([], ["Sigrid"])
    assert known.settled(Finding(0, 6, "LOCATION", "Sigrid")).kind == "PERSON"
    assert known.settled(Finding(0, 5, "LOCATION", "Ghent")).kind == "LOCATION"


@pytest.mark.parametrize(
    ("text", "guess", "believed"),
    [
        ("Dr. Okafor's idea", "Dr. Okafor's", [("PERSON", "Okafor")]),
        ("I asked LaneView Henrik", "LaneView Henrik", [("PERSON", "Henrik")]),
        ("Nah it broke", "Nah", []),
        ("the kitchens were full", "kitchens", []),
        ("the CFO said", "CFO", []),
        ("in North America", "North America", []),
        ("from Xanten in Germany", "Xanten", [("PERSON", "Xanten")]),
        ("hello professor mackie he came", "", [("PERSON", "mackie")]),
        ("so kirsty moved to kansas city", "", [("PERSON", "kirsty"), ("LOCATION", "kansas city")]),
        ("Sarah Whitfield, a basil plant", "", [("PERSON", "Sarah Whitfield")]),
    ],
)
def test_guesses_are_judged(text: str, guess: str, believed: list[tuple[str, str]]) -> None:
    start = text.index(guess)
    found = Guesses(text, KeepList(["LaneView"])).believed([Finding(start, start + len(guess), "PERSON", guess)])
    assert sorted({(finding.kind, finding.value) for finding in found}, reverse=True) == believed


def test_the_keep_list_matches_whole_words_in_any_case() -> None:
    keep = KeepList(["CytoLane 3", "Helixa Instruments", "  "])
    text = "the cytolane  3, Helixa Instruments' own, cytolane 30"
    assert [text[start:end] for start, end in keep.spans(text)] == ["cytolane  3", "Helixa Instruments"]
    assert keep.has_word("helixa")
    assert keep.has_word("cytolanes")
    assert KeepList([]).spans("anything") == []
