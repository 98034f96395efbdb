"""Moves a session's record to another account, when the account becomes known later or the agent chooses one.

Source: docs/reference/generic-api.md, Several hits; docs/reference/lookup-links.md, Open Custom URL.
"""

from datetime import datetime

from sqlalchemy import Connection

from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.crm.session_facts.snapshots import snapshot_of
from host.crm.settings.crm import CrmSettings
from host.crm.steps import results
from host.crm.templates.quoting import as_text
from host.sessions.model import Session


def follow_account(connection: Connection, session: Session, settings: CrmSettings, now: datetime) -> None:
    """Plan the work that brings the session's record to the session's account.

    A record that this session created, or that the agent chose, is moved by update_record. A record that was found
    belongs to another account, so another record is searched for.
    """
    record = intents.by_step(connection, session.id, "record")
    if record is None or session.account_id is None:
        return
    if _waits_for_account(record):
        intents.resume(connection, record, now)
        return
    result = record.result
    is_settled = record.state == "done" and result.has_account and result.id is not None
    if not is_settled or as_text(result.account_id) == as_text(session.account_id):
        return
    if not result.created and not result.chosen:
        if intents.reopen(connection, record, now):
            results.forget(connection, session.id, "record", now)
        return
    intents.keep_result(connection, record.id, result.with_account(session.account_id))
    if settings.endpoint("update_record") is not None:
        number = sum(each.step == "update" for each in intents.of_session(connection, session.id))
        snapshot = snapshot_of(session, "account", now)
        intents.plan(connection, session.id, "update", f"account:{number}", now=now, input=snapshot)


def _waits_for_account(record: Intent) -> bool:
    return record.state == "waiting" and record.sent_at is None and record.error_code == "crm_ask"
