"""The tables of the store. A change here goes with a migration in ``migrations/versions``."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

files = Table(
    "files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("published_path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("work_key", String(64), nullable=False),
    Column("first_seen", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Index("ix_files_sha256", "sha256"),
)

transcripts = Table(
    "transcripts",
    metadata,
    Column("transcript_id", String(40), primary_key=True),
    Column("source_file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("interview_date", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("content", String(64), nullable=False),
    Column("loss", JSON, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("transcript_id", ForeignKey("transcripts.transcript_id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("speaker", Text, nullable=False),
    Column("role_in_call", String(16), nullable=False),
    Column("participant_id", Text),
    Column("start_seconds", Float),
    Column("record_start", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("replaced", JSON, nullable=False),
)

participants = Table(
    "participants",
    metadata,
    Column("transcript_id", ForeignKey("transcripts.transcript_id", ondelete="CASCADE"), primary_key=True),
    Column("participant_id", Text, primary_key=True),
    Column("attributes", JSON, nullable=False),
)

passages = Table(
    "passages",
    metadata,
    Column("passage_id", String(40), primary_key=True),
    Column("transcript_id", ForeignKey("transcripts.transcript_id", ondelete="CASCADE"), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("sentences", JSON, nullable=False),
    Column("codable", Boolean, nullable=False),
    Index("ix_passages_place", "transcript_id", "turn", "start"),
)

mentions = Table(
    "mentions",
    metadata,
    Column("mention_id", String(40), primary_key=True),
    Column("transcript_id", ForeignKey("transcripts.transcript_id", ondelete="CASCADE"), nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("theme_id", Text, nullable=False),
    Column("coder", Text, nullable=False),
    Column("coder_version", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("sentiment", String(16), nullable=False),
    Column("sentiment_score", Float, nullable=False),
    Column("stage", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("prompted", Boolean, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Index("ix_mentions_place", "transcript_id", "turn"),
)

spoken_scores = Table(
    "spoken_scores",
    metadata,
    Column("transcript_id", ForeignKey("transcripts.transcript_id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("end", Integer, nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("score", Float, nullable=False),
)

topics = Table(
    "topics",
    metadata,
    Column("topic_id", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("passages", JSON, nullable=False),
    Column("examples", JSON, nullable=False),
    Column("stability", Float, nullable=False),
)

vectors = Table(
    "vectors",
    metadata,
    Column("encoder_key", String(128), primary_key=True),
    Column("text_sha256", String(64), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

work = Table(
    "work",
    metadata,
    Column("stage", String(16), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("key", String(64), nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(64), nullable=False),
    Column("key", String(64), nullable=False),
    Column("folder", Text, nullable=False),
    Column("published_at", String(32), nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("expires", Float, nullable=False),
)

delays = Table(
    "delays",
    metadata,
    Column("path", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("since", String(32), nullable=False),
    Column("tried", Integer, nullable=False),
    Column("next_try", Float, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("released_by", Text, nullable=False),
    Column("released_at", String(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("place", Text, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("since", String(32), nullable=False),
    Column("tried", Integer, nullable=False),
    Column("next_try", Float, nullable=False),
)
