"""Tables of the journal and of what adapters and webhooks are sent."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from host.db.tables.base import BigId, UtcDateTime, id_column, metadata
from host.db.texts import String

journal = Table(
    "pb_journal",  # append-only: what happened to sessions and agents, and what the adapters post
    metadata,
    id_column(),
    Column("ulid", String(26), nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("name", String(64), nullable=False),  # "connected"; or, with a seq, "New_Chat"
    Column("session_id", BigId, ForeignKey("pb_sessions.id")),
    Column("agent_id", BigId, ForeignKey("pb_users.id")),  # the agent whose adapters it concerns
    Column("adapter", String(8)),  # call, chat: the adapter that posts the event; only with seq
    Column("seq", BigId),  # numbered without gaps for an agent and adapter
    Column("data", JSON, nullable=False),  # ids, never texts or URLs that hold personal data
    Column("once", String(120), unique=True),  # "pop:12:3": a unique key of an event that is written once
    UniqueConstraint("agent_id", "adapter", "seq"),
    Index("ix_pb_journal_session_id_id", "session_id", "id"),
    sqlite_autoincrement=True,
)

streams = Table(
    "pb_streams",
    metadata,
    Column("agent_id", BigId, ForeignKey("pb_users.id"), primary_key=True),
    Column("adapter", String(8), primary_key=True),
    Column("last_seq", BigId, nullable=False),
)

claims = Table(
    "pb_claims",  # which tab shows a pop or an offer; pending until acknowledged
    metadata,
    Column("journal_id", BigId, ForeignKey("pb_journal.id"), primary_key=True),
    Column("agent_id", BigId, ForeignKey("pb_users.id"), nullable=False, index=True),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False),
    Column("tab_id", String(64)),
    Column("claimed_at", UtcDateTime),
    Column("acked_at", UtcDateTime),
)

tabs = Table(
    "pb_tabs",  # open adapter sockets, over all processes
    metadata,
    Column("connection_id", String(26), primary_key=True),
    Column("agent_id", BigId, ForeignKey("pb_users.id"), nullable=False, index=True),
    Column("adapter", String(8), nullable=False),
    Column("tab_id", String(64), nullable=False),
    Column("process_id", String(26), nullable=False, index=True),
    Column("used_at", UtcDateTime, nullable=False),  # when the agent last used the tab
    Column("alive_at", UtcDateTime, nullable=False),
)

webhooks = Table(
    "pb_webhooks",  # how each webhook's receiver does, and who sends to it
    metadata,
    Column("key", String(32), primary_key=True),  # a hash of its URL
    Column("lease_owner", String(26)),
    Column("lease_until", UtcDateTime),
    Column("rests_until", UtcDateTime),  # after a failure: nothing is sent before; None: the last message arrived
    Column("received_at", UtcDateTime),  # when it last confirmed a message
)

webhook_deliveries = Table(
    "pb_webhook_deliveries",  # messages that webhooks have not confirmed; confirmed ones are deleted
    metadata,
    id_column(),
    Column("webhook", String(32), nullable=False),  # as pb_webhooks.key
    Column("journal_id", BigId, ForeignKey("pb_journal.id"), nullable=False),
    Column("state", String(8), nullable=False),  # waiting, failed
    Column("planned_at", UtcDateTime, nullable=False),  # of the fact, or when a person last said "try again"
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0, server_default="0"),
    Column("error", String(200)),  # of the last try
    UniqueConstraint("webhook", "journal_id"),
    Index("ix_pb_webhook_deliveries_due", "webhook", "state", "due_at", "id"),
    sqlite_autoincrement=True,
)
