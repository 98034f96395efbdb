"""What our own sessions know about the CRM: which accounts and records are theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, select

from host.crm.intents import CrmId, Intent
from host.crm.leases import callers
from host.db.tables import intents, sessions

JUST_NOW = timedelta(minutes=10)
LOOK_BACK = 500
SINCE = timedelta(days=4)
"""Longer than a step is tried."""


@dataclass(frozen=True)
class EarlierRecord:
    """A record of an earlier session."""

    id: CrmId
    ended_at: datetime | None


def account_just_created(connection: Connection, intent: Intent, now: datetime) -> CrmId | None:
    """Find the account that another session of the same caller has created in the last minutes."""
    lately = (intents.c.step == "account") & (intents.c.state == "done") & (intents.c.updated_at > now - JUST_NOW)
    rows = connection.execute(
        select(intents.c.session_id, intents.c.result).where(lately).order_by(intents.c.id.desc())
    )
    created = {row.session_id: row.result["id"] for row in rows if (row.result or {}).get("created")}
    known = callers(connection, {intent.session_id, *created})
    own = known.get(intent.session_id, frozenset())
    return next((created[each] for each in created if own & known.get(each, frozenset())), None)


def records_elsewhere(connection: Connection, intent: Intent) -> set[CrmId]:
    """Return the records that belong to other sessions: none of them can be this intent's."""
    since = intent.created_at - SINCE
    query = select(sessions.c.record_id).where(sessions.c.id != intent.session_id, sessions.c.created_at >= since)
    return {each for each in connection.execute(query).scalars() if each is not None}


def latest_id(connection: Connection, step: str) -> CrmId | None:
    """Return the account's or record's id of the latest session that has one: how this CRM writes its ids."""
    column = sessions.c.account_id if step == "account" else sessions.c.record_id
    rows = connection.execute(select(column).order_by(sessions.c.id.desc()).limit(LOOK_BACK)).scalars()
    return next((each for each in rows if each is not None), None)


def earlier_records(
    connection: Connection, session_id: int, account_id: CrmId, *, queue_id: int | None = None
) -> Iterator[EarlierRecord]:
    """Yield the account's records of earlier sessions, the latest first.

    Args:
        connection: Any.
        session_id: Whose own record doesn't count.
        account_id: As the CRM wrote it.
        queue_id: Only sessions of this leaf queue; None: of any.
    """
    query: Select[CrmId | None, CrmId | None, datetime | None] = select(
        sessions.c.account_id, sessions.c.record_id, sessions.c.ends_at
    ).where(sessions.c.id != session_id)
    if queue_id is not None:
        query = query.where(sessions.c.queue_id == queue_id)
    for account, record, ended_at in connection.execute(query.order_by(sessions.c.id.desc()).limit(LOOK_BACK)):
        if record is not None and account == account_id:
            yield EarlierRecord(record, ended_at)
