from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc_pipeline.errors import AttentionError
from voc_pipeline.passages import language
from voc_pipeline.passages.fillers import PLACEHOLDER
from voc_pipeline.passages.pseudonyms import PresidioPseudonymiser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spacy.tokens import Doc

KEEP = ("Helixa", "Helixa Instruments", "CytoLane", "CytoLane 3", "LaneView", "LaneCare")
ROSTER = ("Walter Dombrowski", "Claire Bannerman", "Interviewer")
KEYED = PresidioPseudonymiser(b"k" * 32, KEEP)

FROM_ROSTER = {
    "Good morning, Walter, it's Claire Bannerman.": 2,
    "yeah hiya claire so i'm walter and i run the lab": 2,
    "Walter's fine. Nobody calls me Mr. Dombrowski.": 2,
    "They named it Dombrowski's folly.": 1,
}
ADDRESSES = {
    "Write to walter.d+lab@helixa-users.example.com, please.": "EMAIL",
    "It is john dot smith at gmail dot com if you need it": "EMAIL",
    "so j smith at lab dash one dot ac dot uk": "EMAIL",
    "Call me on 216-555-0142 after lunch.": "PHONE",
    "My mobile is +44 20 7946 0958.": "PHONE",
    "it's five five five oh one four two": "PHONE",
    "Reach me at 555-0142 any time, that's my phone.": "PHONE",
    "All of it is on https://lab.example.org/people/wd.": "URL",
    "Look at www.wd-lab.example.": "URL",
    "The instrument sits on 192.168.0.12 in our network.": "IP",
    "Pay it to DE89 3704 0044 0532 0130 00 as before.": "IBAN",
    "The card was 4111 1111 1111 1111, it was refused.": "CARD",
    "They even asked for my social security number, 536-22-1234.": "ID",
    "It went down on November 3rd and again on 14 March 2025.": "DATE",
    "Installed 2024-03-12, signed off 03/04/2024.": "DATE",
}
UNSEEN = (
    ("So Adaeze from purchasing had to sign it.", "Adaeze"),
    ("Our service engineer, Benedikt, came the same day.", "Benedikt"),
    ("I told Margaret Thornbury it would be fine.", "Thornbury"),
    ("Dr. Venkataraman wanted the other one.", "Venkataraman"),
    ("My postdoc Yuki wrote the script.", "Yuki"),
    ("It was Pieter who found the leak.", "Pieter"),
    ("They sent Craig, and Craig knew nothing.", "Craig"),
    ("Professor Lindgren runs the committee.", "Lindgren"),
    ("so basically oluwaseun does all the staining", "oluwaseun"),
    ("i asked doctor petrossian about it", "petrossian"),
    ("We hired Fernanda Oliveira in the spring.", "Oliveira"),
    ("Priyanka was livid about the invoice.", "Priyanka"),
    ("That is what Mr. Abernathy said in the meeting.", "Abernathy"),
    ("Then Gunnar left and nobody knew the password.", "Gunnar"),
    ("I owe Siobhan a coffee for that.", "Siobhan"),
    ("We are a small lab in Rotterdam.", "Rotterdam"),
    ("Before that I was in Baltimore for six years.", "Baltimore"),
    ("the depot's in antwerp so parts take a day", "antwerp"),
)
HARMLESS = (
    "The CytoLane 3 is down again, and LaneView won't open.",
    "Helixa Instruments sold us LaneCare for three years.",
    "cytolane three times a week, laneview every day",
    "Honestly, I would not buy from Helixa twice.",
    "Will they answer? I can hope, and hope is cheap.",
    "In March 2024 we had two Mondays without it.",
    "We run 10-15 samples at 1,200,000 events for 2019-2020.",
    "Eleven thousand four hundred dollars, in the US and in Germany.",
    "We're in the Midwest, most of our suppliers are European.",
    "Our CFO asked procurement, and quality asked the PI.",
    "It may first need a wash. We march second in the parade.",
    "One, two, three tries, then it sulks.",
    "Nah. Sunday was fine. Excel is what everyone uses.",
    "Monday morning it was version 3.2, by Friday 3.3.",
)


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> NoReturn:
        pytest.fail("something asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def written(text: str, *, names: Sequence[str] = ROSTER) -> str:
    ((record, spans),) = KEYED.pseudonymise([text], names=names)
    assert [record[span.start : span.end] for span in spans] == [span.placeholder for span in spans]
    return record


def test_a_placeholder_is_a_keyed_hash_of_the_normalised_value() -> None:
    placeholder = KEYED.placeholder("PERSON", "Walter Dombrowski")
    assert re.fullmatch(r"\[PERSON_[0-9A-F]{6}\]", placeholder)
    assert KEYED.placeholder("PERSON", "  WALTER\u00a0dombrowski ") == placeholder
    assert KEYED.placeholder("PERSON", "Pat O'Brien") == KEYED.placeholder("PERSON", "Pat O\u2019Brien")
    assert KEYED.placeholder("LOCATION", "Walter Dombrowski")[-7:] != placeholder[-7:]
    assert PresidioPseudonymiser(b"other", KEEP).placeholder("PERSON", "Walter Dombrowski") != placeholder


def test_the_key_is_never_shown() -> None:
    assert repr(KEYED) == "PresidioPseudonymiser(version='2')"


def _documents(fail: BaseException) -> Callable[[Sequence[str]], list[Doc]]:
    def documents(_texts: Sequence[str]) -> list[Doc]:
        raise fail

    return documents


def test_a_search_that_fails_stops_the_file_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "entity_model", lambda: None)
    monkeypatch.setattr(language, "entity_documents", _documents(ValueError("Walter said")))
    with pytest.raises(AttentionError) as caught:
        KEYED.pseudonymise(["Walter said"], names=[])
    assert str(caught.value).startswith("the search for personal data failed (ValueError). Nothing of this transcript")
    assert caught.value.__cause__ is None
    assert "Walter" not in str(caught.value)


