"""Tables of the work in the CRM, of planned jobs, and of the processes that do them."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from host.db.tables.base import BigId, UtcDateTime, id_column, metadata
from host.db.texts import String, Text

known_accounts = Table(
    "pb_known_accounts",  # accounts that earlier sessions used, by end user and CRM
    metadata,
    Column("end_user_id", BigId, ForeignKey("pb_end_users.id"), primary_key=True),
    Column("crm_key", String(200), primary_key=True),  # host.crm.session_facts.crm_identity
    Column("account_id", JSON, nullable=False),  # text or number as the CRM wrote it
)

intents = Table(
    "pb_intents",  # steps in the CRM, each done once
    metadata,
    id_column(),
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
    id_column(),
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

jobs = Table(
    "pb_jobs",  # planned jobs and their due times; the engine runs them
    metadata,
    id_column(),
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

unshown = Table(
    "pb_unshown",  # rows, chats and events that could not be shown or sent
    metadata,
    id_column(),
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
