"""Events of a session, and the comments and updates that they make due in the CRM.

Source: docs/reference/generic-api.md, After a call or chat;
docs/reference/generic-api.md, Comments;
docs/reference/generic-api.md, Updates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.crm.intents import intents
from host.crm.session_facts.snapshots import snapshot_of
from host.crm.settings.crm import CrmSettings
from host.orchestration import crm_plan
from host.sessions.model import Session

FOUND = "found"
"""The event of a record that is used again: it causes an update, and no setting names it."""


@dataclass(frozen=True)
class CrmEvent:
    """An event in a session that may make a comment or an update due in the CRM."""

    event: str
    """A name of `comment_on` or `update_on`, or of both."""
    occurrence: str = ""
    """`transfer:2`; empty for an event that occurs once: then the event's name."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """For the comment: facts that are stored nowhere else, see `host.crm.session_facts.comments.compose`."""


def plan_steps(connection: Connection, crm: CrmSettings, session: Session, event: CrmEvent, now: datetime) -> None:
    """Plan the comment and the update of an event, as the settings say; the same event twice plans them once.

    They wait for the record, and for the steps of earlier events.
    """
    snapshot = snapshot_of(session, event.event, now, event.details)
    for step in crm_plan.on_event(crm, event.event):
        occurrence = event.occurrence or event.event
        intents.plan(connection, session.id, step, occurrence, now=now, input=snapshot)


def plan_steps_for_found_record(connection: Connection, crm: CrmSettings, session: Session, now: datetime) -> None:
    """Plan an update when the session's record existed before."""
    record = intents.by_step(connection, session.id, "record")
    if record is None or record.state != "done" or record.result.id is None:
        return
    result = record.result
    is_reused = not (result.created or result.chosen or result.given)
    if is_reused and crm_plan.may_update(crm) and "start" not in crm.update_on:
        snapshot = snapshot_of(session, FOUND, now)
        intents.plan(connection, session.id, "update", f"{FOUND}:{result.id}"[:120], now=now, input=snapshot)
