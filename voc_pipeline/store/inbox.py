"""What is known of every file ever seen, and the transcripts that came of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from voc_pipeline.ids import ParticipantId, TranscriptId, transcript_id
from voc_pipeline.records import LossReport, Outcome, Participant, ReplacedSpan, Role, Transcript, Turn
from voc_pipeline.store import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.store.database import Database


@dataclass(frozen=True, slots=True)
class FileRow:
    """One version of one file: where it stood, what it was, what became of it and under which work key.

    ``path`` is the real path relative to the inbox; ``published_path`` is its pseudonymised form.
    """

    path: str
    sha256: str
    published_path: str
    size: int
    version: int
    outcome: Outcome
    reason: str
    hint: str
    work_key: str
    first_seen: str
    current: bool = True

    @property
    def transcript_id(self) -> TranscriptId:
        """Id of the transcript that these bytes are."""
        return transcript_id(self.sha256)


class Inbox:
    """Repository of files, transcripts, turns and participants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def files(self) -> list[FileRow]:
        """List every version of every file ever seen, by path and version."""
        query = sa.select(schema.files).order_by(schema.files.c.path, schema.files.c.version)
        with self._database.reading() as connection:
            return [_file(row) for row in connection.execute(query).mappings()]

    def save(
        self, row: FileRow, *, transcript: Transcript | None = None, participants: Sequence[Participant] = ()
    ) -> None:
        """Save what became of a file, with its transcript if it is to be coded, in one transaction.

        A transcript that was there is replaced and all that was made of it goes: its work has to be done again.
        Other versions of the same path stop being current.
        """
        with self._database.writing() as connection:
            same_path = schema.files.c.path == row.path
            connection.execute(
                sa.update(schema.files).where(same_path, schema.files.c.sha256 != row.sha256).values(current=False)
            )
            connection.execute(
                sa.update(schema.files)
                .where(same_path, schema.files.c.sha256 != row.sha256, schema.files.c.outcome != Outcome.REFUSED)
                .values(outcome=Outcome.SUPERSEDED, reason="a newer version of this file was read", hint="")
            )
            connection.execute(sa.delete(schema.files).where(same_path, schema.files.c.sha256 == row.sha256))
            connection.execute(sa.insert(schema.files), [asdict(row)])
            if row.outcome is not Outcome.DUPLICATE:
                _drop_transcript(connection, row.transcript_id)
            if transcript is not None:
                _insert_transcript(connection, transcript, participants)

    def transcripts(self) -> list[Transcript]:
        """Load the current coded transcripts with their turns, by published file name and id."""
        coded = sa.select(schema.files.c.sha256).where(
            schema.files.c.current.is_(sa.true()), schema.files.c.outcome == Outcome.CODED
        )
        heads = sa.select(schema.transcripts).where(schema.transcripts.c.sha256.in_(coded))
        heads = heads.order_by(schema.transcripts.c.source_file, schema.transcripts.c.transcript_id)
        with self._database.reading() as connection:
            found = connection.execute(heads).mappings().all()
            turns = _turns_of(connection, [row["transcript_id"] for row in found])
        return [_transcript(row, turns.get(row["transcript_id"], [])) for row in found]

    def participants(self, transcripts: Sequence[TranscriptId]) -> list[Participant]:
        """Load the participants of some transcripts; where two transcripts differ on a value, the later id wins."""
        table = schema.participants
        query = sa.select(table).order_by(table.c.participant_id, table.c.transcript_id)
        merged: dict[str, dict[str, str]] = {}
        wanted = set(transcripts)
        with self._database.reading() as connection:
            for row in connection.execute(query).mappings():
                if row["transcript_id"] in wanted:
                    merged.setdefault(row["participant_id"], {}).update(row["attributes"])
        return [Participant(ParticipantId(name), attributes) for name, attributes in merged.items()]


def _file(row: sa.RowMapping) -> FileRow:
    values: dict[str, Any] = dict(row)
    values["outcome"] = Outcome(values["outcome"])
    return FileRow(**values)


def _drop_transcript(connection: sa.Connection, transcript: TranscriptId) -> None:
    connection.execute(sa.delete(schema.transcripts).where(schema.transcripts.c.transcript_id == transcript))
    connection.execute(sa.delete(schema.work).where(schema.work.c.subject == transcript))


def _insert_transcript(connection: sa.Connection, transcript: Transcript, participants: Sequence[Participant]) -> None:
    connection.execute(
        sa.insert(schema.transcripts),
        [
            {
                "transcript_id": transcript.transcript_id,
                "source_file": transcript.source_file,
                "sha256": transcript.sha256,
                "version": transcript.version,
                "interview_date": transcript.interview_date,
                "language": transcript.language,
                "loss": asdict(transcript.loss),
            }
        ],
    )
    turns = [_turn_row(transcript.transcript_id, turn) for turn in transcript.turns]
    if turns:
        connection.execute(sa.insert(schema.turns), turns)
    people = [
        {
            "transcript_id": transcript.transcript_id,
            "participant_id": person.participant_id,
            "attributes": dict(person.attributes),
        }
        for person in participants
    ]
    if people:
        connection.execute(sa.insert(schema.participants), people)


def _turn_row(transcript: TranscriptId, turn: Turn) -> dict[str, Any]:
    return {
        "transcript_id": transcript,
        "turn": turn.number,
        "speaker": turn.speaker,
        "role_in_call": turn.role_in_call,
        "participant_id": turn.participant_id,
        "start_seconds": turn.start_seconds,
        "record_start": turn.record_start,
        "text": turn.text,
        "replaced": [[span.start, span.end, span.placeholder, span.kind] for span in turn.replaced],
    }


def _turns_of(connection: sa.Connection, transcripts: Sequence[str]) -> dict[str, list[Turn]]:
    wanted = set(transcripts)
    query = sa.select(schema.turns).order_by(schema.turns.c.transcript_id, schema.turns.c.turn)
    found: dict[str, list[Turn]] = {}
    for row in connection.execute(query).mappings():
        if row["transcript_id"] in wanted:
            found.setdefault(row["transcript_id"], []).append(_turn(row))
    return found


def _turn(row: sa.RowMapping) -> Turn:
    return Turn(
        number=row["turn"],
        speaker=row["speaker"],
        role_in_call=Role(row["role_in_call"]),
        text=row["text"],
        record_start=row["record_start"],
        participant_id=row["participant_id"],
        start_seconds=row["start_seconds"],
        replaced=tuple(ReplacedSpan(*span) for span in row["replaced"]),
    )


def _transcript(row: sa.RowMapping, turns: list[Turn]) -> Transcript:
    loss = dict(row["loss"])
    loss["dropped"] = tuple((reason, count) for reason, count in loss["dropped"])
    return Transcript(
        transcript_id=row["transcript_id"],
        source_file=row["source_file"],
        sha256=row["sha256"],
        turns=tuple(turns),
        version=row["version"],
        interview_date=row["interview_date"],
        language=row["language"],
        loss=LossReport(**loss),
    )
