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


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("Jim Hart (Purchasing)", "Jim Hart told purchasing, Purchasing told Hart", ["Jim Hart", "Hart"]),
        ("Jim Hart [Acme] (he/him)", "the acme is his, Jim", ["Jim"]),
        ("Elizabeth Hart (Liz)", "Liz and Elizabeth Hart", ["Liz", "Elizabeth Hart"]),
        ("(Dombrowski)", "Dombrowski", ["Dombrowski"]),
        ("Jim Hart | Purchasing | Acme", "purchasing at Acme asked Jim", ["Jim"]),
        ("Jim Hart @ Acme", "Acme asked Jim", ["Jim"]),
        ("dana@example.org", "an example of an org, said dana", ["dana"]),
        ("d.ruiz+lab@mail.example.org", "the lab's mail, ruiz wrote", ["ruiz"]),
        ("sales@example.org; Dana Wu <x@example.org>", "sales asked Dana Wu", ["Dana Wu"]),
        ("Ana Ruiz, PhD", "a PhD, said Ana Ruiz", ["Ana Ruiz"]),
        ("Ruiz, Ana, M.D., MBA (Acme)", "the MD and the MBA are Ana Ruiz", ["Ana Ruiz"]),
        ("Ana Ruiz MD/PhD", "an MD or a phd, Ana", ["Ana"]),
        ("Prof. Ana Ruiz, MA", "the prof in Boston, MA, is Ana", ["Ana"]),
        ("Jack Ma", "Ma came, says Jack", ["Ma", "Jack"]),
        ("Nguyen, Do", "Do Nguyen", ["Do Nguyen"]),
    ],
)
def test_what_stands_behind_a_name_is_no_part_of_it(entry: str, text: str, found: list[str]) -> None:
    assert said(text, roster=(entry,)) == found


def test_the_account_of_an_address_does_not_make_a_surname_ambiguous() -> None:
    assert KnownNames(["Dana Ruiz", "d.ruiz@example.org"]).person("Ruiz") == "dana ruiz"


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("Bo Larsen", "Bo said so, and BO left", ["Bo", "BO"]),
        ("Li Na", "Na's idea, says Li; n/a and li", ["Na", "Li"]),
        ("Bo Larsen", "bo larsen is no bo", ["bo larsen"]),
        ("Maria de la Cruz", "La Paz, De Soto and Cruz", ["Cruz"]),
        ("An Le Vu", "We ask An. Le is a word, Vu is not", ["Vu"]),
    ],
)
def test_parts_of_two_letters_are_found_with_a_capital(entry: str, text: str, found: list[str]) -> None:
    assert said(text, roster=(entry,)) == found


def test_parts_of_two_letters_are_looked_for_only_of_names_known_beforehand() -> None:
    assert said("Bo came", people=("Bo Larsen",), roster=()) == []


@pytest.mark.parametrize(
    ("known", "text"),
    [("O'Brien", "Pat O\u2019Brien\u2019s car"), ("O\u2019Brien", "Pat O'Brien's car"), ("O'Brien", "O\u02bcBrien")],
)
def test_either_apostrophe_is_found_by_the_other(known: str, text: str) -> None:
    (finding,) = KnownNames([f"Pat {known}"]).find(text)
    assert text[finding.start : finding.end] == text.removesuffix("'s car").removesuffix("\u2019s car")
    assert finding.value == "pat o'brien"


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
