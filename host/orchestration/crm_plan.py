"""What is due when, as values: pure decisions about the work that a session makes.

Source: docs/reference/generic-api.md, Flows.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from host.crm.intents.intents import Intent
from host.crm.settings.crm import CrmSettings
from host.jobs.job_rows import Job
from host.sessions.model import CrmId

Step = Literal["account", "record"]
EventStep = Literal["comment", "update"]
Reason = Literal["record", "account", "open_custom_url"]

AFTER_SESSION = timedelta(minutes=15)
"""Unless the settings say otherwise."""

STILL_OPEN = ("due", "sending", "unknown")


def on_created(crm: CrmSettings) -> list[Step]:
    """Return the steps that a new session makes due: none without a CRM, no record without its endpoints."""
    if crm.type != "custom" or not _has_accounts(crm):
        return []
    return ["account", "record"] if _has_records(crm) else ["account"]


def on_event(crm: CrmSettings, event: str) -> list[EventStep]:
    """Return what an event makes due: a comment, an update, both or nothing."""
    if crm.type != "custom" or not _has_records(crm):
        return []
    comments = crm.endpoints.add_comment is not None and event in crm.comment_on
    updates = may_update(crm) and event in crm.update_on
    steps: list[EventStep] = ["comment"] if comments else []
    return [*steps, "update"] if updates else steps


def may_update(crm: CrmSettings) -> bool:
    """Tell whether records can be updated at all."""
    return crm.type == "custom" and crm.endpoints.update_record is not None and _has_records(crm)


def takes_files(crm: CrmSettings, kind: str) -> bool:
    """Tell whether files of this kind go to the CRM."""
    endpoint = crm.endpoints.upload_file
    return crm.type == "custom" and endpoint is not None and kind in endpoint.files and _has_records(crm)


def after_session(session_id: int, ended_at: datetime, delay: timedelta) -> list[Job]:
    """Plan what happens once a session has ended.

    Args:
        session_id: 103646.
        ended_at: Aware, in UTC.
        delay: From then on.
    """
    return [Job("after_session", session_id, ended_at + delay)]


def pop_reason(
    crm: CrmSettings, account_id: CrmId | None, record_id: CrmId | None, steps: Mapping[str, Intent]
) -> Reason | None:
    """Decide what pops: the record; the account where there are no records; nothing before that is settled.

    Args:
        crm: Which lookup URLs there are.
        account_id: The session's.
        record_id: The session's.
        steps: The session's account and record step.
    """
    if account_id is None and _has_custom_url(steps):
        return None if _is_open(steps, "record") else "open_custom_url"
    if record_id is not None and crm.record_lookup_url:
        return "record"
    without_record = "record" not in steps or steps["record"].state == "done"
    if account_id is not None and crm.account_lookup_url and without_record:
        return "account"
    return None


def _has_custom_url(steps: Mapping[str, Intent]) -> bool:
    """Tell whether nobody was found in a queue with a page for that."""
    account = steps.get("account")
    if account is None or account.state != "done":
        return False
    return account.result.open_custom_url and account.result.id is None


def _is_open(steps: Mapping[str, Intent], step: str) -> bool:
    return step in steps and steps[step].state in STILL_OPEN


def _has_accounts(crm: CrmSettings) -> bool:
    endpoints = crm.endpoints
    return any((endpoints.find_account_by_query, endpoints.find_account_by_id, endpoints.create_account))


def _has_records(crm: CrmSettings) -> bool:
    endpoints = crm.endpoints
    return any((endpoints.find_record_by_query, endpoints.find_record_by_id, endpoints.create_record))
