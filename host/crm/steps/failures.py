"""Decides what follows a failed step: retry, search, a person's decision, or giving up.

`host/crm/intents/retry_policy.py` says when.

Source: docs/reference/generic-api.md, Faults.
"""

from datetime import timedelta

from sqlalchemy import Connection

from host.crm.intents import intents, trace
from host.crm.intents.leased_intent import LeasedIntent
from host.crm.intents.retry_policy import as_json, next_poll, next_try
from host.crm.intents.step_result import StepResult
from host.crm.response import error_text
from host.crm.steps import results
from host.errors import (
    AskPersonError,
    ChooseError,
    CrmAnswerError,
    CrmError,
    CrmRejectedError,
    CrmTimeoutError,
    CrmUnavailableError,
    NotYetKnownError,
)


def keep_failure(connection: Connection, work: LeasedIntent, error: CrmError) -> None:
    """Store the error, the time of the next try, and a notice for the agent.

    Raises:
        LostLeaseError: Another runner has the intent; nothing is stored.
    """
    intent, now = work.intent, work.now
    kept = as_json(error, now)
    if error.said:
        kept["said"] = error_text.shortened(trace.mask_message(connection, intent.session_id, error.said, work.secrets))
    may_exist = may_have_done_it(work, error)
    if isinstance(error, AskPersonError):
        result = StepResult(choices=tuple(error.choices)) if isinstance(error, ChooseError) else None
        intents.wait(connection, intent, now, kept, may_exist=may_exist, result=result)
    elif (wait := next_try(now - intent.created_at, intent.tries, error) if error.retryable else None) is None:
        intents.fail(connection, intent, now, kept, may_exist=may_exist)
    elif may_exist:
        # keep the reason why the outcome became unknown
        shown = intent.error or kept if isinstance(error, NotYetKnownError) else kept
        intents.mark_unknown(connection, intent, now, now + _until_search(work, error, wait), shown)
    else:
        intents.retry(connection, intent, now, now + wait, kept)
    data = {"step": intent.step, "occurrence": intent.occurrence, "code": error.code, "endpoint": error.endpoint}
    results.note(connection, intent.session_id, "crm_waiting", now, data)


def may_have_done_it(work: LeasedIntent, error: CrmError) -> bool:
    """Tell whether the CRM may have created the object, now or in an earlier try."""
    if work.intent.state == "unknown":
        return True
    if work.intent.state != "sending":
        return False
    if isinstance(error, CrmTimeoutError | CrmUnavailableError):
        return error.sent
    return isinstance(error, CrmAnswerError) or not isinstance(error, CrmRejectedError)


def _until_search(work: LeasedIntent, error: CrmError, wait: timedelta) -> timedelta:
    """Return the time until the next search: short after a create, later as for other errors."""
    if isinstance(error, NotYetKnownError):
        return min(next_poll(work.intent.tries), max(error.until - work.now, timedelta(0)))
    return min(wait, next_poll(work.intent.tries)) if work.intent.state == "sending" else wait
