"""Tables of users, their sign-ins, keys and limits, and of the settings."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, Table, UniqueConstraint

from host.db.tables.base import BigId, UtcDateTime, id_column, metadata
from host.db.texts import String

settings = Table(
    "pb_settings",
    metadata,
    Column("section", String(64), primary_key=True),
    Column("value", JSON, nullable=False),  # secrets inside are Fernet tokens
    Column("updated_at", UtcDateTime, nullable=False),
)

users = Table(
    "pb_users",
    metadata,
    id_column(),
    Column("email", String(320), nullable=False, unique=True),  # lower case
    Column("name", String(200), nullable=False),
    Column("agent_number", String(64)),
    Column("roles", JSON, nullable=False),  # ["agent"]
    Column("password_hash", String(300)),
    Column("max_chats", Integer, nullable=False, default=3),
    Column("status", String(32), nullable=False, default="Offline"),
    Column("status_since", UtcDateTime),
    Column("status_before", String(32)),  # the status before Unresponsive
    Column("seen_at", UtcDateTime),  # when an adapter of theirs last connected or disconnected
    Column("idle_since", UtcDateTime),  # the longest idle agent is offered a chat first
    Column("active_chat_id", BigId),  # the chat tab that is in front
    Column("is_active", Boolean, nullable=False, default=True),
    sqlite_autoincrement=True,
)

sign_ins = Table(
    "pb_sign_ins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", BigId, ForeignKey("pb_users.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),  # to the minute
    Column("browser", String(64), nullable=False, server_default=""),  # Firefox on Windows
)

tickets = Table(
    "pb_tickets",  # single use: deleting the row uses it
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("purpose", String(32), nullable=False),  # socket, popup
    Column("user_id", BigId),
    Column("session_id", BigId),
    Column("bound_to", String(128)),  # a frame's nonce
    Column("sign_in", String(64)),  # the hash of the sign-in that it was issued to
    Column("expires_at", UtcDateTime, nullable=False),
)

used_tokens = Table(
    "pb_used_tokens",  # signed custom data that may be used once
    metadata,
    Column("id_hash", String(64), primary_key=True),  # of the token's jti
    Column("expires_at", UtcDateTime, nullable=False),
)

company_keys = Table(
    "pb_company_keys",  # of the platform API; the first key is in the environment or the data folder
    metadata,
    id_column(),
    Column("key", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),  # ["read", "write"]
    Column("secret_hash", String(64), nullable=False),
    Column("old_hash", String(64)),  # of the previous secret
    Column("old_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),  # to the hour
    sqlite_autoincrement=True,
)

throttles = Table(
    "pb_throttles",
    metadata,
    Column("key", String(200), primary_key=True),  # "sign-in:<hash of e-mail or address>"
    Column("window_started_at", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
)

queues = Table(
    "pb_queues",
    metadata,
    id_column(),
    Column("parent_id", BigId, ForeignKey("pb_queues.id"), index=True),
    Column("name", String(200), nullable=False),
    Column("lang", String(35), nullable=False, default="en"),
    Column("position", Integer, nullable=False, default=0),
    Column("settings", JSON, nullable=False),  # `host.queues.settings.QueueSettings`
    UniqueConstraint("parent_id", "name"),
    sqlite_autoincrement=True,
)

queue_agents = Table(
    "pb_queue_agents",
    metadata,
    Column("queue_id", BigId, ForeignKey("pb_queues.id"), primary_key=True),
    Column("user_id", BigId, ForeignKey("pb_users.id"), primary_key=True),
)
