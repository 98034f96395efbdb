"""Leases of intents: one runner at a time, in the session's order, one account creation for each caller.

Here leases are taken and given back; `leased_intent.py` renews them.

Source: docs/reference/generic-api.md, Create-once.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, or_, select, tuple_, update

from host.crm.intents.intents import LEASE, OPEN, Intent, is_free, read
from host.crm.session_facts.crm_identity import CrmIdentity, bind, owns_work
from host.db.engine import advisory_lock, locked
from host.db.tables import UtcDateTime, end_users, intents, sessions

AT_A_TIME = 100


def lease(
    connection: Connection,
    owner: str,
    now: datetime,
    crm: CrmIdentity,
    *,
    session_id: int | None = None,
    limit: int = 1,
    head_start: timedelta = timedelta(0),
) -> list[Intent]:
    """Lease due intents, at most one of each session.

    Args:
        connection: In a write transaction.
        owner: A new unique name, so that an old lease of the same runner doesn't count.
        crm: The CRM that the settings name; intents for another CRM wait.
        session_id: Only intents of this session.
        limit: Maximum number of intents.
        head_start: Only intents that have been due for this long, so that other runners can take them first.
    """
    advisory_lock(connection, "leases")
    query = DUE if session_id is None else DUE_OF_ONE
    keys = {"crm_key": crm.key, "crm_before_sign_in": crm.before_sign_in}
    asked = {"now": now, "due_by": now - head_start, "session": session_id, **keys}
    candidates = _candidates(connection, query, asked)
    chosen = _choose(connection, candidates, lambda: _busy_callers(connection, now, crm), limit)
    for each in chosen:
        if each.crm_key != crm.key:
            bind(connection, each.session_id, crm.key)
    return [_take(connection, each, owner, now) for each in chosen]


def callers(connection: Connection, session_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Return what identifies each session's caller: `{"phone:2223334444", "email:...", "cuid:..."}`.

    An anonymous caller has an empty set, and shares no account creation.
    """
    columns = (sessions.c.id, end_users.c.phone, end_users.c.email, end_users.c.identifier)
    query = select(*columns).join(end_users, end_users.c.id == sessions.c.end_user_id)
    rows = connection.execute(query.where(sessions.c.id.in_(session_ids)))
    return {row.id: caller_keys(row.phone, row.email, row.identifier) for row in rows}


def caller_keys(phone: str | None, email: str | None, identifier: str | None) -> frozenset[str]:
    """Return the keys by which two sessions have the same caller."""
    digits = re.sub(r"[^0-9]", "", phone or "")[-10:]
    named = {"phone": digits or phone, "email": (email or "").lower(), "cuid": identifier}
    return frozenset(f"{name}:{value}" for name, value in named.items() if value)


def _is_behind() -> ColumnElement[bool]:
    """Return the SQL condition that another step of the session must be done first."""
    earlier = intents.alias("earlier")
    mine, theirs = intents.c.step, earlier.c.step
    return exists().where(
        earlier.c.session_id == intents.c.session_id,
        or_(
            and_(theirs == "account", mine != "account", earlier.c.state != "done"),
            and_(theirs == "record", _is_later(mine), earlier.c.state != "done"),
            and_(_is_later(theirs), _is_later(mine), earlier.c.id < intents.c.id, _is_open(earlier.c.state)),
        ),
    )


def _is_later(step: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(step != "account", step != "record")


def _is_open(state: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(state == each for each in OPEN))


_PLACE = tuple_(intents.c.due_at, intents.c.id)
_FROM = tuple_(bindparam("from_due_at", type_=UtcDateTime), bindparam("from_id"))

_IS_OURS = owns_work(intents.c.crm_key, bindparam("crm_key"), bindparam("crm_before_sign_in"))

DUE = (
    select(intents)
    .where(_is_open(intents.c.state), intents.c.due_at <= bindparam("due_by"), is_free(bindparam("now")))
    .where(_IS_OURS, ~_is_behind())
    .order_by(intents.c.due_at, intents.c.id)
    .limit(bindparam("part"))
)
"""Compiled once and without IN lists: expanding them took longer than the query."""
DUE_OF_ONE = DUE.where(intents.c.session_id == bindparam("session"))


def _candidates(connection: Connection, query: Select[Any], asked: Mapping[str, Any]) -> Iterator[list[Intent]]:
    """Yield due intents in batches, the oldest first: after a long outage of the CRM there are many."""
    asked = {**asked, "part": AT_A_TIME}
    found = [read(row) for row in connection.execute(query, asked).mappings()]
    while found:
        yield found
        if len(found) < AT_A_TIME:
            return
        asked |= {"from_due_at": found[-1].due_at, "from_id": found[-1].id}
        found = [read(row) for row in connection.execute(query.where(_PLACE > _FROM), asked).mappings()]


def _choose(
    connection: Connection,
    candidates: Iterator[list[Intent]],
    busy_callers: Callable[[], dict[int, frozenset[str]]],
    limit: int,
) -> list[Intent]:
    """Choose from the candidates; leave out accounts that another session of the same caller is creating."""
    chosen: list[Intent] = []
    busy: dict[int, frozenset[str]] | None = None
    for part in candidates:
        accounts = {each.session_id for each in part if each.step == "account"}
        known = callers(connection, accounts) if accounts else {}
        if busy is None and accounts:
            busy = busy_callers()
        for each in part:
            if len(chosen) == limit:
                return chosen
            keys = known.get(each.session_id, frozenset())
            if each.step == "account" and each.sent_at is None and _is_busy(keys, each.session_id, busy or {}):
                continue
            chosen.append(each)
            if busy is not None and each.step == "account":
                busy[each.session_id] = keys
    return chosen


def _is_busy(keys: frozenset[str], session_id: int, busy: Mapping[int, frozenset[str]]) -> bool:
    return any(keys & theirs for other, theirs in busy.items() if other != session_id)


def _busy_callers(connection: Connection, now: datetime, crm: CrmIdentity) -> dict[int, frozenset[str]]:
    at_work = or_(
        intents.c.state.in_(("sending", "unknown")), and_(intents.c.state.in_(OPEN), intents.c.lease_until > now)
    )
    here = crm.owns_work(intents.c.crm_key)
    rows = connection.execute(select(intents.c.session_id).where(intents.c.step == "account", at_work, here))
    return callers(connection, set(rows.scalars()))


def _take(connection: Connection, intent: Intent, owner: str, now: datetime, **values: int) -> Intent:
    state = "unknown" if intent.state == "sending" else intent.state  # its runner crashed
    held = {"lease_owner": owner, "lease_until": now + LEASE, "state": state}
    taken = update(intents).where(intents.c.id == intent.id).values(**held, **values).returning(intents)
    return read(connection.execute(taken).mappings().one())


def carry_on(connection: Connection, intent_id: int, owner: str, now: datetime) -> Intent | None:
    """Continue an intent that was leased for a job, also after a crash of the job's process.

    Returns:
        The intent; `None` when another runner has the lease, or the step is finished.
    """
    mine = (intents.c.id == intent_id) & (intents.c.lease_owner == owner) & intents.c.state.in_(OPEN)
    row = connection.execute(locked(connection, select(intents).where(mine))).mappings().one_or_none()
    return _take(connection, read(row), owner, now, begun=row["begun"] + 1) if row else None


def release(connection: Connection, intent: Intent) -> None:
    """Release an intent that was leased but is not worked on."""
    mine = (intents.c.id == intent.id) & (intents.c.lease_owner == intent.lease_owner)
    connection.execute(update(intents).where(mine).values(lease_owner=None, lease_until=None))
