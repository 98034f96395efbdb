"""Searches accounts and records by the values in a request."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, or_, true

from crm_shell.starter_crm import phones
from crm_shell.starter_crm.store import entries
from crm_shell.starter_crm.store.kinds import ACCOUNT, RECORD, JsonObject, Kind

ACCOUNT_FILTERS = ("phone", "email", "external_id")
RECORD_FILTERS = ("account_id", "status", "external_id")
LIMIT = 100
Filters = Mapping[str, Sequence[str]]


def accounts(connection: Connection, filters: Filters) -> list[JsonObject]:
    """Return the accounts that meet **any** filter, newest first, 100 at most.

    Phones agree by their digits, also when one lacks the country's prefix; e-mails without regard to case.
    """
    columns = ACCOUNT.table.c
    numbers = filters.get("phone", ())
    emails = [email.strip().casefold() for email in filters.get("email", ())]
    external_ids = filters.get("external_id", ())
    exact = or_(columns.email_key.in_(emails), columns.external_id.in_(external_ids))
    # Numbers of the same seven last digits are fetched, and only then compared in full: hence no limit here.
    by_phone = [
        entry
        for entry in entries.newest(connection, ACCOUNT, entries.by_tails(numbers), -1)
        if any(phones.agree(number, str(entry["phone"])) for number in numbers)
    ]
    found = {entry["id"]: entry for entry in (*by_phone, *entries.newest(connection, ACCOUNT, exact, LIMIT))}
    return sorted(found.values(), key=lambda entry: int(str(entry["id"])), reverse=True)[:LIMIT]


def records(connection: Connection, filters: Filters) -> list[JsonObject]:
    """Return the records that meet **all** filters, newest first, 100 at most."""
    columns = RECORD.table.c
    return entries.newest(
        connection, RECORD, and_(true(), *(columns[name].in_(values) for name, values in filters.items())), LIMIT
    )


def latest(connection: Connection, kind: Kind) -> list[JsonObject]:
    """Return the newest entries of a kind, 100 at most."""
    return entries.newest(connection, kind, true(), LIMIT)


def accounts_like(connection: Connection, text: str, *, limit: int, skip: int) -> list[JsonObject]:
    """Return a page of the accounts that hold `text` in a field or its digits in their number, newest first.

    Args:
        connection: In any transaction.
        text: What a person typed; an empty one finds all.
        limit: Most entries to return.
        skip: How many to leave out first.
    """
    table = ACCOUNT.table
    statement = table.select().where(_like(text)).order_by(table.c.id.desc()).limit(limit).offset(skip)
    return [entries.shown(row) for row in connection.execute(statement).mappings()]


def _like(text: str) -> ColumnElement[bool]:
    if not text:
        return true()
    columns = ACCOUNT.table.c
    conditions = [columns[name].icontains(text, autoescape=True) for name in ("name", "email", "external_id", "phone")]
    digits = phones.significant(text)
    # "James 2" is a name with a digit in it, not a number.
    if len(digits) >= 3 and not any(character.isalpha() for character in text):
        conditions.append(columns.phone_digits.contains(digits))
    return or_(*conditions)
