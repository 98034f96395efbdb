"""The API's routes for accounts and records."""

from flask import Blueprint, Response, jsonify

from crm_shell.starter_crm import auth
from crm_shell.starter_crm.api import reading
from crm_shell.starter_crm.api.answering import created, listed
from crm_shell.starter_crm.context import crm
from crm_shell.starter_crm.store import entries, search
from crm_shell.starter_crm.store.kinds import ACCOUNT, RECORD, Kind, check

views = Blueprint("api", __name__, url_prefix="/api")
views.before_request(auth.refuse_foreign_pages)
views.before_request(auth.require_key)


@views.get("/accounts")
def find_accounts() -> Response:
    """Find accounts by phone, e-mail or external id: any that is given may match."""
    if reading.wants_all():
        return _latest(ACCOUNT)
    filters = reading.filters(search.ACCOUNT_FILTERS)
    with crm().database.read() as connection:
        return listed(search.accounts(connection, filters))


@views.get("/records")
def find_records() -> Response:
    """Find records by account, status or external id: all that are given must match."""
    if reading.wants_all():
        return _latest(RECORD)
    filters = reading.filters(search.RECORD_FILTERS)
    with crm().database.read() as connection:
        return listed(search.records(connection, filters))


@views.post("/accounts")
def create_account() -> Response:
    """Create an account, once per idempotency key."""
    return _create(ACCOUNT)


@views.post("/records")
def create_record() -> Response:
    """Create a record, once per idempotency key."""
    return _create(RECORD)


@views.get("/accounts/<int:account_id>")
def get_account(account_id: int) -> Response:
    """Return one account."""
    return _get(ACCOUNT, account_id)


@views.get("/records/<int:record_id>")
def get_record(record_id: int) -> Response:
    """Return one record."""
    return _get(RECORD, record_id)


@views.patch("/accounts/<int:account_id>")
def update_account(account_id: int) -> Response:
    """Change some fields of an account."""
    return _update(ACCOUNT, account_id)


@views.patch("/records/<int:record_id>")
def update_record(record_id: int) -> Response:
    """Change some fields of a record."""
    return _update(RECORD, record_id)


def _latest(kind: Kind) -> Response:
    with crm().database.read() as connection:
        return listed(search.latest(connection, kind))


def _create(kind: Kind) -> Response:
    values = check(kind, reading.json_object(kind.name))
    return created(lambda connection: {kind.name: entries.create(connection, kind, values)})


def _get(kind: Kind, entry_id: int) -> Response:
    with crm().database.read() as connection:
        return jsonify({kind.name: entries.get(connection, kind, entry_id)})


def _update(kind: Kind, entry_id: int) -> Response:
    values = check(kind, reading.json_object(kind.name))
    with crm().database.write() as connection:
        return jsonify({kind.name: entries.update(connection, kind, entry_id, values)})
