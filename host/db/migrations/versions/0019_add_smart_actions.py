"""Add smart actions."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import UtcDateTime
from host.db.texts import String, Text

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "pb_smart_actions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action_id", String(length=200), nullable=False),
        sa.Column("type", String(length=24), nullable=False),
        sa.Column("status", String(length=16), nullable=False),
        sa.Column("value", Text(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_smart_actions_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_smart_actions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_pb_smart_actions_session_id"), "pb_smart_actions", ["session_id"])
