from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import read_transcript

if TYPE_CHECKING:
    from voc_pipeline.records import RawTranscript


def read(text: str, name: str = "talk.txt") -> RawTranscript:
    return read_transcript(text.encode(), name=name)


def speakers(text: str, name: str = "talk.txt") -> list[str | None]:
    return list(dict.fromkeys(one.speaker for one in read(text, name).utterances))


TALK = "Dana: Hi.\nBen: Hello.\nDana: So?\nBen: Well.\n"


@pytest.mark.parametrize(
    "line",
    [
        "Note: this is off the record",
        "10:30 Meeting: that is how it is called",
        "https://example.org/a:b",
        "The thing is: nobody asked",
        "so here is what I said: no",
        "Ratio 3:4, if you like",
        "Summary: all good",
        "e.g.: pipettes",
        "What? Really: no",
        "Step 2: call the hotline",
        "Chapters: one to nine",
        "We stop at 9:15",
    ],
)
def test_prose_with_a_colon_is_no_speaker(line: str) -> None:
    raw = read(TALK + line + "\nDana: Bye.")
    assert list(dict.fromkeys(one.speaker for one in raw.utterances)) == ["Dana", "Ben"]
    assert raw.utterances[3].text == f"Well. {line}"


@pytest.mark.parametrize("label", ["Maria", "Observer", "Dr. J. van Dyk", "Maria Kim (Guest)", "李雷", "P2"])
def test_somebody_who_speaks_once_is_a_speaker(label: str) -> None:
    raw = read(TALK + f"{label}: Sorry, I must go.")
    assert raw.utterances[-1].text == "Sorry, I must go."
    assert raw.utterances[-1].speaker == label.removesuffix(" (Guest)")


def test_a_lone_capital_before_a_colon_is_prose_where_parts_are_named() -> None:
    text = "Interviewer: Hi?\n\nRespondent: Yes.\nHonestly: no.\n\nInterviewer: Oh?\n\nRespondent: Indeed.\n"
    assert speakers(text) == ["Interviewer", "Respondent"]


def test_two_turns_are_enough() -> None:
    assert speakers("Anna: How are you?\nBen: Fine.") == ["Anna", "Ben"]
    assert speakers("Q: How are you?\nA: Fine.") == ["Q", "A"]


def test_spellings_of_a_label_are_one_speaker() -> None:
    assert speakers("DANA: a\nBen: b\nDana : c\nBEN: d") == ["DANA", "Ben"]


def test_labels_in_lower_case_count_when_they_recur() -> None:
    assert speakers("stokes: hi\npk910: hello\nstokes: so\npk910: well\n") == ["stokes", "pk910"]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("[00:01:02] Dana: a\n(00:02:03) Ben: b", [62.0, 123.0]),
        ("Dana [1:02]: a\nBen (2:03): b", [62.0, 123.0]),
        ("Dana: [00:01:02.500] a\nBen: [00:02:03,25] b", [62.5, 123.25]),
        ("00:01:02 Dana: a\n00:02:03 Ben: b\n00:02:04 Dana: c\n00:02:05 Ben: d", [62.0, 123.0, 124.0, 125.0]),
        ("**Dana (01:02):** a\n\n**Ben (02:03):** b", [62.0, 123.0]),
        ("[00:01 --> 00:02] Dana: a\n[00:03 --> 00:04] Ben: b", [1.0, 3.0]),
        ("00:01:02\nDana: a\n\n00:02:03\nBen: b", [62.0, 123.0]),
        ("00:01\tDana\ta\n00:02\tBen\tb\n00:03\tDana\tc\n00:04\tBen\td", [1.0, 2.0, 3.0, 4.0]),
        ("[Dana Wu] 00:00:05\na\n\n[Ben Li] 00:00:09\nb", [5.0, 9.0]),
        ("[00:05] Dana\na\n[00:09] Ben\nb\n[00:11] Dana\nc\n[00:12] Ben\nd", [5.0, 9.0, 11.0, 12.0]),
        ("Dana: a [00:01:00]\nBen: b", [None, None]),
    ],
)
def test_stamps_before_and_after_names_are_starts(text: str, starts: list[float | None]) -> None:
    raw = read(text, "talk.md" if "**" in text else "talk.txt")
    assert [one.start_seconds for one in raw.utterances] == starts
    assert [one.text for one in raw.utterances] == list("abcd")[: len(starts)]


def test_stamps_inside_speech_go_and_words_stay_apart() -> None:
    raw = read("Dana: one [00:00:01] two[00:02:00] .\nBen: five[00:03:00]six #00:01:02-5# [inaudible 00:04:00]")
    assert [one.text for one in raw.utterances] == ["one two .", "five six [inaudible 00:04:00]"]


