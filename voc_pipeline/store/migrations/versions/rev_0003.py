"""The language of a file that was refused for it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; nothing was refused for its language before."""
    op.add_column("files", sa.Column("language", sa.String(length=16), nullable=False, server_default=""))
