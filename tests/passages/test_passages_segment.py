from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.ids import ParticipantId, TranscriptId
from voc_pipeline.passages.fillers import PLACEHOLDER
from voc_pipeline.passages.segment import MAX_SENTENCES, MAX_WORDS, Segmenter, group_sentences, sentence_spans
from voc_pipeline.records import Role, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import Passage

TRANSCRIPT = TranscriptId("tr_1")
PIECES = st.sampled_from(
    ["word", " ", "  ", "\n", "um", ", ", ". ", "can't", "[PERSON_7F3A9C]", "é", "e\u0301", "and", "\u2003"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=400).map("".join), st.lists(PIECES, max_size=400).map(" ".join))


def turn(number: int, text: str) -> Turn:
    return Turn(number, "P", Role.PARTICIPANT, text, 0, ParticipantId("p"))


def after_full_stops(texts: Sequence[str]) -> list[list[int]]:
    return [[0, *(place + 1 for place, letter in enumerate(text) if letter == ".")] for text in texts]


def segment(*texts: str) -> list[Passage]:
    turns = [turn(number, text) for number, text in enumerate(texts, start=1)]
    return Segmenter(after_full_stops).segment(TRANSCRIPT, turns)


def shape(text: str) -> list[int]:
    return [len(passage.sentences) for passage in segment(text)]


@given(text=TEXTS, data=st.data())
def test_passages_partition_the_turn_whatever_the_splitter_says(text: str, data: st.DataObject) -> None:
    starts = data.draw(st.lists(st.integers(0, max(0, len(text)))))
    passages = Segmenter(lambda texts: [starts for _ in texts]).segment(TRANSCRIPT, [turn(1, text)])
    assert "".join(text[passage.start : passage.end] for passage in passages) == (text if text.strip() else "")
    cuts = [start for passage in passages for start, _ in passage.sentences][1:]
    for passage in passages:
        assert 1 <= len(passage.sentences) <= MAX_SENTENCES
        assert len(text[passage.start : passage.end].split()) <= MAX_WORDS
    for cut in cuts:
        assert not text[cut].isspace()
        assert not (text[cut - 1].isalnum() and text[cut].isalnum())
        assert not any(match.start() < cut < match.end() for match in PLACEHOLDER.finditer(text))


def test_whitespace_belongs_to_the_sentence_before_it() -> None:
    (passage,) = segment("  It broke.  \n They came. ")
    assert passage.sentences == ((0, 15), (15, 26))


@pytest.mark.parametrize(("sentences", "groups"), [(1, [1]), (3, [3]), (4, [2, 2]), (5, [2, 3]), (7, [2, 2, 3])])
def test_groups_are_balanced(sentences: int, groups: list[int]) -> None:
    assert sorted(shape("It broke twice. " * sentences)) == groups


def test_a_group_holds_at_most_80_words() -> None:
    assert shape(("word " * 39 + "end. ") * 3) in ([2, 1], [1, 2])
    assert shape(("word " * 59 + "end. ") * 3) == [1, 1, 1]


def test_groups_of_a_partition_keep_all_sentences() -> None:
    spans = [(0, 2), (2, 4), (4, 6), (6, 8)]
    assert [list(group) for group in group_sentences("a b c d ", spans)] == [spans[:2], spans[2:]]


def lengths(text: str) -> list[int]:
    return [len(text[start:end].split()) for start, end in sentence_spans(text, [0])]


@pytest.mark.parametrize("mark", [" um ", " uh ", "  ", "… ", " - ", ", ", " and ", " because ", " which "])
def test_a_long_sentence_is_cut_at_a_pause_or_clause_near_50_words(mark: str) -> None:
    text = " ".join(["word"] * 45) + mark + " ".join(["word"] * 45)
    first, second = lengths(text)
    assert 44 <= first <= 46
    assert 44 <= second <= 46


def test_a_pause_is_better_than_a_clause_word() -> None:
    words = ["word"] * 100
    words[48], words[54] = "and", "um"
    assert lengths(" ".join(words)) == [54, 46]


def test_without_a_pause_the_cut_is_hard_and_leaves_no_crumbs() -> None:
    assert lengths(" ".join(["word"] * 81)) == [61, 20]
    assert lengths(" ".join(["word"] * 170)) == [80, 70, 20]


def test_a_sentence_never_starts_inside_a_placeholder_or_a_word() -> None:
    text = "I asked [PERSON_7F3A9C] and can't say"
    inside = range(1, len(text))
    assert all(text[start - 1].isspace() for start, _ in sentence_spans(text, inside)[1:])


def test_turns_without_text_give_no_passages_and_are_not_split() -> None:
    def refuse(texts: Sequence[str]) -> list[list[int]]:
        raise AssertionError(texts)

    assert Segmenter(refuse).segment(TRANSCRIPT, [turn(1, ""), turn(2, " \n\u2003")]) == []


def test_passages_stay_in_their_turns_and_fillers_are_not_codable() -> None:
    passages = segment("Yeah. Okay.", "", "It broke.")
    assert [(passage.turn, passage.codable) for passage in passages] == [(1, False), (3, True)]
    assert len({passage.passage_id for passage in passages}) == 2


@pytest.mark.models
def test_senter_finds_sentences_and_keeps_placeholders_whole() -> None:
    text = "We bought it in spring. Honestly, [PERSON_7F3A9C] hated it! Would I do it again? No."
    (first, second) = Segmenter().segment(TRANSCRIPT, [turn(1, text)])
    found = [text[start:end] for passage in (first, second) for start, end in passage.sentences]
    assert found == ["We bought it in spring. ", "Honestly, [PERSON_7F3A9C] hated it! ", "Would I do it again? ", "No."]


@pytest.mark.models
def test_unpunctuated_speech_is_cut_into_passages() -> None:
    text = "so we ran it for a while and then um the pump stopped and nobody came for days " * 12
    passages = Segmenter().segment(TRANSCRIPT, [turn(1, text)])
    assert "".join(text[passage.start : passage.end] for passage in passages) == text
    assert all(20 <= len(text[passage.start : passage.end].split()) <= MAX_WORDS for passage in passages)


def test_a_studys_key_does_not_move_a_sentence() -> None:
    seen: list[str] = []

    def splitter(texts: Sequence[str]) -> list[list[int]]:
        seen.extend(texts)
        return [[0] for _ in texts]

    for name in ("[PERSON_00AAFF]", "[PERSON_FFFFFF]"):
        Segmenter(splitter).segment(TRANSCRIPT, [turn(1, f"Then {name} called. We left.")])
    assert len(set(seen)) == 1
    assert len(seen[0]) == len("Then [PERSON_00AAFF] called. We left.")
