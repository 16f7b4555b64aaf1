from __future__ import annotations

import pytest

from voc_pipeline.config import SpeakersSection
from voc_pipeline.errors import AttentionError
from voc_pipeline.ingest.labels import is_generic_label
from voc_pipeline.ingest.metadata import Metadata
from voc_pipeline.ingest.roster import Roster, parse_roster
from voc_pipeline.ingest.speakers import Cast, assign_roles, propose_roles, roster_csv
from voc_pipeline.records import RawTranscript, Role, Utterance

INTERVIEWER, PARTICIPANT, OBSERVER = Role.INTERVIEWER, Role.PARTICIPANT, Role.OBSERVER
PATH = "emea/a.txt"


def talk(*labels: str | None) -> RawTranscript:
    """The first label asks, the others answer at length."""
    texts = ("How was it? And why?", *("It was fine. Really fine, all of it.",) * len(labels))
    return RawTranscript(tuple(Utterance(label, text) for label, text in zip(labels, texts, strict=False)))


def roster(*rows: str) -> Roster:
    header = "file,speaker,participant_id,role_in_call,region"
    return parse_roster([(at, line.split(",")) for at, line in enumerate((header, *rows), start=1)], source="p.csv")


def cast(
    *labels: str | None, rows: tuple[str, ...] = (), toml: SpeakersSection | None = None, known: Metadata | None = None
) -> Cast:
    settings = SpeakersSection() if toml is None else toml
    return assign_roles(talk(*labels), path=PATH, roster=roster(*rows), settings=settings, metadata=known)


def roles(made: Cast) -> dict[str, Role]:
    return {label: part.role for label, part in made.parts.items()}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("Interviewer", "Respondent"), (INTERVIEWER, PARTICIPANT)),
        (("Moderator", "Participant 1", "Participant 2"), (INTERVIEWER, PARTICIPANT, PARTICIPANT)),
        (("I", "R"), (INTERVIEWER, PARTICIPANT)),
        (("I:", "P3"), (INTERVIEWER, PARTICIPANT)),
        (("Q", "A"), (INTERVIEWER, PARTICIPANT)),
        (("INT", "Dana"), (INTERVIEWER, PARTICIPANT)),
        (("Researcher", "Customer", "Observer"), (INTERVIEWER, PARTICIPANT, OBSERVER)),
        (("Ben", "Interviewee"), (INTERVIEWER, PARTICIPANT)),
        (("Interviewer", "Observer", "Dana"), (INTERVIEWER, OBSERVER, PARTICIPANT)),
        (("Interviewer", "Speaker 2", "Respondent"), None),
        (("Dana", "Ben"), None),
        (("Speaker 1", "Speaker 2"), None),
        (("Interviewer", "Unknown Speaker"), None),
        (("P", "R"), None),
        (("A", "B"), None),
        (("Dana",), None),
        ((None,), None),
        (("Interviewer",), None),
        (("Moderator", "Dana", "Ben"), None),
    ],
)
def test_labels_that_say_it_by_themselves(labels: tuple[str | None, ...], expected: tuple[Role, ...] | None) -> None:
    cleaned = tuple(label.rstrip(":") if label else label for label in labels)
    if expected is None:
        with pytest.raises(AttentionError):
            cast(*cleaned)
    else:
        assert tuple(roles(cast(*cleaned)).values()) == expected


def test_the_roster_wins_over_sidecar_settings_and_labels() -> None:
    known = Metadata(roles={"interviewer": PARTICIPANT, "dana": INTERVIEWER})
    toml = SpeakersSection(observer=["Dana", "Interviewer", "Kim"], participant=["Ben"])
    assert roles(cast("Interviewer", "Dana", "Ben", "Kim", toml=toml, known=known)) == {
        "Interviewer": PARTICIPANT, "Dana": INTERVIEWER, "Ben": PARTICIPANT, "Kim": OBSERVER,
    }  # fmt: skip
    rows = ("a.txt,Interviewer,,observer,", "a.txt,DANA,P1,participant,EMEA")
    made = cast("Interviewer", "Dana", "Ben", "Kim", toml=toml, known=known, rows=rows)
    assert roles(made) == {"Interviewer": OBSERVER, "Dana": PARTICIPANT, "Ben": PARTICIPANT, "Kim": OBSERVER}
    assert (made.participant("Dana"), made.participant("Ben")) == ("P1", None)
    assert made.attributes("Dana") == {"region": "EMEA"}


def test_one_named_participant_leaves_the_interviewer() -> None:
    assert roles(cast("Ben", "Dana", rows=("emea/*,Dana,P1,,",))) == {"Ben": INTERVIEWER, "Dana": PARTICIPANT}
    with pytest.raises(AttentionError):
        cast("Ben", "Kim", "Dana", rows=("emea/*,Dana,P1,,",))


def test_a_row_without_speaker_is_about_the_only_respondent() -> None:
    made = cast("Interviewer", "Speaker 2", rows=("a.txt,,P9,,NA",))
    assert (made.role("Speaker 2"), made.participant("Speaker 2")) == (PARTICIPANT, "P9")
    assert cast(None, rows=("a.txt,,P9,,NA",)).participant("") == "P9"
    with pytest.raises(AttentionError, match="row 2 is about its only respondent, but there are 2"):
        cast("Moderator", "Participant 1", "Participant 2", rows=("a.txt,,P9,,NA",))
    with pytest.raises(AttentionError):
        cast("Dana", "Ben", rows=("a.txt,,P9,,NA",))


