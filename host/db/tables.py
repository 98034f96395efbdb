"""All tables of the product. Their names start with `pb_`; the job engine has tables in the same database."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

from host.db.texts import String, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC, also in databases that store no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values; return a naive UTC value for SQLite."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime: {value}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware value."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", BigId, primary_key=True, autoincrement=True)


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
    _id(),
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
    _id(),
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
    _id(),
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

end_users = Table(
    "pb_end_users",
    metadata,
    _id(),
    Column("identifier", String(320), index=True),
    Column("name", String(300)),
    Column("email", String(320), index=True),
    Column("phone", String(64), index=True),
    Column("lang", String(35)),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

known_accounts = Table(
    "pb_known_accounts",  # accounts that earlier sessions used, by end user and CRM
    metadata,
    Column("end_user_id", BigId, ForeignKey("pb_end_users.id"), primary_key=True),
    Column("crm_key", String(200), primary_key=True),  # host.crm.session_facts.crm_identity
    Column("account_id", JSON, nullable=False),  # text or number as the CRM wrote it
)

sessions = Table(
    "pb_sessions",  # calls and chats share one sequence of ids
    metadata,
    _id(),
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
    _id(),
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
    _id(),
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
    _id(),
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
    _id(),
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
    _id(),
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
    _id(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False, index=True),
    Column("action_id", String(200), nullable=False),  # as the gateway names it
    Column("type", String(24), nullable=False),  # host.sessions.smart_actions.TYPES
    Column("status", String(16), nullable=False),
    Column("value", Text),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

journal = Table(
    "pb_journal",  # append-only: what happened to sessions and agents, and what the adapters post
    metadata,
    _id(),
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

intents = Table(
    "pb_intents",  # steps in the CRM, each done once
    metadata,
    _id(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False),
    Column("step", String(32), nullable=False),  # account, record, comment, update, upload
    Column("occurrence", String(120), nullable=False, default=""),  # "end", "survey:3"; "" for a step that occurs once
    Column("marker", String(26), nullable=False, unique=True),
    Column("state", String(16), nullable=False),  # host.crm.intents.intents.STATES
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("crm_key", String(200)),  # as in its session
    Column("lease_owner", String(64)),
    Column("begun", Integer, nullable=False, default=0, server_default="0"),  # starts by jobs since its last progress
    Column("lease_until", UtcDateTime),
    Column("sent_at", UtcDateTime),  # set before a create is sent: without an answer its outcome is unknown
    Column("seen_ids", JSON),  # what the CRM had before our create, to find the new one
    Column("result", JSON),  # {"id": ..., "created": true}
    Column("error", JSON),  # {"code", "message", "endpoint", "at"}
    Column("input", JSON, nullable=False),  # what the step needs besides the session
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("session_id", "step", "occurrence"),
    Index("ix_pb_intents_state_due_at", "state", "due_at"),
    sqlite_autoincrement=True,
)

traces = Table(
    "pb_traces",  # every call to the CRM, and every decision
    metadata,
    _id(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("endpoint", String(64), nullable=False),
    Column("method", String(8)),
    Column("url", Text),
    Column("request", JSON),  # headers and body as sent, secrets masked
    Column("status", Integer),
    Column("took_ms", Integer),
    Column("read_out", JSON),
    Column("decision", Text, nullable=False),
    Column("is_masked", Boolean, nullable=False, default=False),
    sqlite_autoincrement=True,
)

jobs = Table(
    "pb_jobs",  # planned jobs and their due times; the engine runs them
    metadata,
    _id(),
    Column("key", String(120), nullable=False, unique=True),  # "post-12": also its key in the engine
    Column("kind", String(32), nullable=False),  # host.orchestration.crm_plan.KINDS
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("enqueued_at", UtcDateTime),
    Column("tries", Integer, nullable=False, default=0, server_default="0"),  # how often a person has repeated it
    Column("begun", Integer, nullable=False, default=0, server_default="0"),  # starts in this try
    Column("failed_at", UtcDateTime),
    Column("error", String(200)),
    Index("ix_pb_jobs_enqueued_at_due_at", "enqueued_at", "due_at"),
    sqlite_autoincrement=True,
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
    _id(),
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

unshown = Table(
    "pb_unshown",  # rows, chats and events that could not be shown or sent
    metadata,
    _id(),
    Column("key", String(120), nullable=False, unique=True),  # "event New_Chat:45"
    Column("what", String(64), nullable=False),
    Column("about_id", BigInteger, nullable=False),
    Column("session_id", BigInteger, index=True),
    Column("error", String(64), nullable=False),  # the type's name only
    Column("at", UtcDateTime, nullable=False),
)

heartbeats = Table(
    "pb_heartbeats",
    metadata,
    Column("process_id", String(26), primary_key=True),
    Column("kind", String(16), nullable=False),  # web, worker
    Column("alive_at", UtcDateTime, nullable=False),
)

oauth_states = Table(
    "pb_oauth_states",  # single use: deleting the row uses it
    metadata,
    Column("nonce_hash", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),  # crm: started in the portal; cli: on the command line
    Column("user_id", BigId, ForeignKey("pb_users.id")),  # the user who started it
    Column("sign_in_hash", String(64)),  # the sign-in that started it: only that one may finish it
    Column("fingerprint", String(64), nullable=False),  # of the settings at the start
    Column("verifier", JSON),  # of PKCE, as a Fernet token
    Column("expires_at", UtcDateTime, nullable=False),
)

oauth_tokens = Table(
    "pb_oauth_tokens",
    metadata,
    Column("name", String(32), primary_key=True),  # crm
    Column("fingerprint", String(64), nullable=False),  # of the settings that the tokens belong to
    Column("state", String(20), nullable=False),  # host.crm.auth.token_store.STATES
    Column("reason", Text),  # why it needs reconnecting
    Column("tokens", JSON),  # access and refresh token, a Fernet token
    Column("base_url", Text),  # the value of {BASE_URL}
    Column("version", BigInteger, nullable=False),  # rises with every change: a fencing token against late refreshes
    Column("renew_at", UtcDateTime),  # from then on the token is refreshed before use
    Column("lease_owner", String(26)),  # the runner that refreshes it now
    Column("lease_until", UtcDateTime),
    Column("connected_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
)
