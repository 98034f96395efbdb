"""Accounts and records that earlier sessions used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, select

from host.crm.intents import step_result
from host.crm.intents.intents import Intent
from host.crm.intents.leases import callers
from host.crm.intents.step_result import StepResult
from host.crm.templates.quoting import as_text
from host.db.tables import intents, sessions
from host.sessions.model import CrmId

JUST_NOW = timedelta(minutes=10)
LOOK_BACK = 500
RETRY_WINDOW = timedelta(days=4)
"""Longer than a step is retried."""


@dataclass(frozen=True)
class EarlierRecord:
    """A record of an earlier session."""

    id: CrmId
    ended_at: datetime | None


def accounts_just_created(connection: Connection, intent: Intent, now: datetime) -> list[CrmId]:
    """List the accounts that other sessions of the same caller created in the last minutes, the latest first.

    It bridges the delay of search indexes. Only parallel sessions count, and no account that a search has returned
    since, because a search would return it now.
    """
    lately = (intents.c.step == "account") & (intents.c.state == "done") & (intents.c.updated_at > now - JUST_NOW)
    lately &= intents.c.crm_key == intent.crm_key
    began = select(sessions.c.created_at).where(sessions.c.id == intent.session_id).scalar_subquery()
    beside = sessions.c.ends_at.is_(None) | (sessions.c.ends_at >= began)
    columns = select(intents.c.session_id, intents.c.result, beside.label("is_beside"))
    joined = columns.join(sessions, sessions.c.id == intents.c.session_id)
    rows = connection.execute(joined.where(lately).order_by(intents.c.id.desc())).all()
    known_results = [(row.session_id, row.is_beside, step_result.read(row.result)) for row in rows]
    shown = {as_text(result.id) for _, _, result in known_results if _was_shown(result)}
    created = {
        session_id: result.id
        for session_id, is_beside, result in known_results
        if is_beside and result.created and result.id is not None
    }
    known = callers(connection, {intent.session_id, *created})
    own = known.get(intent.session_id, frozenset())
    mine = [created[each] for each in created if own & known.get(each, frozenset())]
    return [each for each in mine if as_text(each) not in shown]


def _was_shown(result: StepResult) -> bool:
    """Tell whether a search of the CRM returned the account of a step."""
    return result.id is not None and not (result.created or result.shared or result.chosen)


def records_elsewhere(connection: Connection, intent: Intent) -> set[CrmId]:
    """Return the records of other sessions, which can't be the record of this intent."""
    since = intent.created_at - RETRY_WINDOW
    others = (sessions.c.id != intent.session_id) & (sessions.c.crm_key == intent.crm_key)
    query = select(sessions.c.record_id).where(others, sessions.c.created_at >= since)
    return {each for each in connection.execute(query).scalars() if each is not None}


def latest_id(connection: Connection, intent: Intent) -> CrmId | None:
    """Return the latest account or record id of any session; it shows how the CRM writes ids."""
    column = sessions.c.account_id if intent.step == "account" else sessions.c.record_id
    same_crm = select(column).where(sessions.c.crm_key == intent.crm_key)
    rows = connection.execute(same_crm.order_by(sessions.c.id.desc()).limit(LOOK_BACK)).scalars()
    return next((each for each in rows if each is not None), None)


def earlier_records(
    connection: Connection, intent: Intent, account_id: CrmId, *, queue_id: int | None = None
) -> Iterator[EarlierRecord]:
    """Yield the account's records of earlier sessions, the latest first.

    Args:
        connection: In any transaction.
        intent: Of the current session, which is left out; only sessions of its CRM count.
        account_id: As the CRM wrote it.
        queue_id: Only sessions of this leaf queue; None: of any queue.
    """
    query: Select[CrmId | None, CrmId | None, datetime | None] = select(
        sessions.c.account_id, sessions.c.record_id, sessions.c.ends_at
    ).where(sessions.c.id != intent.session_id, sessions.c.crm_key == intent.crm_key)
    if queue_id is not None:
        query = query.where(sessions.c.queue_id == queue_id)
    for account, record, ended_at in connection.execute(query.order_by(sessions.c.id.desc()).limit(LOOK_BACK)):
        if record is not None and account == account_id:
            yield EarlierRecord(record, ended_at)
