"""The CRM status of a session for the adapter: ids, pages, and the state of each step in words.

Source: docs/reference/generic-api.md, Faults.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from host.crm.agent_view.status_words import State, state_of, words_of, words_of_other
from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.crm.session_facts import context as contexts
from host.crm.session_facts import crm_identity, record_links
from host.crm.settings.crm import CrmSettings
from host.crm.templates.quoting import as_text
from host.crm.templates.variables import Context
from host.errors import UnfinishedSearchError
from host.sessions.model import CrmId

TROUBLED = ("retrying", "waiting", "failed")


@dataclass(frozen=True)
class StepStatus:
    """The status of one step."""

    step: str
    state: State
    """`waiting`: only a person can decide how to continue."""
    words: str
    """For the agent: `The CRM does not answer (create_account, timed out after 5 s). Next try in 8 s.`"""
    can_look_up_again: bool = False
    can_send_again: bool = False
    """Whether a person may confirm that it exists in the CRM, or that it doesn't."""
    occurrence: str = ""
    """Identifies the comment, update or upload: `end`."""


@dataclass(frozen=True)
class Page:
    """An account or record, and its page in the CRM."""

    id: CrmId
    url: str | None
    """None when the settings have no lookup URL, or it is not allowed."""
    label: str = ""
    """Distinguishes it from others: `James Bond, +12223334444`."""


@dataclass(frozen=True)
class Choices:
    """The other hits, until the session's end."""

    others: Sequence[Page] = ()
    can_create: bool = False
    """Whether a new one may be created instead."""


@dataclass(frozen=True)
class CrmStatus:
    """The content of the card."""

    account: Page | None
    record: Page | None
    steps: Sequence[StepStatus]
    """Account, then record; empty until steps are planned."""
    choices: Mapping[str, Choices]
    """By step: account, record."""
    events: Sequence[StepStatus] = ()
    """Comments, updates and uploads that currently fail."""


def of_session(connection: Connection, session_id: int, *, settings: CrmSettings, now: datetime) -> CrmStatus:
    """Return the CRM status of a session."""
    crm = crm_identity.current(connection, settings)
    context = contexts.load(connection, session_id, now=now, crm=crm)
    every = intents.of_session(connection, session_id)
    if any(intent.crm_key is not None and not crm.owns(intent.crm_key) for intent in every):
        return _of_other_crm(every)
    planned = {intent.step: intent for intent in every if not intent.occurrence}
    looked_up = [step for step in ("account", "record") if step in planned]
    events = (_event(intent, now) for intent in every if intent.occurrence)
    return CrmStatus(
        _page(settings, context, "account", context.account_id),
        _page(settings, context, "record", context.record_id),
        [_step(planned, step, now) for step in looked_up],
        {step: _choices(settings, context, planned[step]) for step in looked_up},
        [event for event in events if event.state in TROUBLED],
    )


def _of_other_crm(every: Sequence[Intent]) -> CrmStatus:
    """Return the status for work of another CRM than the settings name; its ids and pages are not valid here."""
    told = [
        StepStatus(each.step, _state_elsewhere(each), words_of_other(each), occurrence=each.occurrence)
        for each in every
    ]
    steps = [each for each in told if not each.occurrence]
    return CrmStatus(None, None, steps, {}, [each for each in told if each.occurrence and each.state != "done"])


def _state_elsewhere(intent: Intent) -> State:
    return "done" if intent.state == "done" else "waiting"


def _page(settings: CrmSettings, context: Context, step: str, crm_id: CrmId | None, label: str = "") -> Page | None:
    if crm_id is None:
        return None
    if step == "account":
        return Page(crm_id, record_links.account_url(settings, context.with_ids(account_id=crm_id)), label)
    return Page(crm_id, record_links.record_url(settings, context.with_ids(record_id=crm_id)), label)


def _choices(settings: CrmSettings, context: Context, intent: Intent) -> Choices:
    found = intent.result.choices
    if intent.state not in {"done", "waiting", "failed"} or not (found or _is_nobody(intent)):
        return Choices()
    current = context.account_id if intent.step == "account" else context.record_id
    others = (
        _page(settings, context, intent.step, choice.id, choice.label)
        for choice in found
        if current is None or as_text(choice.id) != as_text(current)
    )
    can_create = intent.result.made is None and settings.may_create(intent.step)
    return Choices([page for page in others if page], can_create)


def _is_nobody(intent: Intent) -> bool:
    """Tell whether there is no account: the queue has a page for unknown callers, or the search is unfinished."""
    if intent.error_code == UnfinishedSearchError.code:
        return intent.state == "waiting"
    return intent.result.open_custom_url and intent.result.id is None


def _step(planned: Mapping[str, Intent], step: str, now: datetime) -> StepStatus:
    intent = planned[step]
    account = planned.get("account")
    if step == "record" and account is not None and account.state != "done":
        return StepStatus(step, "none", "The record follows once the account is known.")
    state = state_of(intent, now)
    has_nothing = state == "done" and intent.result.id is None
    stuck = has_nothing or state in TROUBLED
    is_open = intent.sent_at is not None and not has_nothing
    return StepStatus(step, state, words_of(intent, state, now), stuck, stuck and is_open)


def _event(intent: Intent, now: datetime) -> StepStatus:
    state = state_of(intent, now)
    stuck = state in TROUBLED
    can_decide = stuck and intent.sent_at is not None
    return StepStatus(intent.step, state, words_of(intent, state, now), stuck, can_decide, intent.occurrence)
