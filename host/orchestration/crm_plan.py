"""Decides which steps and jobs a session makes due, and what pops: pure functions without a database.

Source: docs/reference/generic-api.md, Flows.
"""

from collections.abc import Mapping
from typing import Literal

from host.crm.intents.intents import Intent
from host.crm.settings.crm import CrmSettings
from host.sessions.model import CrmId

Step = Literal["account", "record"]
EventStep = Literal["comment", "update"]
Reason = Literal["record", "account", "open_custom_url"]

STILL_OPEN = ("due", "sending", "unknown")


def on_created(crm: CrmSettings) -> list[Step]:
    """Return the steps of a new session: none without a CRM, no record without record endpoints."""
    if crm.type != "custom" or not _has_accounts(crm):
        return []
    return ["account", "record"] if _has_records(crm) else ["account"]


def on_event(crm: CrmSettings, event: str) -> list[EventStep]:
    """Return the steps of an event: a comment, an update, both or none."""
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
    """Tell whether files of this kind are uploaded to the CRM."""
    endpoint = crm.endpoints.upload_file
    return crm.type == "custom" and endpoint is not None and kind in endpoint.files and _has_records(crm)


def takes_links(crm: CrmSettings) -> bool:
    """Tell whether links to files that are stored elsewhere are written into comments."""
    return crm.type == "custom" and crm.endpoints.add_comment is not None and _has_records(crm)


def pop_reason(
    crm: CrmSettings, account_id: CrmId | None, record_id: CrmId | None, steps: Mapping[str, Intent]
) -> Reason | None:
    """Decide what pops: the record, or the account where there are no records; None while that is not settled.

    Args:
        crm: Holds the lookup URLs.
        account_id: Of the session.
        record_id: Of the session.
        steps: The session's steps `account` and `record`.
    """
    if account_id is None and has_custom_url(steps):
        return None if _is_open(steps, "record") else "open_custom_url"
    if record_id is not None and crm.record_lookup_url:
        return "record"
    without_record = "record" not in steps or steps["record"].state == "done"
    if account_id is not None and crm.account_lookup_url and without_record:
        return "account"
    return None


def has_custom_url(steps: Mapping[str, Intent]) -> bool:
    """Tell whether no account was found, and the queue has an open custom URL."""
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