def test_what_is_known_of_the_interview_goes_to_its_participants_and_the_roster_wins() -> None:
    known = Metadata(participant_id="P5", attributes={"region": "LATAM", "interview_date": "2026-03-04"})
    made = cast("Interviewer", "Dana", known=known, rows=("a.txt,,,,EMEA",))
    assert made.attributes("Dana") == {"region": "EMEA", "interview_date": "2026-03-04"}
    assert (made.participant("Dana"), made.attributes("Interviewer")) == ("P5", {})
    assert made.attribute("interview_date") == "2026-03-04"
    assert made.names == ("Dana",)


def test_words_without_label_beside_labelled_speech_are_never_coded() -> None:
    assert cast("Interviewer", None, "Respondent").role("") is OBSERVER


def test_the_message_shows_the_labels_and_the_rows_to_paste() -> None:
    with pytest.raises(AttentionError) as caught:
        cast("Ben", 'Dana "D" Wu')
    assert caught.value.where == PATH
    assert caught.value.what == "it can't be told who is interviewer and who is participant"  # it is published
    assert caught.value.hint.startswith(
        "Its speakers: 'Ben': 5 words, 100% questions; 'Dana \"D\" Wu': 8 words, 0% questions.\n"
    )
    assert "inbox/participants.csv" in caught.value.hint
    assert caught.value.hint.endswith(
        '\n"inbox/emea/a.txt","Ben","","interviewer"\n"inbox/emea/a.txt","Dana ""D"" Wu","","participant"'
    )


def test_the_rows_to_paste_settle_the_file_when_pasted() -> None:
    with pytest.raises(AttentionError) as caught:
        cast("Ben", "Dana")
    pasted = [line.replace('"', "").removesuffix("") + "," for line in caught.value.hint.split("\n")[2:]]
    assert roles(cast("Ben", "Dana", rows=tuple(pasted))) == {"Ben": INTERVIEWER, "Dana": PARTICIPANT}


def test_unlabelled_text_is_told_as_such() -> None:
    with pytest.raises(AttentionError) as caught:
        cast(None)
    assert "'(unlabelled)': 5 words, 100% questions" in caught.value.hint
    assert caught.value.hint.endswith('"inbox/emea/a.txt","","","participant"')


def test_a_row_whose_speaker_says_nothing_is_pointed_at() -> None:
    with pytest.raises(AttentionError, match="the roster's row 2 names somebody who says nothing here"):
        cast("Ben", "Dana", rows=("emea/a.txt,Dana Woo,,participant,",))


def test_a_call_without_participant_waits() -> None:
    with pytest.raises(AttentionError, match="none of its speakers is a participant"):
        cast("Interviewer", "Observer")


def test_proposals_count_words_and_questions() -> None:
    found = [
        (one.label, one.words, one.question_share, one.proposed_role) for one in propose_roles(talk("Ben", "Dana"))
    ]
    assert found == [("Ben", 5, 1.0, INTERVIEWER), ("Dana", 8, 0.0, PARTICIPANT)]
    even = RawTranscript((Utterance("A B", "yes"), Utterance("C D", "no"), Utterance(None, "hm")))
    assert [one.proposed_role for one in propose_roles(even)] == [None, None, None]
    named = propose_roles(talk("Interviewer", "Dana", "Kim"))
    assert [one.proposed_role for one in named] == [INTERVIEWER, PARTICIPANT, PARTICIPANT]


def test_the_prefilled_roster_keeps_what_is_there() -> None:
    existing = roster("b.txt,Kim,P2,participant,EMEA", "c*.txt,,P3,,NA")
    proposals = {
        PATH: propose_roles(talk("Ben", "Dana")),
        "b.txt": propose_roles(talk("Ben", "Kim")),
        "c1.txt": propose_roles(talk("Interviewer", "Respondent")),
    }
    assert roster_csv(proposals, existing).splitlines() == [
        "file,speaker,participant_id,role_in_call,region,words,question_share",
        "b.txt,Kim,P2,participant,EMEA,,",
        "c*.txt,,P3,,NA,,",
        "b.txt,Ben,,interviewer,,5,1.00",
        "c1.txt,Interviewer,,interviewer,,5,1.00",
        "emea/a.txt,Ben,,interviewer,,5,1.00",
        "emea/a.txt,Dana,,participant,,8,0.00",
    ]
    assert roster_csv({}, Roster()) == "file,speaker,participant_id,role_in_call,words,question_share\n"


@pytest.mark.parametrize(
    "label", ["", "Speaker 1", "Interviewer", "P07", "R", "Lab Manager", "Head of Quality", "Unknown"]
)
def test_generic_labels_are_nobodys_name(label: str) -> None:
    assert is_generic_label(label)


@pytest.mark.parametrize("label", ["Dana", "Kim Head", "stokes", "李雷", "Dr. Lab", "Dana (Lab Manager)"])
def test_everything_else_counts_as_a_name(label: str) -> None:
    assert not is_generic_label(label)