def test_paragraphs_of_a_turn_are_lines_and_wrapped_lines_are_joined() -> None:
    raw = read("Dana: one\ntwo\n\nthree\n\n\nBen: four")
    assert [one.text for one in raw.utterances] == ["one two\nthree", "four"]


def test_a_file_of_times_without_speakers_is_refused() -> None:
    for text in ("0:01\nhello there\n\n0:05\nhow are you", "[00:01] hello there\n[00:05] how are you"):
        with pytest.raises(RefusedError, match="2 time stamps, but no speaker's turn could be told"):
            read(text)


def test_text_without_labels_is_one_unlabelled_utterance() -> None:
    raw = read("We were happy.\nMostly.\n\nThen the price went up.")
    assert [(one.speaker, one.text) for one in raw.utterances] == [
        (None, "We were happy. Mostly.\nThen the price went up.")
    ]


def test_a_document_that_is_mostly_notes_is_refused() -> None:
    with pytest.raises(RefusedError, match="only 4 of 203 words stand in turns of a speaker"):
        read("word " * 199 + "\n\nInterviewer: Hi there.\nRespondent: Good bye.")


def test_what_stands_above_the_first_turn_and_the_footer_are_counted() -> None:
    raw = read("Our talk\n\nDana  0:01  \nhi\n\nBen  0:02  \nho\n\nTranscribed by https://otter.ai\n")
    assert raw.loss.dropped == (("before the first speaker", 1), ("line of the transcription service", 1))
    assert [one.text for one in raw.utterances] == ["hi", "ho"]


def test_a_header_of_fields_says_who_is_who() -> None:
    raw = read(
        "Interviewer: Jonas Berg\nParticipant: Dana Wu\nDate: 2026-03-04\nSite: Basel\n\nJonas Berg: Hi?\nDana Wu: Yes."
    )
    assert [one.speaker for one in raw.utterances] == ["Jonas Berg", "Dana Wu"]
    assert raw.metadata == {"interviewer": "Jonas Berg", "participant": "Dana Wu", "interview_date": "2026-03-04"}


def test_speech_right_below_a_header_is_no_part_of_it() -> None:
    raw = read(
        "Date: 2026-03-04\nInterviewer: Thanks, how often do you calibrate it?\nAna: Weekly, and it takes too long\n\n"
        "Interviewer: Why?\nAna: The pump."
    )
    assert [one.text for one in raw.utterances][:2] == [
        "Thanks, how often do you calibrate it?",
        "Weekly, and it takes too long",
    ]
    assert raw.metadata == {"interview_date": "2026-03-04"}
    raw = read("Date: 2026-03-04\nInterviewer: Jonas Berg\nAna: so it is\n\nJonas Berg: Why?\nAna: The pump.")
    assert raw.utterances[0].text == "so it is"
    assert raw.metadata == {"interview_date": "2026-03-04", "interviewer": "Jonas Berg"}


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("Interviewer 1: Jonas Berg\nInterviewer 2: Kim Li", {"interviewer": "Jonas Berg\nKim Li"}),
        ("Participant: P07\nClient: Dana Wu", {"participant": "P07\nDana Wu"}),
        ("Interviewer: Jonas Berg and Kim Li", {"interviewer": "Jonas Berg\nKim Li"}),
        ("Participant: Dana Wu, lab manager at a plant", {"participant": "Dana Wu"}),
        ("Participant: Wu, Dana", {"participant": "Wu, Dana"}),
        ("Participant: 07", {"participant": "07"}),
        ("Participant: runs a lab of ten\nSite: Basel", {}),
        ("Format: a video call", {}),
    ],
)
def test_a_header_gives_names_and_nothing_else(field: str, told: dict[str, str]) -> None:
    raw = read(f"Date: 2026-03-04\n{field}\n\nI: Hi?\nP: Yes.")
    assert [(one.speaker, one.text) for one in raw.utterances] == [("I", "Hi?"), ("P", "Yes.")]
    assert raw.metadata == {"interview_date": "2026-03-04"} | told


def test_headings_are_no_speech_in_markdown_only() -> None:
    text = "Dana: one\n\n# Two\n\nBen: three"
    assert [one.text for one in read(text, "a.md").utterances] == ["one", "three"]
    assert [one.text for one in read(text, "a.txt").utterances] == ["one\n# Two", "three"]


def test_a_bold_word_with_nothing_said_is_a_heading() -> None:
    text = "**Dana:** one\n\n**Ben:** two\n\n**Break:** \\[18:27\\]\n\n**Dana:** three\n\n**Ben:** four"
    assert [one.text for one in read(text, "a.md").utterances] == ["one", "two", "three", "four"]


