"""What was made of the transcripts: passages, mentions, spoken scores, topics. Each save marks its work as done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from voc_pipeline.records import Mention, MentionStatus, Passage, Sentiment, Stance, Topic
from voc_pipeline.speech import SpokenScore
from voc_pipeline.store import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.ids import TranscriptId
    from voc_pipeline.store.database import Database

CODE_STAGE = "code"
DISCOVER_STAGE = "discover"
WHOLE_STUDY = "study"
_CHUNK = 500  # SQLite's oldest limit on bound parameters is 999


class Codings:
    """Repository of passages, mentions, spoken scores and topics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_coding(
        self,
        transcript: TranscriptId,
        key: str,
        *,
        passages: Sequence[Passage],
        mentions: Sequence[Mention],
        scores: Sequence[SpokenScore],
    ) -> None:
        """Replace the coding of one transcript and note the key it was made under, in one transaction."""
        with self._database.writing() as connection:
            for table in (schema.mentions, schema.spoken_scores, schema.passages):
                connection.execute(sa.delete(table).where(table.c.transcript_id == transcript))
            _insert(connection, schema.passages, [_passage_row(passage) for passage in passages])
            _insert(connection, schema.mentions, [_mention_row(mention) for mention in mentions])
            _insert(connection, schema.spoken_scores, [_score_row(score) for score in scores])
            _mark(connection, CODE_STAGE, transcript, key)

    def save_topics(self, key: str, topics: Sequence[Topic]) -> None:
        """Replace the topics of the study and note the key they were made under, in one transaction."""
        rows = [
            {
                "topic_id": topic.topic_id,
                "position": position,
                "label": topic.label,
                "terms": list(topic.terms),
                "passages": list(topic.passages),
                "examples": list(topic.examples),
                "stability": topic.stability,
            }
            for position, topic in enumerate(topics)
        ]
        with self._database.writing() as connection:
            connection.execute(sa.delete(schema.topics))
            _insert(connection, schema.topics, rows)
            _mark(connection, DISCOVER_STAGE, WHOLE_STUDY, key)

    def passages(self, transcripts: Sequence[TranscriptId]) -> list[Passage]:
        """Load the passages of some transcripts, in the order of the transcripts' ids, turns and offsets."""
        table = schema.passages
        query = sa.select(table).order_by(table.c.transcript_id, table.c.turn, table.c.start)
        return [_passage(row) for row in self._of(query, transcripts)]

    def mentions(self, transcripts: Sequence[TranscriptId]) -> list[Mention]:
        """Load the mentions of some transcripts, accepted and for review, by transcript, turn and theme."""
        table = schema.mentions
        query = sa.select(table).order_by(table.c.transcript_id, table.c.turn, table.c.theme_id)
        return [_mention(row) for row in self._of(query, transcripts)]

    def spoken_scores(self, transcripts: Sequence[TranscriptId]) -> list[SpokenScore]:
        """Load the spoken scores of some transcripts, by transcript, turn and offset."""
        table = schema.spoken_scores
        query = sa.select(table).order_by(table.c.transcript_id, table.c.turn, table.c.start)
        return [SpokenScore(**dict(row)) for row in self._of(query, transcripts)]

    def topics(self) -> list[Topic]:
        """Load the topics, largest first."""
        query = sa.select(schema.topics).order_by(schema.topics.c.position)
        with self._database.reading() as connection:
            return [_topic(row) for row in connection.execute(query).mappings()]

    def work_keys(self, stage: str) -> dict[str, str]:
        """Map each subject of a stage to the key under which its work was last done."""
        query = sa.select(schema.work.c.subject, schema.work.c.key).where(schema.work.c.stage == stage)
        with self._database.reading() as connection:
            return {subject: key for subject, key in connection.execute(query)}  # noqa: C416 (rows are not tuples)

    def _of(self, query: sa.Select[Any], transcripts: Sequence[TranscriptId]) -> list[sa.RowMapping]:
        table = query.get_final_froms()[0]
        found: list[sa.RowMapping] = []
        with self._database.reading() as connection:
            for first in range(0, len(transcripts), _CHUNK):
                part = query.where(table.c.transcript_id.in_(sorted(transcripts)[first : first + _CHUNK]))
                found += connection.execute(part).mappings()
        return found


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


def _mark(connection: sa.Connection, stage: str, subject: str, key: str) -> None:
    table = schema.work
    connection.execute(sa.delete(table).where(table.c.stage == stage, table.c.subject == subject))
    connection.execute(sa.insert(table), [{"stage": stage, "subject": subject, "key": key}])


def _passage_row(passage: Passage) -> dict[str, Any]:
    return {
        "passage_id": passage.passage_id,
        "transcript_id": passage.transcript_id,
        "turn": passage.turn,
        "start": passage.start,
        "end": passage.end,
        "sentences": [list(span) for span in passage.sentences],
        "codable": passage.codable,
    }


def _passage(row: sa.RowMapping) -> Passage:
    values: dict[str, Any] = dict(row)
    values["sentences"] = tuple((start, end) for start, end in values["sentences"])
    return Passage(**values)


_MENTION_FIELDS = (
    "mention_id", "transcript_id", "participant_id", "turn", "start", "end", "quote", "theme_id", "coder",
    "coder_version", "score", "prompted", "accepted", "why",
)  # fmt: skip


def _mention_row(mention: Mention) -> dict[str, Any]:
    stance = mention.stance
    return {name: getattr(mention, name) for name in _MENTION_FIELDS} | {
        "status": mention.status,
        "sentiment": stance.sentiment,
        "sentiment_score": stance.sentiment_score,
        "stage": stance.stage,
        "type": stance.type,
    }


def _mention(row: sa.RowMapping) -> Mention:
    stance = Stance(Sentiment(row["sentiment"]), row["sentiment_score"], row["stage"], row["type"])
    fields: dict[str, Any] = {name: row[name] for name in _MENTION_FIELDS}
    return Mention(**fields, stance=stance, status=MentionStatus(row["status"]))


def _score_row(score: SpokenScore) -> dict[str, Any]:
    return {column.name: getattr(score, column.name) for column in schema.spoken_scores.columns}


def _topic(row: sa.RowMapping) -> Topic:
    return Topic(
        topic_id=row["topic_id"],
        label=row["label"],
        terms=tuple(row["terms"]),
        passages=tuple(row["passages"]),
        examples=tuple(row["examples"]),
        stability=row["stability"],
    )
