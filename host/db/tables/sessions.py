"""Tables of sessions: consumers, participants, transfers, wrap-ups, messages and ratings."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from host.db.tables.base import BigId, UtcDateTime, id_column, metadata
from host.db.texts import String, Text

end_users = Table(
    "pb_end_users",
    metadata,
    id_column(),
    Column("identifier", String(320), index=True),
    Column("name", String(300)),
    Column("email", String(320), index=True),
    Column("phone", String(64), index=True),
    Column("lang", String(35)),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

sessions = Table(
    "pb_sessions",  # calls and chats share one sequence of ids
    metadata,
    id_column(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("channel", String(8), nullable=False),  # call, chat
    Column("type", String(40), nullable=False),  # messaging_web
    Column("status", String(32), nullable=False, index=True),
    Column("fail_reason", String(40), nullable=False, default="nothing"),
    Column("disconnected_by", String(32)),
    Column("lang", String(35), nullable=False, default="en"),
    Column("queue_id", BigId, ForeignKey("pb_queues.id"), index=True),
    Column("end_user_id", BigId, ForeignKey("pb_end_users.id"), nullable=False, index=True),
    Column("agent_id", BigId, ForeignKey("pb_users.id"), index=True),  # the agent who has it, or had it last
    Column("kept_for", BigId, ForeignKey("pb_users.id")),  # the agent who is offered it first
    Column("offered_to", BigId, ForeignKey("pb_users.id"), index=True),
    Column("offer_ends_at", UtcDateTime),
    Column("account_id", JSON),  # in the CRM, text or number as the CRM wrote it
    Column("record_id", JSON),
    Column("crm_key", String(200)),  # the CRM of these ids and of the session's work; None: not bound yet
    Column("custom_data", JSON, nullable=False),
    Column("details", JSON, nullable=False),  # support_number, device_type, campaign, SIP headers, ...
    Column("consumer_token_hash", String(64), index=True),
    Column("idempotency_key", String(200), unique=True),  # "api:4711"
    Column("request_hash", String(64)),  # of the request with that key
    Column("created_at", UtcDateTime, nullable=False),
    Column("scheduled_at", UtcDateTime),  # calls: when it is to be queued
    Column("queued_at", UtcDateTime),
    Column("assigned_at", UtcDateTime),
    Column("connected_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

participants = Table(
    "pb_participants",  # who takes part in a session, or is invited to
    metadata,
    id_column(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False, index=True),
    Column("type", String(24), nullable=False),  # host.sessions.participants.TYPES
    Column("user_id", BigId, ForeignKey("pb_users.id")),  # of agents and managers
    Column("end_user_id", BigId, ForeignKey("pb_end_users.id")),
    Column("phone_number", String(64)),
    Column("name", String(300)),  # of virtual and external agents
    Column("external_id", String(200)),  # of virtual agents
    Column("status", String(16), nullable=False),  # host.sessions.lifecycle.PARTICIPANT
    Column("sub_status", String(16)),  # on_hold
    Column("is_muted", Boolean, nullable=False, default=False),
    Column("purpose", String(16), nullable=False, default="session"),  # session, transfer, party, monitor
    Column("invited_by", BigId, ForeignKey("pb_users.id")),
    Column("offer_ends_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("connected_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("fail_reason", String(40), nullable=False, default="nothing"),
    Column("adapter_fail_code", String(64)),
    Column("adapter_fail_message", String(300)),
    Index("ix_pb_participants_user_id_status", "user_id", "status"),
    Index("ix_pb_participants_status_offer_ends_at", "status", "offer_ends_at"),
    sqlite_autoincrement=True,
)

transfers = Table(
    "pb_transfers",
    metadata,
    id_column(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False, index=True),
    Column("status", String(16), nullable=False),  # pending, finished, failed, canceled
    Column("fail_reason", String(40), nullable=False, default="nothing"),
    Column("is_warm", Boolean, nullable=False),
    Column("from_agent_id", BigId, ForeignKey("pb_users.id")),
    Column("to_agent_id", BigId, ForeignKey("pb_users.id")),  # the chosen agent, or the one who answered
    Column("from_queue_id", BigId, ForeignKey("pb_queues.id")),
    Column("to_queue_id", BigId, ForeignKey("pb_queues.id")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("assigned_at", UtcDateTime),
    Column("connected_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    sqlite_autoincrement=True,
)

wrap_ups = Table(
    "pb_wrap_ups",  # what an agent notes after their part of a session
    metadata,
    id_column(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False, index=True),
    Column("agent_id", BigId, ForeignKey("pb_users.id"), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("disposition", String(200)),
    Column("notes", Text),
    Index("ix_pb_wrap_ups_agent_id_finished_at", "agent_id", "finished_at"),
    Index("ix_pb_wrap_ups_finished_at_ends_at", "finished_at", "ends_at"),
    sqlite_autoincrement=True,
)

messages = Table(
    "pb_messages",
    metadata,
    id_column(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False),
    Column("sender", String(16), nullable=False),  # end_user, agent, system
    Column("user_id", BigId, ForeignKey("pb_users.id")),
    Column("text", Text, nullable=False),
    Column("client_id", String(64)),  # the sender's id, so that a repeated message is stored once
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("session_id", "client_id"),
    Index("ix_pb_messages_session_id_id", "session_id", "id"),
    sqlite_autoincrement=True,
)

attachments = Table(
    "pb_attachments",  # files that consumer and agent send each other; each belongs to a message
    metadata,
    id_column(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False, index=True),
    Column("message_id", BigId, ForeignKey("pb_messages.id"), nullable=False, unique=True),
    Column("key", String(32), nullable=False, unique=True),  # its name in the folder
    Column("name", String(120), nullable=False),  # photo.png
    Column("ending", String(8), nullable=False),  # host.sessions.attachments.TYPES
    Column("size_bytes", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

receipts = Table(
    "pb_receipts",  # of each chat: the last message of the other side that a side's page shows, and that was looked at
    metadata,
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), primary_key=True),
    Column("agent_delivered", BigId, nullable=False, default=0, server_default="0"),
    Column("agent_seen", BigId, nullable=False, default=0, server_default="0"),
    Column("consumer_delivered", BigId, nullable=False, default=0, server_default="0"),
    Column("consumer_seen", BigId, nullable=False, default=0, server_default="0"),
    Column("consumer_left_at", UtcDateTime),  # when the consumer's last page was closed; None while one is open
    Column("consumer_returns", Integer),  # how often a page came back after that; None: the consumer has had no page
)

ratings = Table(
    "pb_ratings",  # what consumers say about their sessions
    metadata,
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), primary_key=True),
    Column("rating", Integer),  # 1 to 5
    Column("feedback", Text),
    Column("survey", JSON, nullable=False),  # [{"question", "answer"}]
    Column("changes", Integer, nullable=False),  # how often it was given: the CRM's events are numbered by it
    Column("at", UtcDateTime, nullable=False),
)

smart_actions = Table(
    "pb_smart_actions",  # append-only: what consumers were asked for, a row for each report of a gateway
    metadata,
    id_column(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False, index=True),
    Column("action_id", String(200), nullable=False),  # as the gateway names it
    Column("type", String(24), nullable=False),  # host.sessions.smart_actions.TYPES
    Column("status", String(16), nullable=False),
    Column("value", Text),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