@pytest.mark.parametrize("names", [("Moderator", "Participant 1", "Participant 2"), ("Sam", "Ana", "Ben")])
@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_questions_in_bold_and_plain_answers(names: tuple[str, str, str], name: str) -> None:
    asks, one, two = names
    turns = [(asks, "How?"), (one, "Slow."), (two, "Odd."), (asks, "And the price?"), (one, "High."), (two, "Fair.")]
    text = "\n\n".join(f"**{who}:** {what}" if who == asks else f"{who}: {what}" for who, what in turns)
    assert [(turn.speaker, turn.text) for turn in read(text, name).utterances] == turns
    bold = "\n\n".join(f"{who}: {what}" if who == asks else f"**{who}:** {what}" for who, what in turns)
    assert [(turn.speaker, turn.text) for turn in read(bold, name).utterances] == turns


def test_a_bold_word_that_stands_once_is_no_speaker_beside_plain_names() -> None:
    text = "Dana: a\n\nBen: b\n\n**Break:** [1:27]\n\nDana: c\n\nBen: d\n\n**Pricing:** ok"
    assert speakers(text, "a.md") == ["Dana", "Ben"]
    raw = read(text.replace("**Pricing:** ok", "**Break:** [2:03]"), "a.md")
    assert [one.text for one in raw.utterances] == ["a", "b", "c", "d"]
    assert raw.loss.dropped == (("heading", 2),)


def test_what_recurs_plainly_beside_names_in_bold_is_prose() -> None:
    text = "**Dana:** a\n\n**Ben:** b\nPriority: high\n\n" * 3
    assert speakers(text, "a.md") == ["Dana", "Ben"]


def test_front_matter_is_no_speech() -> None:
    raw = read("---\nregion: NA\nspeakers:\n  Ben: participant\n---\n" + TALK)
    assert raw.metadata == {"region": "NA", "speakers.Ben": "participant"}
    assert raw.utterances[0].text == "Hi."


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    raw = read("---\nDana: Hi.\nBen: Hello.\nDana: So?\n---\nBen: Well.\n")
    assert [one.text for one in raw.utterances] == ["Hi.", "Hello.", "So?", "Well."]


def test_a_clock_time_that_recurs_in_speech_is_no_label() -> None:
    text = "Dana: When?\nBen: They left.\nAt 9:15 sharp.\nAt 9:15 again.\nDana: Oh.\n"
    assert speakers(text) == ["Dana", "Ben"]


def test_headers_of_a_time_alone_beside_names_are_turns_of_nobody() -> None:
    raw = read("0:00  \nHello?\n\nDana Wu  0:06  \n3:30\n\n0:18  \nSo?\n\nDana Wu  0:21  \nYes.\n\n9:99\n\n7:40\n")
    assert [(one.speaker, one.text, one.start_seconds) for one in raw.utterances] == [
        (None, "Hello?", 0.0),
        ("Dana Wu", "3:30", 6.0),
        (None, "So?", 18.0),
        ("Dana Wu", "Yes.\n9:99\n7:40", 21.0),
    ]
    assert raw.loss.dropped == ()


def test_a_paragraph_with_its_own_time_and_no_name_is_inferred_to_be_the_same_speakers() -> None:
    raw = read("[0:01]\nDana: a\n\n[0:02]\nb\n\n[0:03]\nBen: c\n\n[0:04] d\n")
    assert [(one.speaker, one.text) for one in raw.utterances] == [("Dana", "a\nb"), ("Ben", "c\nd")]
    assert raw.loss.inferred_speakers == 1


@pytest.mark.parametrize("name", ["[{}] {}", "({})\n{}", "[{}]\n{}"])
def test_names_in_brackets(name: str) -> None:
    text = "\n".join(name.format(*pair) for pair in (("Dana", "a"), ("Ben", "b"), ("Dana", "[Pause] c"), ("Ben", "d")))
    assert [(one.speaker, one.text) for one in read(text).utterances] == [
        ("Dana", "a"),
        ("Ben", "b"),
        ("Dana", "[Pause] c"),
        ("Ben", "d"),
    ]


def test_placeholders_in_brackets_are_speech_of_whoever_speaks() -> None:
    text = "Dana: Who?\n[Acme] or so\nBen: [COMPANY] was slow\n[COMPANY] is better\nDana: Ok\n[Acme] then\nBen: No"
    assert speakers(text) == ["Dana", "Ben"]


def test_entities_in_markdown_are_decoded_and_in_plain_text_they_stay() -> None:
    text = "**Siobh&aacute;n:** R&amp;D\n\n**Ben:** ok"
    assert [(one.speaker, one.text) for one in read(text, "a.md").utterances] == [("Siobhán", "R&D"), ("Ben", "ok")]
    assert read("Dana: R&amp;D\nBen: ok").utterances[0].text == "R&amp;D"
