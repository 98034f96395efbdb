"""The first tables."""

import sqlalchemy as sa
from alembic import op

from host.db.tables import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "pb_end_users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("identifier", sa.String(length=320), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("lang", sa.String(length=35), nullable=True),
        sa.Column("out_contact_id", sa.JSON(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_end_users")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pb_end_users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pb_end_users_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_pb_end_users_identifier"), ["identifier"], unique=False)
        batch_op.create_index(batch_op.f("ix_pb_end_users_phone"), ["phone"], unique=False)

    op.create_table(
        "pb_heartbeats",
        sa.Column("process_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("alive_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process_id", name=op.f("pk_pb_heartbeats")),
    )
    op.create_table(
        "pb_queues",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["pb_queues.id"], name=op.f("fk_pb_queues_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_queues")),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_pb_queues_parent_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pb_queues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pb_queues_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "pb_settings",
        sa.Column("section", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("section", name=op.f("pk_pb_settings")),
    )
    op.create_table(
        "pb_throttles",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("window_started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pb_throttles")),
    )
    op.create_table(
        "pb_tickets",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("bound_to", sa.String(length=128), nullable=True),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pb_tickets")),
    )
    op.create_table(
        "pb_users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("agent_number", sa.String(length=64), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("max_chats", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("status_since", UtcDateTime(timezone=True), nullable=True),
        sa.Column("status_before", sa.String(length=32), nullable=True),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("idle_since", UtcDateTime(timezone=True), nullable=True),
        sa.Column("active_chat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_users")),
        sa.UniqueConstraint("email", name=op.f("uq_pb_users_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pb_queue_agents",
        sa.Column("queue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["pb_queues.id"], name=op.f("fk_pb_queue_agents_queue_id")),
        sa.ForeignKeyConstraint(["user_id"], ["pb_users.id"], name=op.f("fk_pb_queue_agents_user_id")),
        sa.PrimaryKeyConstraint("queue_id", "user_id", name=op.f("pk_pb_queue_agents")),
    )
    op.create_table(
        "pb_sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("fail_reason", sa.String(length=40), nullable=False),
        sa.Column("disconnected_by", sa.String(length=32), nullable=True),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("queue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("end_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offered_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offer_ends_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.JSON(), nullable=True),
        sa.Column("record_id", sa.JSON(), nullable=True),
        sa.Column("custom_data", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("consumer_token_hash", sa.String(length=64), nullable=True),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("queued_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("assigned_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("connected_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["pb_users.id"], name=op.f("fk_pb_sessions_agent_id")),
        sa.ForeignKeyConstraint(["end_user_id"], ["pb_end_users.id"], name=op.f("fk_pb_sessions_end_user_id")),
        sa.ForeignKeyConstraint(["offered_to"], ["pb_users.id"], name=op.f("fk_pb_sessions_offered_to")),
        sa.ForeignKeyConstraint(["queue_id"], ["pb_queues.id"], name=op.f("fk_pb_sessions_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_sessions")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_pb_sessions_idempotency_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_pb_sessions_uuid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pb_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pb_sessions_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pb_sessions_consumer_token_hash"), ["consumer_token_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_pb_sessions_end_user_id"), ["end_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pb_sessions_offered_to"), ["offered_to"], unique=False)
        batch_op.create_index(batch_op.f("ix_pb_sessions_queue_id"), ["queue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pb_sessions_status"), ["status"], unique=False)

    op.create_table(
        "pb_sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["pb_users.id"], name=op.f("fk_pb_sign_ins_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pb_sign_ins")),
    )
    with op.batch_alter_table("pb_sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pb_sign_ins_user_id"), ["user_id"], unique=False)

    op.create_table(
        "pb_streams",
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("adapter", sa.String(length=8), nullable=False),
        sa.Column("last_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["pb_users.id"], name=op.f("fk_pb_streams_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "adapter", name=op.f("pk_pb_streams")),
    )
    op.create_table(
        "pb_tabs",
        sa.Column("connection_id", sa.String(length=26), nullable=False),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("adapter", sa.String(length=8), nullable=False),
        sa.Column("tab_id", sa.String(length=64), nullable=False),
        sa.Column("process_id", sa.String(length=26), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("alive_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["pb_users.id"], name=op.f("fk_pb_tabs_agent_id")),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_pb_tabs")),
    )
    with op.batch_alter_table("pb_tabs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pb_tabs_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pb_tabs_process_id"), ["process_id"], unique=False)

    op.create_table(
        "pb_intents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("occurrence", sa.String(length=120), nullable=False),
        sa.Column("marker", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_ids", sa.JSON(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_intents_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_intents")),
        sa.UniqueConstraint("marker", name=op.f("uq_pb_intents_marker")),
        sa.UniqueConstraint("session_id", "step", "occurrence", name=op.f("uq_pb_intents_session_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pb_intents", schema=None) as batch_op:
        batch_op.create_index("ix_pb_intents_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "pb_journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("ulid", sa.String(length=26), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("adapter", sa.String(length=8), nullable=True),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("once", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["pb_users.id"], name=op.f("fk_pb_journal_agent_id")),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_journal_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_journal")),
        sa.UniqueConstraint("agent_id", "adapter", "seq", name=op.f("uq_pb_journal_agent_id")),
        sa.UniqueConstraint("once", name=op.f("uq_pb_journal_once")),
        sa.UniqueConstraint("ulid", name=op.f("uq_pb_journal_ulid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pb_journal", schema=None) as batch_op:
        batch_op.create_index("ix_pb_journal_session_id_id", ["session_id", "id"], unique=False)

    op.create_table(
        "pb_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_messages_session_id")),
        sa.ForeignKeyConstraint(["user_id"], ["pb_users.id"], name=op.f("fk_pb_messages_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_messages")),
        sa.UniqueConstraint("session_id", "client_id", name=op.f("uq_pb_messages_session_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pb_messages", schema=None) as batch_op:
        batch_op.create_index("ix_pb_messages_session_id_id", ["session_id", "id"], unique=False)

    op.create_table(
        "pb_traces",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("endpoint", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("request", sa.JSON(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("read_out", sa.JSON(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("is_masked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_traces_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pb_traces")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pb_traces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pb_traces_session_id"), ["session_id"], unique=False)

    op.create_table(
        "pb_claims",
        sa.Column("journal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tab_id", sa.String(length=64), nullable=True),
        sa.Column("claimed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("acked_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["pb_users.id"], name=op.f("fk_pb_claims_agent_id")),
        sa.ForeignKeyConstraint(["journal_id"], ["pb_journal.id"], name=op.f("fk_pb_claims_journal_id")),
        sa.ForeignKeyConstraint(["session_id"], ["pb_sessions.id"], name=op.f("fk_pb_claims_session_id")),
        sa.PrimaryKeyConstraint("journal_id", name=op.f("pk_pb_claims")),
    )
    with op.batch_alter_table("pb_claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pb_claims_agent_id"), ["agent_id"], unique=False)
