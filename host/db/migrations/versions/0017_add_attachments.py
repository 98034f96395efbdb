"""Add attachments."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import BigId

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "pb_attachments",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("ending", sa.String(length=8), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_attachments_session_id")),
        sa.ForeignKeyConstraint(["message_id"], ["pb_messages.id"], name=op.f("fk_pb_attachments_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_attachments")),
        sa.UniqueConstraint("key", name=op.f("uq_pb_attachments_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_pb_attachments_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_pb_attachments_session_id"), "pb_attachments", ["session_id"])
