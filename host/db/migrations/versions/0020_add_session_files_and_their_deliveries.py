"""Add session files and their deliveries."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import BigId, UtcDateTime
from host.db.texts import String

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "pb_destinations",
        sa.Column("name", String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("down_since", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pb_destinations")),
    )
    op.create_table(
        "pb_reconciliations",
        sa.Column("on_date", String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("on_date", name=op.f("pk_pb_reconciliations")),
    )
    op.create_table(
        "pb_session_files",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("kind", String(length=24), nullable=False),
        sa.Column("name", String(length=120), nullable=False),
        sa.Column("file_id", String(length=64), nullable=False),
        sa.Column("key", String(length=48), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("media_type", String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", String(length=64), nullable=False),
        sa.Column("content_path", String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_session_files_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_session_files")),
        sa.UniqueConstraint("key", name=op.f("uq_pb_session_files_key")),
        sa.UniqueConstraint("session_id", "kind", "name", name=op.f("uq_pb_session_files_session_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pb_deliveries",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("destination", String(length=16), nullable=False),
        sa.Column("subject", String(length=64), nullable=False),
        sa.Column("file_id", BigId, nullable=True),
        sa.Column("state", String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("planned_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", String(length=300), nullable=True),
        sa.Column("receipt", sa.JSON(), nullable=True),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["pb_session_files.id"], name=op.f("fk_pb_deliveries_file_id")),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_deliveries_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_deliveries")),
        sa.UniqueConstraint("session_id", "destination", "subject", name=op.f("uq_pb_deliveries_session_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pb_deliveries_destination_state_due_at", "pb_deliveries", ["destination", "state", "due_at"])
    op.create_index(op.f("ix_pb_deliveries_file_id"), "pb_deliveries", ["file_id"])
