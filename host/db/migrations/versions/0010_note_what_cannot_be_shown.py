"""Note what cannot be shown."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import BigId, UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "pb_unshown",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_unshown")),
        sa.UniqueConstraint("key", name=op.f("uq_pb_unshown_key")),
    )
    op.create_index(op.f("ix_pb_unshown_session_id"), "pb_unshown", ["session_id"], unique=False)
