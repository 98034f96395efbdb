"""Add participants, transfers and wrap ups."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import BigId, UtcDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "pb_participants",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("end_user_id", BigId, nullable=True),
        sa.Column("phone_number", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("sub_status", sa.String(length=16), nullable=True),
        sa.Column("is_muted", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("invited_by", BigId, nullable=True),
        sa.Column("offer_ends_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("connected_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("fail_reason", sa.String(length=40), nullable=False),
        sa.Column("adapter_fail_code", sa.String(length=64), nullable=True),
        sa.Column("adapter_fail_message", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["end_user_id"], ["pb_end_users.id"], name=op.f("fk_pb_participants_end_user_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["pb_users.id"], name=op.f("fk_pb_participants_invited_by")),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_participants_session_id")),
        sa.ForeignKeyConstraint(["user_id"], ["pb_users.id"], name=op.f("fk_pb_participants_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_participants")),
    )
    op.create_index("ix_pb_participants_session_id", "pb_participants", ["session_id"], unique=False)
    op.create_index("ix_pb_participants_user_id_status", "pb_participants", ["user_id", "status"], unique=False)

    op.create_table(
        "pb_transfers",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("fail_reason", sa.String(length=40), nullable=False),
        sa.Column("is_warm", sa.Boolean(), nullable=False),
        sa.Column("from_agent_id", BigId, nullable=True),
        sa.Column("to_agent_id", BigId, nullable=True),
        sa.Column("from_queue_id", BigId, nullable=True),
        sa.Column("to_queue_id", BigId, nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("assigned_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("connected_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["from_agent_id"], ["pb_users.id"], name=op.f("fk_pb_transfers_from_agent_id")),
        sa.ForeignKeyConstraint(["from_queue_id"], ["pb_queues.id"], name=op.f("fk_pb_transfers_from_queue_id")),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_transfers_session_id")),
        sa.ForeignKeyConstraint(["to_agent_id"], ["pb_users.id"], name=op.f("fk_pb_transfers_to_agent_id")),
        sa.ForeignKeyConstraint(["to_queue_id"], ["pb_queues.id"], name=op.f("fk_pb_transfers_to_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_transfers")),
    )
    op.create_index("ix_pb_transfers_session_id", "pb_transfers", ["session_id"], unique=False)

    op.create_table(
        "pb_wrap_ups",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("agent_id", BigId, nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(length=200), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["pb_users.id"], name=op.f("fk_pb_wrap_ups_agent_id")),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_wrap_ups_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_wrap_ups")),
    )
    op.create_index("ix_pb_wrap_ups_agent_id_finished_at", "pb_wrap_ups", ["agent_id", "finished_at"], unique=False)
    op.create_index("ix_pb_wrap_ups_session_id", "pb_wrap_ups", ["session_id"], unique=False)
    with op.batch_alter_table("pb_sessions") as batch_op:
        batch_op.add_column(sa.Column("kept_for", BigId, nullable=True))
        batch_op.create_foreign_key("fk_pb_sessions_kept_for", "pb_users", ["kept_for"], ["id"])
    op.execute(CONSUMERS)
    op.execute(AGENTS)


# Sessions that are open during the upgrade go on with their participants.
CONSUMERS = """
    INSERT INTO pb_participants
        (session_id, type, end_user_id, status, is_muted, purpose, created_at, connected_at, fail_reason)
    SELECT id, 'end_user', end_user_id, CASE channel WHEN 'chat' THEN 'connected' ELSE 'connecting' END,
        false, 'session', created_at, CASE channel WHEN 'chat' THEN created_at END, 'nothing'
    FROM pb_sessions WHERE ends_at IS NULL
"""
AGENTS = """
    INSERT INTO pb_participants
        (session_id, type, user_id, status, is_muted, purpose, created_at, connected_at, fail_reason)
    SELECT id, 'agent', agent_id, 'connected', false, 'session', connected_at, connected_at, 'nothing'
    FROM pb_sessions WHERE ends_at IS NULL AND agent_id IS NOT NULL AND status IN ('ongoing', 'dismissed')
"""
