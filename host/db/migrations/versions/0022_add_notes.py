"""Add notes."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import UtcDateTime

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "pb_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transfer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["pb_users.id"], name=op.f("fk_pb_notes_agent_id")),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_notes_session_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["pb_transfers.id"], name=op.f("fk_pb_notes_transfer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_notes")),
        sa.UniqueConstraint("session_id", "client_id", name=op.f("uq_pb_notes_session_id")),
        sqlite_autoincrement=True,
    )
