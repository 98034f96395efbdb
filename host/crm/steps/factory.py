"""Creates a step that is ready to run, with the session's facts from the database.

Source: docs/reference/generic-api.md, Flows.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from host.crm.exchange.exchange import Exchange
from host.crm.intents import intents, step_input
from host.crm.intents.intents import Intent
from host.crm.intents.step_input import LookUp
from host.crm.intents.step_result import StepResult
from host.crm.session_facts import context as contexts
from host.crm.session_facts import crm_identity
from host.crm.steps import results
from host.crm.steps.accounts import CrmAccounts
from host.crm.steps.find_or_create import FindOrCreateStep
from host.crm.steps.record_event import RecordEventStep
from host.crm.steps.records import CrmRecords
from host.crm.templates.variables import Context
from host.errors import CrmError
from host.queues import tree

Texts = Callable[[], Mapping[str, str]]
EVENT_STEPS = ("comment", "update", "upload")
Step = FindOrCreateStep | RecordEventStep


def open_step(connection: Connection, exchange: Exchange, texts: Mapping[str, str], files: Path) -> Step:
    """Create the step of an intent.

    Args:
        connection: In any transaction.
        exchange: Of the intent.
        texts: `{"product_name": ...}`.
        files: The base folder of upload paths.

    Raises:
        CrmError: The kind of step is unknown.
    """
    work = exchange.work
    snapshot = step_input.snapshot_in(work.intent.input)
    templates = {name: getattr(exchange.settings, name) for name in ("subject_template", "description_template")}
    facts = {**texts, **templates}
    crm = crm_identity.current(connection, exchange.settings)
    context = contexts.load(connection, work.intent.session_id, now=work.now, crm=crm, texts=facts, snapshot=snapshot)
    context = replace(
        context,
        marker=work.intent.marker,
        event=context.event or "start",
        saved=_saved(connection, work.intent.session_id),
    )
    if work.intent.step == "account":
        return _account(connection, exchange, context)
    if work.intent.step == "record":
        return _record(connection, exchange, context)
    if work.intent.step in EVENT_STEPS:
        return RecordEventStep.open(connection, exchange.client, context, files)
    raise CrmError(work.intent.step, "is not a step that can be done")


def temporary_account_id(session_id: int) -> str:
    """Return the temporary account id of a record whose account is not known yet."""
    return f"tmp-{session_id}"


def _account(connection: Connection, exchange: Exchange, context: Context) -> FindOrCreateStep:
    if context.account_id is None:
        context = replace(context, account_id=results.account_of_end_user(connection, context.session_id))
    has_custom_url = _has_custom_url(connection, context)
    creates = not (has_custom_url or exchange.settings.skip_account_creation)
    accounts = CrmAccounts(exchange, context, creates, _is_new_wanted(exchange.work.intent))
    result = StepResult(open_custom_url=True) if has_custom_url else StepResult()
    return FindOrCreateStep(exchange, context, "create_account", accounts, result)


def _record(connection: Connection, exchange: Exchange, context: Context) -> FindOrCreateStep:
    has_account = context.account_id is not None
    done = intents.by_step(connection, context.session_id, "account")
    needs_account = not has_account and done is not None and done.result.open_custom_url
    if needs_account:
        context = replace(context, account_id=temporary_account_id(context.session_id))
    records = CrmRecords(exchange, context, has_account, _is_new_wanted(exchange.work.intent))
    result = StepResult(account_id=context.account_id)
    return FindOrCreateStep(exchange, context, "create_record", records, result, needs_account)


def _saved(connection: Connection, session_id: int) -> dict[str, object]:
    """Return the values that the session's account and record steps saved."""
    found: dict[str, object] = {}
    for step in ("account", "record"):
        intent = intents.by_step(connection, session_id, step)
        found |= intent.result.saved if intent else {}
    return found


def _is_new_wanted(intent: Intent) -> bool:
    """Tell whether a person wants a new account or record."""
    return isinstance(intent.input, LookUp) and intent.input.create_new


def _has_custom_url(connection: Connection, context: Context) -> bool:
    queue = tree.by_id(connection, context.queue_id) if context.queue_id is not None else None
    return bool(queue and queue.settings.open_custom_url)
