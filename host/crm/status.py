"""What the adapter shows about a session and the CRM: ids, pages, and what is happening, in words.

Source: 30-generic-api.md, Flows and Faults; 80-shell.md, adapters.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from host.crm import context as contexts
from host.crm import intents, pages
from host.crm.intents import CrmId, Intent
from host.crm.model import CrmSettings

State = Literal["none", "working", "retrying", "waiting", "failed", "done"]

_REASONS = {
    "crm_timeout": "The CRM does not answer",
    "crm_unavailable": "The CRM cannot be reached",
    "crm_rejected": "The CRM refused",
    "crm_auth": "The CRM does not accept our credentials",
    "crm_answer": "The CRM's answer does not fit the settings",
    "crm_address": "The CRM's address is not allowed",
}
_WORKING = {"account": "Looking up the account.", "record": "Opening a record."}
_DONE = {
    ("account", True): "Account created.",
    ("account", False): "Account found.",
    ("record", True): "Record created.",
    ("record", False): "Record found.",
}
_NOTHING = {"account": "No account.", "record": "No record."}


@dataclass(frozen=True)
class StepStatus:
    """How far one step is."""

    step: str
    state: State
    """`waiting`: only a person can tell how it goes on."""
    words: str
    """For the agent: `The CRM does not answer (create_account, timed out after 5 s). Next try in 8 s.`"""
    can_look_up_again: bool = False
    can_send_again: bool = False
    """Whether a person may say that it isn't in the CRM."""


@dataclass(frozen=True)
class Page:
    """An account or record, and its page in the CRM."""

    id: CrmId
    url: str | None
    """None when the settings have no lookup URL, or it isn't allowed."""


@dataclass(frozen=True)
class CrmStatus:
    """What the card shows."""

    account: Page | None
    record: Page | None
    steps: Sequence[StepStatus]
    """Account, then record; empty while nothing is planned."""


def of_session(connection: Connection, session_id: int, *, settings: CrmSettings, now: datetime) -> CrmStatus:
    """Say what is known and what is going on."""
    context = contexts.load(connection, session_id, now=now)
    planned = {intent.step: intent for intent in intents.of_session(connection, session_id)}
    steps = [_step(planned, step, now) for step in ("account", "record") if step in planned]
    account, record = context.account_id, context.record_id
    return CrmStatus(
        None if account is None else Page(account, pages.account_url(settings, context)),
        None if record is None else Page(record, pages.record_url(settings, context)),
        steps,
    )


def _step(planned: Mapping[str, Intent], step: str, now: datetime) -> StepStatus:
    intent = planned[step]
    account = planned.get("account")
    if step == "record" and account is not None and account.state != "done":
        return StepStatus(step, "none", "The record follows once the account is known.")
    state = _state(intent, now)
    has_nothing = state == "done" and (intent.result or {}).get("id") is None
    stuck = has_nothing or state in {"retrying", "waiting", "failed"}
    return StepStatus(
        step, state, _words(intent, state, now), stuck, stuck and not has_nothing and intent.sent_at is not None
    )


def _state(intent: Intent, now: datetime) -> State:
    if intent.state in {"done", "waiting", "failed"}:
        return intent.state  # type: ignore[return-value]
    is_held = intent.lease_until is not None and intent.lease_until > now
    return "retrying" if intent.error and not is_held else "working"


def _words(intent: Intent, state: State, now: datetime) -> str:
    if state == "done":
        result = intent.result or {}
        return _NOTHING[intent.step] if result.get("id") is None else _DONE[intent.step, bool(result.get("created"))]
    if intent.error is None:
        return _WORKING[intent.step]
    problem = _problem(intent.error)
    if state == "working":
        return f"{problem} Trying again now."
    if state == "retrying":
        verb = "Looking for it again" if intent.state == "unknown" else "Next try"
        return f"{problem} {verb} {_in_words(intent.due_at, now)}."
    if state == "waiting":
        return f"{problem} Look into the CRM, then decide."
    return f"{problem} Nothing more is tried by itself."


def _problem(error: Mapping[str, Any]) -> str:
    reason = _REASONS.get(error["code"], "The CRM step did not work out")
    return f"{reason} ({error['endpoint']}, {error['message']})."


def _in_words(due_at: datetime, now: datetime) -> str:
    seconds = math.ceil((due_at - now).total_seconds())
    if seconds <= 0:
        return "now"
    return f"in {seconds} s" if seconds < 100 else f"in {round(seconds / 60)} min"
