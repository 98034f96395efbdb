"""Tell CRMs apart.

What there is belongs to the CRM that the settings name at this moment: its key is worked out here once, as
`host.crm.session_facts.crm_identity` did when this was written.
"""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

from host.addresses import literal_host

revision = "0009"
down_revision = "0008"

KEY_MAX = 200
BASE_URL = "{base_url}"
ENDPOINTS = (
    "find_account_by_query",
    "find_account_by_id",
    "create_account",
    "find_record_by_query",
    "find_record_by_id",
    "create_record",
    "update_record",
    "upload_file",
    "add_comment",
)


def upgrade() -> None:
    op.add_column("pb_sessions", sa.Column("crm_key", sa.String(length=200), nullable=True))
    op.add_column("pb_intents", sa.Column("crm_key", sa.String(length=200), nullable=True))
    op.create_table(
        "pb_known_accounts",
        sa.Column("end_user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("crm_key", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["end_user_id"], ["pb_end_users.id"], name=op.f("fk_pb_known_accounts_end_user_id")),
        sa.PrimaryKeyConstraint("end_user_id", "crm_key", name=op.f("pk_pb_known_accounts")),
    )
    connection = op.get_bind()
    key = {"key": _key(connection)}
    connection.execute(sa.text("UPDATE pb_sessions SET crm_key = :key"), key)
    connection.execute(sa.text("UPDATE pb_intents SET crm_key = :key"), key)
    known = "out_contact_id IS NOT NULL AND CAST(out_contact_id AS TEXT) <> 'null'"
    rows = f"SELECT id, CAST(:key AS VARCHAR), out_contact_id FROM pb_end_users WHERE {known}"  # noqa: S608 - no input
    connection.execute(sa.text(f"INSERT INTO pb_known_accounts (end_user_id, crm_key, account_id) {rows}"), key)
    op.execute("ALTER TABLE pb_end_users DROP COLUMN out_contact_id")


def _key(connection: Connection) -> str:
    crm = _value(connection, "SELECT value FROM pb_settings WHERE section = 'crm'") or {}
    if crm.get("type", "none") == "none":
        return ""
    endpoints = [(crm.get("endpoints") or {}).get(name) or {} for name in ENDPOINTS]
    hosts = {_host(each["url"]) for each in endpoints if each.get("url")}
    base_url = _value(connection, "SELECT base_url FROM pb_oauth_tokens WHERE name = 'crm'")
    sign_in = base_url or (crm.get("auth") or {}).get("token_url") or BASE_URL
    key = ", ".join(sorted(_host(sign_in) if host == BASE_URL else host for host in hosts))
    if len(key) <= KEY_MAX:
        return key
    return f"{key[: KEY_MAX - 20]}... {hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _value(connection: Connection, query: str) -> Any:
    found = connection.execute(sa.text(query)).scalar_one_or_none()
    return json.loads(found) if isinstance(found, str) and found.startswith("{") else found


def _host(url: str) -> str:
    if url.lower().startswith(BASE_URL):
        return BASE_URL
    return literal_host(url) or url.partition("://")[2].partition("/")[0].lower()
