from __future__ import annotations

import pytest

from voc_pipeline import tables
from voc_pipeline.ids import ParticipantId, PassageId, ThemeId, TranscriptId
from voc_pipeline.records import Passage, ReplacedSpan, Role, Sentiment, SourceFile, Stance, ThemeHit, Transcript, Turn

TR = TranscriptId("tr")


def turn(number: int, text: str, start: int) -> Turn:
    return Turn(number, "R", Role.PARTICIPANT, text, start, ParticipantId("P1"))


def test_turns_join_to_the_text_of_record() -> None:
    transcript = Transcript(TR, "a", "0" * 64, (turn(1, "aé🙂", 0), turn(2, "b", 4)))
    record = "\n".join(part.text for part in transcript.turns)
    assert [record[part.record_start :][: len(part.text)] for part in transcript.turns] == ["aé🙂", "b"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Transcript(TR, "a", "0" * 64, (turn(1, "a", 0), turn(2, "b", 3))), "turn 2 must start at 2"),
        (lambda: Transcript(TR, "a", "0" * 64, (turn(2, "a", 0),)), "turn 1 is numbered 2"),
        (lambda: Turn(1, "I", Role.INTERVIEWER, "a", 0, ParticipantId("P1")), "only that, has a participant_id"),
        (
            lambda: Turn(1, "I", Role.INTERVIEWER, "abc", 0, None, None, (ReplacedSpan(0, 3, "[X]", "PERSON"),)),
            "must show its placeholder",
        ),
        (lambda: ReplacedSpan(0, 4, "[X]", "PERSON"), "as long as its placeholder"),
        (lambda: Passage(PassageId("p"), TR, 1, 0, 5, ((0, 2), (3, 5))), "must partition their passage"),
        (lambda: Passage(PassageId("p"), TR, 1, 0, 5, ((0, 4),)), "must partition their passage"),
        (lambda: Passage(PassageId("p"), TR, 1, 0, 5, ()), "at least one sentence"),
        (
            lambda: ThemeHit(TR, 1, ThemeId("t"), 0, 1, 1.5, accepted=True, prompted=False, why=""),
            r"score must be in 0\.\.1",
        ),
        (lambda: Stance(Sentiment.MIXED, -2, "", ""), "sentiment_score must be in -1..1"),
        (lambda: SourceFile("a", "abc", 1), "sha256 must be 64 hex digits"),
    ],
)
def test_a_record_that_breaks_its_law_can_not_be_made(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=message):
        make()


def test_a_frame_has_exactly_the_columns_of_its_spec() -> None:
    frame = tables.PARTICIPANTS.frame([{"participant_id": "P1", "region": "NA"}, {"participant_id": "P2", "nps": "7"}])
    assert list(frame.columns) == ["participant_id", "region", "nps"]
    assert frame["region"].tolist() == ["NA", ""]
    assert list(tables.TOPICS.frame([]).columns) == list(tables.TOPICS.names)


def test_a_row_with_missing_or_unknown_columns_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"topics: missing columns \['examples'.*unknown columns \['colour'\]"):
        tables.TOPICS.frame([{"topic_id": "t", "colour": "red"}])
