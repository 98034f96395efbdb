"""Tables of session files, and of the files and mails that are delivered after a session."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from host.db.tables.base import BigId, UtcDateTime, id_column, metadata
from host.db.texts import String

session_files = Table(
    "pb_session_files",
    metadata,
    id_column(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False),
    Column("kind", String(24), nullable=False),  # host.file_kinds.FILE_KINDS
    Column("name", String(120), nullable=False),  # chat-12.json
    Column("file_id", String(64), nullable=False, default=""),  # of a photo or video
    Column("key", String(48), nullable=False, unique=True),  # in its address; can't be guessed
    Column("version", Integer, nullable=False, default=1),  # rises with each rewrite
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content_path", String(64)),  # below the data folder; null: only the destinations have it
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("session_id", "kind", "name"),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "pb_deliveries",  # files for the external storage, and mails; files for the CRM are in pb_intents
    metadata,
    id_column(),
    Column("session_id", BigId, ForeignKey("pb_sessions.id"), nullable=False),
    Column("destination", String(16), nullable=False),  # storage, email
    Column("subject", String(64), nullable=False),  # file-7, outcome
    Column("file_id", BigId, ForeignKey("pb_session_files.id"), index=True),  # null: a mail
    Column("state", String(8), nullable=False),  # host.deliveries.deliveries.STATES
    Column("version", Integer, nullable=False, default=0),  # the file's version that has arrived; 0: none
    Column("planned_at", UtcDateTime, nullable=False),  # or when a person last said "try again"
    Column("due_at", UtcDateTime, nullable=False),
    Column("run", Integer, nullable=False, default=0),  # counts the engine's jobs, each of which is one try
    Column("begun", Integer, nullable=False, default=0),  # starts of this run; all but the last ended in a crash
    Column("tries", Integer, nullable=False, default=0),  # that failed, since it was planned
    Column("error", String(300)),  # of the last try; safe to show
    Column("receipt", JSON),  # what the destination said
    Column("done_at", UtcDateTime),
    UniqueConstraint("session_id", "destination", "subject"),
    Index("ix_pb_deliveries_destination_state_due_at", "destination", "state", "due_at"),
    sqlite_autoincrement=True,
)

destinations = Table(
    "pb_destinations",  # how each destination does; one without a row is up
    metadata,
    Column("name", String(16), primary_key=True),
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("rests_until", UtcDateTime),  # nothing is tried before; then one delivery is
    Column("down_since", UtcDateTime),
)

reconciliations = Table(
    "pb_reconciliations",  # what the nightly look for missing files found
    metadata,
    Column("on_date", String(10), primary_key=True),  # in the settings' time zone
    Column("at", UtcDateTime, nullable=False),
    Column("missing", JSON, nullable=False),  # [{"session_id", "what"}]
)
