"""Decisions of people: choose among accounts or records, confirm that one exists, send again, or discard.

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
    """Return the step that a person decides about.

    Raises:
        NotFoundError: The session has no such step.
    """
    intent = intents.by_step(connection, session_id, step, occurrence)
    if intent is None:
        raise NotFoundError(f"Session {session_id} has no {step} {occurrence}".rstrip() + " step.")
    return intent


def choose(connection: Connection, intent: Intent, crm_id: CrmId, now: datetime, on_known: OnKnown) -> None:
    """Use another account or record than the one that was found; the following work goes there.

    Args:
        connection: In a write transaction.
        intent: The session's account or record step.
        crm_id: One of its choices, or another id of the CRM; it gets the type that the CRM uses.
        now: The time.
        on_known: Called afterwards.

    Raises:
        TransitionError: A runner is working on the step.
    """
    crm_id = _as_written(connection, intent, crm_id)
    _settle(connection, intent, now, intent.result.with_choice(crm_id))
    results.assign(connection, intent.session_id, intent.step, crm_id, now)
    results.note(connection, intent.session_id, f"{intent.step}_chosen", now, {"id": crm_id})
    on_known(connection, intent.session_id)


def create_new(connection: Connection, intent: Intent, now: datetime, on_known: OnKnown) -> None:
    """Create a new account or record instead of using those found; use the one that was created already.

    Raises:
        TransitionError: A runner is working on the step.
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
    """Finish a step because a person confirms that its object exists in the CRM.

    Args:
        connection: In a write transaction.
        intent: With an unknown outcome.
        crm_id: The id in the CRM; required for an account or a record.
        now: The time.
        on_known: Called afterwards.

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
    """Send a request again because a person confirms that its object does not exist in the CRM.

    Raises:
        TransitionError: There is nothing to send again.
    """
    if intent.state == "done" or not intents.resume(connection, intent, now, send_again=True):
        raise TransitionError("send again for", intent.state, ("waiting", "unknown", "failed"))
    results.note(connection, intent.session_id, "crm_decided", now, {"step": intent.step})


def discard(connection: Connection, intent: Intent, who: str, now: datetime) -> list[Intent]:
    """Discard a step, with the steps of its session that need it; the trace names the person.

    Args:
        connection: In a write transaction.
        intent: Any that is not done.
        who: `user 7`.
        now: The time.

    Returns:
        The discarded steps.

    Raises:
        TransitionError: A step is done, or a runner is working on it.
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
    """Discard all unfinished steps of a session, as `discard` does.

    Raises:
        TransitionError: A runner is working on one of them.
    """
    given_up: list[Intent] = []
    while unfinished := [each for each in intents.of_session(connection, session_id) if each.state != "done"]:
        first = min(unfinished, key=lambda each: (each.step not in STEPS, each.id))
        given_up += discard(connection, first, who, now)
    return given_up


def _goes_with(other: Intent, intent: Intent) -> bool:
    """Tell whether a step is discarded with another one: the same step, or one of its session that needs it."""
    if other.id == intent.id:
        return True
    needs_it = {"account": True, "record": other.step not in STEPS}.get(intent.step, False)
    return needs_it and other.state != "done"


def forget_labels(connection: Connection, session_id: int) -> None:
    """Delete the labels of a session's choices; keep the ids."""
    for intent in intents.of_session(connection, session_id):
        if intent.result.choices:
            intents.keep_result(connection, intent.id, intent.result.without_labels())


def _settle(connection: Connection, intent: Intent, now: datetime, result: StepResult) -> None:
    is_free = intent.state in FREE or intent.sent_at is not None
    if not is_free or not intents.settle(connection, intent, now, result):
        raise TransitionError("choose for", intent.state, FREE)


def _as_written(connection: Connection, intent: Intent, crm_id: Any) -> CrmId:
    """Return an id that came as text in the type that the CRM uses, which may be a number.

    Raises:
        FieldsError: The text is longer than any id.
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
