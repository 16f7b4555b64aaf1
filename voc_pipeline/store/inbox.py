"""What is known of every file ever seen, and the transcripts that came of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from voc_pipeline.ids import ParticipantId, TranscriptId, digest, transcript_id
from voc_pipeline.records import LossReport, Outcome, Participant, ReplacedSpan, Role, Transcript, Turn
from voc_pipeline.store import schema

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voc_pipeline.store.database import Database

_CHUNK = 500  # SQLite's oldest limit on bound parameters is 999


@dataclass(frozen=True, slots=True)
class FileRow:
    """One version of one file: where it stood, what it was, what became of it and under which work key.

    ``path`` is the real path relative to the inbox; ``published_path`` is its pseudonymised form. ``language`` is the
    ISO 639 code of one that was refused for it, else empty: a coded transcript carries its own.
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
    language: str = ""

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

    def files_at(self, path: str) -> list[FileRow]:
        """List the versions of one path, oldest first."""
        query = sa.select(schema.files).where(schema.files.c.path == path).order_by(schema.files.c.version)
        with self._database.reading() as connection:
            return [_file(row) for row in connection.execute(query).mappings()]

    def retire(self, path: str, *, reason: str) -> None:
        """Note that a path is no longer of this study: what was current there is superseded."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(schema.files)
                .where(schema.files.c.path == path, schema.files.c.current.is_(sa.true()))
                .values(current=False, outcome=Outcome.SUPERSEDED, reason=reason, hint="")
            )
            connection.execute(sa.delete(schema.delays).where(schema.delays.c.path == path))

    def save(
        self, row: FileRow, *, transcript: Transcript | None = None, participants: Sequence[Participant] = ()
    ) -> None:
        """Save what became of a file, with its transcript if it is to be coded, in one transaction.

        A transcript that reads differently from the one that was there replaces it, and all that was made of the old
        one goes. Other versions of the same path are superseded.
        """
        others = (schema.files.c.path == row.path) & (schema.files.c.sha256 != row.sha256)
        with self._database.writing() as connection:
            connection.execute(
                sa.update(schema.files)
                .where(others, schema.files.c.current.is_(sa.true()))
                .values(
                    current=False, outcome=Outcome.SUPERSEDED, reason="a newer version of this file was read", hint=""
                )
            )
            own = (schema.files.c.path == row.path) & (schema.files.c.sha256 == row.sha256)
            connection.execute(sa.delete(schema.files).where(own))
            connection.execute(sa.insert(schema.files), [asdict(row)])
            connection.execute(sa.delete(schema.delays).where(schema.delays.c.path == row.path))
            if transcript is not None:
                _save_transcript(connection, transcript, participants)
            elif row.outcome is not Outcome.DUPLICATE:
                _drop_transcript(connection, row.transcript_id)

    def contents(self) -> dict[str, str]:
        """Map the id of each current coded transcript to the digest of what it says, who says it, and as what."""
        query = sa.select(schema.transcripts.c.transcript_id, schema.transcripts.c.content).where(_is_coded())
        with self._database.reading() as connection:
            return {name: content for name, content in connection.execute(query)}  # noqa: C416 (rows are not tuples)

    def transcripts(self, wanted: Collection[str] | None = None) -> list[Transcript]:
        """Load current coded transcripts with their turns, by published file name and id; all of them by default."""
        query = sa.select(schema.transcripts).where(_is_coded())
        with self._database.reading() as connection:
            found = [
                row for row in connection.execute(query).mappings() if wanted is None or row["transcript_id"] in wanted
            ]
            turns = _turns_of(connection, [row["transcript_id"] for row in found])
        found.sort(key=lambda row: (row["source_file"], row["transcript_id"]))
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


def _is_coded() -> sa.ColumnElement[bool]:
    coded = sa.select(schema.files.c.sha256).where(
        schema.files.c.current.is_(sa.true()), schema.files.c.outcome == Outcome.CODED
    )
    return schema.transcripts.c.sha256.in_(coded)


def content_digest(transcript: Transcript) -> str:
    """Hash what coding depends on: each turn's text, role and participant."""
    return digest(
        *(part for turn in transcript.turns for part in (turn.role_in_call, turn.participant_id or "", turn.text))
    )


def _drop_transcript(connection: sa.Connection, transcript: TranscriptId) -> None:
    connection.execute(sa.delete(schema.transcripts).where(schema.transcripts.c.transcript_id == transcript))
    connection.execute(sa.delete(schema.work).where(schema.work.c.subject == transcript))


def _save_transcript(connection: sa.Connection, transcript: Transcript, participants: Sequence[Participant]) -> None:
    name, table = transcript.transcript_id, schema.transcripts
    head = {
        "transcript_id": name,
        "source_file": transcript.source_file,
        "sha256": transcript.sha256,
        "version": transcript.version,
        "interview_date": transcript.interview_date,
        "language": transcript.language,
        "content": content_digest(transcript),
        "loss": asdict(transcript.loss),
    }
    known = connection.scalar(sa.select(table.c.content).where(table.c.transcript_id == name))
    if known == head["content"]:
        connection.execute(sa.update(table).where(table.c.transcript_id == name).values(**head))
        connection.execute(sa.delete(schema.turns).where(schema.turns.c.transcript_id == name))
        connection.execute(sa.delete(schema.participants).where(schema.participants.c.transcript_id == name))
    else:
        _drop_transcript(connection, name)
        connection.execute(sa.insert(table), [head])
    _insert(connection, schema.turns, [_turn_row(name, turn) for turn in transcript.turns])
    people = [
        {"transcript_id": name, "participant_id": person.participant_id, "attributes": dict(person.attributes)}
        for person in participants
    ]
    _insert(connection, schema.participants, people)


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


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
    found: dict[str, list[Turn]] = {}
    for first in range(0, len(transcripts), _CHUNK):
        query = (
            sa.select(schema.turns)
            .where(schema.turns.c.transcript_id.in_(transcripts[first : first + _CHUNK]))
            .order_by(schema.turns.c.transcript_id, schema.turns.c.turn)
        )
        for row in connection.execute(query).mappings():
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
