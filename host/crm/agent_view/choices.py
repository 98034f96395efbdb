"""What a person decides: which of several accounts or records it is, and whether something exists in the CRM.

Source: docs/reference/generic-api.md, Several hits; docs/reference/generic-api.md, Create-once.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.crm.intents import intents, trace
from host.crm.intents.intents import Intent
from host.crm.intents.step_input import LookUp
from host.crm.intents.step_result import StepResult
from host.crm.intents.trace import Secrets, TraceRow
from host.crm.session_facts.crm_identity import label_of
from host.crm.steps import results, session_history
from host.crm.steps.results import OnKnown
from host.crm.templates.quoting import as_text
from host.errors import FieldsError, NotFoundError, TransitionError
from host.gate import lenient
from host.gate.lenient import WideNumber
from host.sessions.model import CrmId

FREE = ("done", "waiting", "failed")
STEPS = ("account", "record")


def find(connection: Connection, session_id: int, step: str, occurrence: str = "") -> Intent:
    """Return the step that a person speaks of.

    Raises:
        NotFoundError: The session has no such step.
    """
    intent = intents.by_step(connection, session_id, step, occurrence)
    if intent is None:
        raise NotFoundError(f"Session {session_id} has no {step} {occurrence}".rstrip() + " step.")
    return intent


def choose(connection: Connection, intent: Intent, crm_id: CrmId, now: datetime, on_known: OnKnown) -> None:
    """Take another account or record than the one that was found: everything that follows goes there.

    Args:
        connection: One that writes.
        intent: The session's account or record step.
        crm_id: One of its choices, or any other that the CRM has; its type is taken from what the CRM wrote.
        now: When.
        on_known: What else follows.

    Raises:
        TransitionError: It is just being looked up.
    """
    crm_id = _as_written(connection, intent, crm_id)
    _settle(connection, intent, now, intent.result.with_choice(crm_id))
    results.write_down(connection, intent.session_id, intent.step, crm_id, now)
    results.note(connection, intent.session_id, f"{intent.step}_chosen", now, {"id": crm_id})
    on_known(connection, intent.session_id)


def create_new(connection: Connection, intent: Intent, now: datetime, on_known: OnKnown) -> None:
    """Make a new account or record instead of those that were found; one that was made already is taken.

    Raises:
        TransitionError: It is just being looked up.
    """
    before = intent.result
    if before.made is not None:
        choose(connection, intent, before.made, now, on_known)
        return
    kept = StepResult(choices=before.choices) if before.choices else None
    is_free = intent.state in FREE and not before.is_under_way
    if not is_free or not intents.reopen(connection, intent, now, input=LookUp(create_new=True), result=kept):
        raise TransitionError("choose for", intent.state, FREE)
    results.forget(connection, intent.session_id, intent.step, now)
    results.note(connection, intent.session_id, f"{intent.step}_chosen", now, {"id": None})


def it_exists(connection: Connection, intent: Intent, crm_id: CrmId | None, now: datetime, on_known: OnKnown) -> None:
    """Take a person's word for it: what we don't know the outcome of is in the CRM.

    Args:
        connection: One that writes.
        intent: One whose outcome is unknown.
        crm_id: Under which id; needed for an account or a record.
        now: When.
        on_known: What else follows.

    Raises:
        FieldsError: The id is missing.
        TransitionError: There is nothing to decide.
    """
    if intent.sent_at is None or intent.state == "done":
        raise TransitionError("decide about", intent.state, ("waiting", "unknown"))
    if intent.result.is_under_way:
        if not intents.reopen(connection, intent, now, result=intent.result.with_next_step_done()):
            raise TransitionError("decide about", intent.state, FREE)
        return
    if intent.step in STEPS:
        if crm_id is None or crm_id == "":
            raise FieldsError({"id": f"is missing; needed: the {intent.step}'s id in the CRM"})
        made = intent.result.with_made(_as_written(connection, intent, crm_id))
        choose(connection, replace(intent, result=made), crm_id, now, on_known)
        return
    _settle(connection, intent, now, StepResult(id=crm_id, by="a person"))
    results.note(connection, intent.session_id, "crm_decided", now, {"step": intent.step})


def send_again(connection: Connection, intent: Intent, now: datetime) -> None:
    """Take a person's word for it: it is not in the CRM.

    Raises:
        TransitionError: There is nothing to send again.
    """
    if intent.state == "done" or not intents.resume(connection, intent, now, send_again=True):
        raise TransitionError("send again for", intent.state, ("waiting", "unknown", "failed"))
    results.note(connection, intent.session_id, "crm_decided", now, {"step": intent.step})


def discard(connection: Connection, intent: Intent, who: str, now: datetime) -> list[Intent]:
    """Give a step up for good, with what of its session waits for it; the trace says who did.

    Args:
        connection: One that writes.
        intent: Any that isn't done.
        who: `user 7`.
        now: When.

    Returns:
        What was discarded.

    Raises:
        TransitionError: It is done, or just being worked on.
    """
    given_up = [each for each in intents.of_session(connection, intent.session_id) if _goes_with(each, intent)]
    for each in given_up:
        what = f"{each.step} {each.occurrence}".rstrip()
        skipped = StepResult(skipped="somebody has discarded it")
        result = StepResult(id=None, discarded=True) if each.step in STEPS else skipped
        if each.state == "done" or not intents.settle(connection, each, now, result):
            raise TransitionError("discard work of", each.state, ("due", "unknown", "waiting", "failed"))
        words = f"discarded by {who}: {what}, planned for {label_of(each.crm_key)}; nothing more is sent"
        trace.write(connection, each.session_id, TraceRow(now, each.step, words), Secrets())
        results.note(connection, each.session_id, "crm_decided", now, {"step": each.step})
    return given_up


def discard_session(connection: Connection, session_id: int, who: str, now: datetime) -> list[Intent]:
    """Give up all that isn't done of a session's work, as `discard` does.

    Raises:
        TransitionError: Some of it is just being worked on.
    """
    given_up: list[Intent] = []
    while unfinished := [each for each in intents.of_session(connection, session_id) if each.state != "done"]:
        first = min(unfinished, key=lambda each: (each.step not in STEPS, each.id))
        given_up += discard(connection, first, who, now)
    return given_up


def _goes_with(other: Intent, intent: Intent) -> bool:
    """Tell whether a step is given up with another one: that one itself, and what of its session needs it."""
    if other.id == intent.id:
        return True
    needs_it = {"account": True, "record": other.step not in STEPS}.get(intent.step, False)
    return needs_it and other.state != "done"


def forget_labels(connection: Connection, session_id: int) -> None:
    """Keep of the choices of a session that has ended only their ids."""
    for intent in intents.of_session(connection, session_id):
        if intent.result.choices:
            intents.keep_result(connection, intent.id, intent.result.without_labels())


def _settle(connection: Connection, intent: Intent, now: datetime, result: StepResult) -> None:
    is_free = intent.state in FREE or intent.sent_at is not None
    if not is_free or not intents.settle(connection, intent, now, result):
        raise TransitionError("choose for", intent.state, FREE)


def _as_written(connection: Connection, intent: Intent, crm_id: Any) -> CrmId:
    """Return the id as the CRM writes it: a person's text, or a page's, may be a number there.

    Raises:
        FieldsError: It is longer than any id.
    """
    text = as_text(crm_id).strip()
    if len(text) > lenient.LONGEST_ID:
        raise FieldsError({"id": f"has {len(text)} characters; at most {lenient.LONGEST_ID} fit"})
    known_ids = [choice.id for choice in intent.result.choices]
    if (same := next((each for each in known_ids if as_text(each) == as_text(crm_id)), None)) is not None:
        return same
    example = known_ids[0] if known_ids else session_history.latest_id(connection, intent)
    is_number = isinstance(example, int | WideNumber) and text.isascii() and text.isdecimal()
    return lenient.whole(text) if is_number else text