@pytest.mark.models
def test_a_pattern_that_times_out_stops_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from presidio_analyzer import Pattern

    from voc_pipeline.passages import recognizers

    slow = recognizers.FailClosed("EMAIL", patterns=[Pattern("slow", "(a+)+$", 1.0)])
    monkeypatch.setattr(recognizers, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(recognizers, "find_personal_data", lambda text, _doc: slow.analyze(text, []))
    with pytest.raises(AttentionError, match=r"failed \(TimeoutError\)"):
        KEYED.pseudonymise(["a" * 50_000 + "!"], names=[])


@pytest.mark.models
@pytest.mark.parametrize("text", ["a" * 50_000, "a." * 25_000, ":" * 50_000, "1 " * 5_000])
def test_garbled_turns_pass_in_good_time(text: str) -> None:
    assert written(text) == text


@pytest.mark.models
@pytest.mark.usefixtures("_no_network")
def test_roster_names_are_all_replaced() -> None:
    for text, count in FROM_ROSTER.items():
        record = written(text)
        assert len(PLACEHOLDER.findall(record)) == count, record
        assert not re.search(r"walter|dombrowski|claire|bannerman", record, re.IGNORECASE)


@pytest.mark.models
@pytest.mark.usefixtures("_no_network")
def test_addresses_numbers_and_exact_dates_are_all_replaced_without_the_network() -> None:
    for text, kind in ADDRESSES.items():
        record = written(text, names=[])
        assert f"[{kind}_" in record, record
        digits = sum(map(str.isdigit, PLACEHOLDER.sub("", record)))
        assert digits == 0, record


@pytest.mark.models
def test_most_names_that_nobody_listed_are_replaced() -> None:
    found = [name.casefold() not in written(text, names=[]).casefold() for text, name in UNSEEN]
    assert sum(found) / len(found) >= 0.9, [name for (_, name), hit in zip(UNSEEN, found, strict=True) if not hit]


@pytest.mark.models
def test_products_regions_and_plain_words_stay() -> None:
    assert [written(text) for text in HARMLESS] == list(HARMLESS)


@pytest.mark.models
def test_a_name_has_one_placeholder_in_all_turns_whatever_is_said_of_it() -> None:
    turns = ["I met Sergio Bellini there.", "Sergio was late.", "Mr. Bellini's car broke.", "the bellini case"]
    for order in (turns, turns[::-1]):
        records = [record for record, _ in KEYED.pseudonymise(order, names=[])]
        placeholder = KEYED.placeholder("PERSON", "Sergio Bellini")
        assert all(PLACEHOLDER.findall(record) == [placeholder] for record in records), records
    assert "Mr. [PERSON" in records[1]
    assert "]'s car" in records[1]


@pytest.mark.models
def test_a_speakers_label_and_mentions_of_the_speaker_share_a_placeholder() -> None:
    assert KEYED.placeholder("PERSON", "Walter Dombrowski") in written("Is Walter there?")


@pytest.mark.models
def test_placeholders_that_stand_in_the_text_already_are_left_alone() -> None:
    text = "Then [PERSON_7F3A9C] and [EMAIL_000000] wrote."
    assert written(text) == text


PIECES = st.sampled_from(
    [
        "Walter",
        "walter",
        " ",
        " ",
        "\n",
        "a@b.co",
        "[PERSON_7F3A9C]",
        "CytoLane 3",
        "'s",
        "Dr. ",
        "216-555-0142",
        "é",
        ".",
    ]
)


@pytest.mark.models
@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map("".join)), max_size=4))
def test_text_outside_placeholders_is_unchanged_whatever_the_text(texts: list[str]) -> None:
    results = KEYED.pseudonymise(texts, names=ROSTER)
    assert len(results) == len(texts)
    for text, (record, spans) in zip(texts, results, strict=True):
        pieces, position = [], 0
        for span in spans:
            assert record[span.start : span.end] == span.placeholder
            pieces.append(record[position : span.start])
            position = span.end
        pieces.append(record[position:])
        assert re.fullmatch(".+".join(map(re.escape, pieces)), text, re.DOTALL)
        assert not re.search(r"(?<!\w)walter(?!\w)", PLACEHOLDER.sub("", record), re.IGNORECASE)
