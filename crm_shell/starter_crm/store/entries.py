"""Writes and reads accounts, records, comments and attachments."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select
from sqlalchemy import update as update_table

from crm_shell.starter_crm import phones
from crm_shell.starter_crm.errors import FieldsError, MissingError
from crm_shell.starter_crm.store.kinds import ACCOUNT, RECORD, JsonObject, Kind

LARGEST_ID = 2**53 - 1  # beyond it, JavaScript reads another number
SEARCH_COLUMNS = ("phone_digits", "phone_tail", "email_key")


def create(connection: Connection, kind: Kind, values: JsonObject, **owner: object) -> JsonObject:
    """Insert what `kinds.check` returned and give back the new entry, as the API shows it.

    Args:
        connection: In a transaction that writes.
        kind: What it is.
        values: What `kinds.check` returned.
        owner: What the CRM sets itself: ``record_id`` of a comment, ``size`` of an attachment.

    Raises:
        FieldsError: A record names an account that doesn't exist.
    """
    _check_account(connection, values)
    row = values | owner | _times(kind) | _search_values(kind, values)
    entry_id = connection.execute(insert(kind.table).values(row).returning(kind.table.c.id)).scalar_one()
    return get(connection, kind, entry_id)


def update(connection: Connection, kind: Kind, entry_id: int, values: JsonObject) -> JsonObject:
    """Change the given fields only; an unknown field given as null is forgotten.

    Raises:
        FieldsError: As in `create`.
        MissingError: There is no such entry.
    """
    _check_account(connection, values)
    table = kind.table
    before = connection.execute(select(table.c.extra).where(table.c.id == _usable(entry_id))).scalar_one_or_none()
    if before is None:
        raise _missing(kind, entry_id)
    extra = {name: value for name, value in (before | values["extra"]).items() if value is not None}
    row = values | {"extra": extra, "updated_at": now()} | _search_values(kind, values)
    connection.execute(update_table(table).where(table.c.id == entry_id).values(row))
    return get(connection, kind, entry_id)


def get(connection: Connection, kind: Kind, entry_id: int) -> JsonObject:
    """Return one entry as the API shows it.

    Raises:
        MissingError: There is none.
    """
    statement = select(kind.table).where(kind.table.c.id == _usable(entry_id))
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise _missing(kind, entry_id)
    return shown(row)


def newest(connection: Connection, kind: Kind, condition: ColumnElement[bool], limit: int) -> list[JsonObject]:
    """Return what meets the condition, newest first."""
    statement = select(kind.table).where(condition).order_by(kind.table.c.id.desc()).limit(limit)
    return [shown(row) for row in connection.execute(statement).mappings()]


def of_record(connection: Connection, kind: Kind, record_id: int) -> list[JsonObject]:
    """Return a record's comments or attachments, oldest first."""
    statement = select(kind.table).where(kind.table.c.record_id == record_id).order_by(kind.table.c.id)
    return [shown(row) for row in connection.execute(statement).mappings()]


def shown(row: RowMapping) -> JsonObject:
    """Turn a row into what the API shows: unknown fields beside the known ones, an account's id as a number."""
    entry = {name: value for name, value in row.items() if name not in (*SEARCH_COLUMNS, "extra")}
    if "account_id" in entry:
        entry["account_id"] = account_id(entry["account_id"])
    return dict(row["extra"]) | entry


def account_id(text: str | None) -> str | int | None:
    """Return ``12`` for ``"12"``; other texts (``tmp-12``) stay what they are."""
    return int(text) if text and re.fullmatch(r"[1-9][0-9]{0,15}", text) else text


def now() -> str:
    """Return the time: ``2026-05-01T10:00:00.000000Z``."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _check_account(connection: Connection, values: JsonObject) -> None:
    if isinstance(named := account_id(str(values.get("account_id") or "")), int):
        accounts = ACCOUNT.table
        if connection.execute(select(accounts.c.id).where(accounts.c.id == named)).first() is None:
            raise FieldsError({"account_id": f"there is no account {named}; create it first"})


def _times(kind: Kind) -> JsonObject:
    at = now()
    names = ("created_at", "updated_at") if kind in (ACCOUNT, RECORD) else ("created_at",)
    return dict.fromkeys(names, at)


def _search_values(kind: Kind, values: JsonObject) -> JsonObject:
    if kind is not ACCOUNT:
        return {}
    found: JsonObject = {}
    if "phone" in values:
        phone = str(values["phone"] or "")
        found |= {"phone_digits": phones.significant(phone), "phone_tail": phones.tail(phone)}
    if "email" in values:
        found["email_key"] = str(values["email"] or "").casefold()
    return found


def _usable(entry_id: int) -> int:
    return entry_id if 0 < entry_id <= LARGEST_ID else 0


def _missing(kind: Kind, entry_id: int) -> MissingError:
    return MissingError(f"There is no {kind.name} {entry_id}.")


def by_tails(numbers: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that narrows accounts down to those whose number may agree."""
    return ACCOUNT.table.c.phone_tail.in_([tail for number in numbers if (tail := phones.tail(number))])
