"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _of_transcript(name: str) -> sa.ForeignKeyConstraint:
    columns = ["transcript_id"], ["transcripts.transcript_id"]
    return sa.ForeignKeyConstraint(*columns, name=op.f(name), ondelete="CASCADE")


def _files_and_work() -> None:
    op.create_table(
        "files",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("work_key", sa.String(length=64), nullable=False),
        sa.Column("first_seen", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("path", "sha256", name=op.f("pk_files")),
    )
    op.create_index("ix_files_sha256", "files", ["sha256"])
    op.create_table(
        "work",
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stage", "subject", name=op.f("pk_work")),
    )
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("published_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_runs")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "vectors",
        sa.Column("encoder_key", sa.String(length=128), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("encoder_key", "text_sha256", name=op.f("pk_vectors")),
    )


def _transcripts() -> None:
    op.create_table(
        "transcripts",
        sa.Column("transcript_id", sa.String(length=40), nullable=False),
        sa.Column("source_file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("interview_date", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("loss", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("transcript_id", name=op.f("pk_transcripts")),
    )
    op.create_table(
        "turns",
        sa.Column("transcript_id", sa.String(length=40), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("role_in_call", sa.String(length=16), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=True),
        sa.Column("start_seconds", sa.Float(), nullable=True),
        sa.Column("record_start", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("replaced", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.transcript_id"], name=op.f("fk_turns_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("transcript_id", "turn", name=op.f("pk_turns")),
    )
    # ### end Alembic commands ###
    op.create_table(
        "participants",
        sa.Column("transcript_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.transcript_id"],
            name=op.f("fk_participants_transcript_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript_id", "participant_id", name=op.f("pk_participants")),
    )


def _mentions() -> None:
    op.create_table(
        "passages",
        sa.Column("passage_id", sa.String(length=40), nullable=False),
        sa.Column("transcript_id", sa.String(length=40), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("sentences", sa.JSON(), nullable=False),
        sa.Column("codable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.transcript_id"], name=op.f("fk_passages_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("passage_id", name=op.f("pk_passages")),
    )
    op.create_index("ix_passages_place", "passages", ["transcript_id", "turn", "start"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("mention_id", sa.String(length=40), nullable=False),
        sa.Column("transcript_id", sa.String(length=40), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Text(), nullable=False),
        sa.Column("coder", sa.Text(), nullable=False),
        sa.Column("coder_version", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("sentiment", sa.String(length=16), nullable=False),
        sa.Column("sentiment_score", sa.Float(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("prompted", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.transcript_id"], name=op.f("fk_mentions_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mention_id", name=op.f("pk_mentions")),
    )
    op.create_index("ix_mentions_place", "mentions", ["transcript_id", "turn"], unique=False)


def _scores_and_topics() -> None:
    op.create_table(
        "spoken_scores",
        sa.Column("transcript_id", sa.String(length=40), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.transcript_id"],
            name=op.f("fk_spoken_scores_transcript_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript_id", "turn", "start", name=op.f("pk_spoken_scores")),
    )
    op.create_table(
        "topics",
        sa.Column("topic_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("passages", sa.JSON(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("stability", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", name=op.f("pk_topics")),
    )


def upgrade() -> None:
    """Make all tables."""
    _files_and_work()
    _transcripts()
    _mentions()
    _scores_and_topics()
