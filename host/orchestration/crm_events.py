"""Comments and updates that something in a session makes due, in the transaction in which it happens.

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
"""The event of a record that is used again: it is updated though the settings name no such event."""


@dataclass(frozen=True)
class SessionEvent:
    """Something that the CRM may want to know."""

    event: str
    """A name of `comment_on` or `update_on`, or of both."""
    occurrence: str = ""
    """`transfer:2`; empty where it happens but once: the event's name."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """For the comment: what is written down nowhere else, see `host.crm.session_facts.comments.compose`."""


def plan_steps(connection: Connection, crm: CrmSettings, session: Session, event: SessionEvent, now: datetime) -> None:
    """Make due what the settings want to follow; told twice it is one.

    It waits for the record, and for what was told before.
    """
    snapshot = snapshot_of(session, event.event, now, event.details)
    for step in crm_plan.on_event(crm, event.event):
        occurrence = event.occurrence or event.event
        intents.plan(connection, session.id, step, occurrence, now=now, input=snapshot)


def plan_steps_for_found_record(connection: Connection, crm: CrmSettings, session: Session, now: datetime) -> None:
    """Make an update due when the session's record is one that was there before."""
    record = intents.by_step(connection, session.id, "record")
    if record is None or record.state != "done" or record.result.id is None:
        return
    result = record.result
    is_reused = not (result.created or result.chosen or result.given)
    if is_reused and crm_plan.may_update(crm) and "start" not in crm.update_on:
        snapshot = snapshot_of(session, FOUND, now)
        intents.plan(connection, session.id, "update", f"{FOUND}:{result.id}"[:120], now=now, input=snapshot)
