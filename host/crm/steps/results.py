"""Stores the result of an account or record step: intent, session, journal and pop, in one transaction.

Source: docs/reference/generic-api.md, Basic flow.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, select, update

from host.crm.exchange.found import Found
from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.crm.session_facts.crm_identity import CrmIdentity
from host.crm.steps.outcome import StepOutcome
from host.crm.templates.quoting import as_text
from host.db.tables import known_accounts, sessions
from host.db.upsert import upsert
from host.events import journal
from host.sessions.model import CrmId

_PERSON = select(sessions.c.end_user_id, sessions.c.crm_key)

OnKnown = Callable[[Connection, int], None]
"""Called with the session's id, in the transaction; decides on the pop."""


def store(
    connection: Connection,
    intent: Intent,
    outcome: StepOutcome,
    now: datetime,
    on_known: OnKnown,
    *,
    found_for: int | None = None,
) -> None:
    """Finish an account or record step.

    Args:
        connection: In a write transaction.
        intent: Still leased.
        outcome: The outcome of the step.
        now: The time.
        on_known: Called afterwards.
        found_for: As in `assign`.

    Raises:
        LostLeaseError: Another runner has the intent; nothing may be stored.
    """
    found = outcome.found
    intents.finish(connection, intent, now, outcome.result)
    if found is not None:
        assign(connection, intent.session_id, intent.step, found.id, now, found_for=found_for)
    shown = {"id": found.id, "created": found.is_new} if found else {"id": None}
    note(connection, intent.session_id, _fact(intent.step, found), now, shown)
    on_known(connection, intent.session_id)


def assign(
    connection: Connection, session_id: int, step: str, crm_id: CrmId, now: datetime, *, found_for: int | None = None
) -> None:
    """Store a session's account or record; an account is also remembered for its end user in this CRM.

    Args:
        found_for: The end user whose facts it was searched with; if the session has become another one's meanwhile,
            it isn't remembered for that one. None: a person has chosen it.
    """
    values = {f"{step}_id": crm_id, "updated_at": now}
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(**values))
    if step == "account":
        keys = connection.execute(_PERSON.where(sessions.c.id == session_id)).mappings().one()
        if keys["crm_key"] is not None and found_for in {None, keys["end_user_id"]}:
            upsert(connection, known_accounts, list(keys.keys()), {**keys, "account_id": crm_id})


def forget(connection: Connection, session_id: int, step: str, now: datetime) -> None:
    """Remove a session's account or record, because another one will be searched for."""
    values = {f"{step}_id": None, "updated_at": now}
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(**values))


def account_of_end_user(connection: Connection, session_id: int) -> CrmId | None:
    """Return the remembered account of a session's end user in the session's CRM."""
    query = select(known_accounts.c.account_id).join(sessions, _is_remembered())
    found: CrmId | None = connection.execute(query.where(sessions.c.id == session_id)).scalar_one_or_none()
    return found


def forget_account(connection: Connection, session_id: int, account_id: CrmId) -> None:
    """Forget the remembered account of a session's end user, if it is this one."""
    if as_text(account_of_end_user(connection, session_id)) == as_text(account_id):
        mine = exists().where(sessions.c.id == session_id, _is_remembered())
        connection.execute(delete(known_accounts).where(mine))


def accounts_of(connection: Connection, end_user_ids: Collection[int], crm: CrmIdentity) -> dict[int, CrmId]:
    """Return the remembered accounts of end users in one CRM, by the end users' ids."""
    mine = known_accounts.c.end_user_id.in_(end_user_ids) & (known_accounts.c.crm_key == crm.key)
    rows = connection.execute(select(known_accounts.c.end_user_id, known_accounts.c.account_id).where(mine))
    return {row.end_user_id: row.account_id for row in rows}


def _is_remembered() -> ColumnElement[bool]:
    """Return the SQL condition for the remembered account of a session's end user in the session's CRM."""
    same_person = known_accounts.c.end_user_id == sessions.c.end_user_id
    return same_person & (known_accounts.c.crm_key == sessions.c.crm_key)


def note(connection: Connection, session_id: int, fact: str, now: datetime, data: Mapping[str, Any]) -> None:
    """Add a fact to the journal, for the agent who has the session or is offered it."""
    columns = (sessions.c.agent_id, sessions.c.offered_to)
    row = connection.execute(select(*columns).where(sessions.c.id == session_id)).one()
    agent_id = row.offered_to if row.offered_to is not None else row.agent_id
    journal.append(connection, fact, now=now, session_id=session_id, agent_id=agent_id, data=data)


def _fact(step: str, found: Found | None) -> str:
    if found is None:
        return f"{step}_none"
    return f"{step}_created" if found.is_new else f"{step}_found"
