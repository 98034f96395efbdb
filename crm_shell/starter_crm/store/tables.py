"""All tables of the starter CRM. Times are ISO 8601 texts in UTC, as in the API."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _extra() -> Column[JSON]:
    return Column("extra", JSON, nullable=False)  # fields that we don't know, kept and given back


accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("name", String(300)),
    Column("phone", String(64)),
    Column("email", String(320)),
    Column("external_id", String(200), index=True),
    Column("phone_digits", String(64)),  # the next three are for searching only
    Column("phone_tail", String(7), index=True),
    Column("email_key", String(320), index=True),
    _extra(),
    Column("created_at", String(27), nullable=False),
    Column("updated_at", String(27), nullable=False),
    sqlite_autoincrement=True,
)

records = Table(
    "records",
    metadata,
    _id(),
    Column("account_id", String(64), index=True),  # an account's id, or a text such as tmp-12
    Column("subject", Text),
    Column("description", Text),
    Column("status", String(8), nullable=False, default="open"),
    Column("phone", String(64)),
    Column("external_id", String(200), index=True),
    Column("priority", String(64)),
    Column("rating", Integer),
    Column("feedback", Text),
    _extra(),
    Column("created_at", String(27), nullable=False),
    Column("updated_at", String(27), nullable=False),
    sqlite_autoincrement=True,
)

comments = Table(
    "comments",
    metadata,
    _id(),
    Column("record_id", Integer, ForeignKey("records.id"), nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("format", String(8), nullable=False, default="plain"),
    Column("external_id", String(200), index=True),
    _extra(),
    Column("created_at", String(27), nullable=False),
    sqlite_autoincrement=True,
)

attachments = Table(
    "attachments",
    metadata,
    _id(),
    Column("record_id", Integer, ForeignKey("records.id"), nullable=False, index=True),
    Column("name", String(255), nullable=False),
    Column("type", String(127), nullable=False),  # MIME
    Column("size", Integer, nullable=False),  # bytes
    Column("external_id", String(200), index=True),
    _extra(),
    Column("created_at", String(27), nullable=False),
    sqlite_autoincrement=True,
)

contents = Table(
    "attachment_contents",  # apart, so that lists of attachments never read files
    metadata,
    Column("attachment_id", Integer, ForeignKey("attachments.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

answers = Table(
    "answers",  # the first answer to each idempotency key, written with the row that it tells of
    metadata,
    Column("path", String(300), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body", JSON, nullable=False),
    Column("created_at", String(27), nullable=False),
)
