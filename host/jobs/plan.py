"""What is due when, as values: pure decisions about the work that a session makes.

Source: 30-generic-api, Flows.
"""

from collections.abc import Mapping
from typing import Literal

from host.crm.model import CrmSettings
from host.sessions.model import CRM_ID

Step = Literal["account", "record"]


def on_created(crm: CrmSettings) -> list[Step]:
    """Return the steps that a new session makes due: none without a CRM, no record without its endpoints."""
    if crm.type != "custom" or not _has_accounts(crm):
        return []
    return ["account", "record"] if _has_records(crm) else ["account"]


def pop_reason(
    crm: CrmSettings, account_id: CRM_ID | None, record_id: CRM_ID | None, states: Mapping[str, str]
) -> Literal["record", "account"] | None:
    """Decide what pops: the record; the account where there are no records; nothing before that is settled.

    Args:
        states: Of the session's steps in the CRM: `{"record": "done"}`.
    """
    if record_id is not None and crm.record_lookup_url:
        return "record"
    without_record = "record" not in states or states["record"] == "done"
    if account_id is not None and crm.account_lookup_url and without_record:
        return "account"
    return None


def _has_accounts(crm: CrmSettings) -> bool:
    endpoints = crm.endpoints
    return any((endpoints.find_account_by_query, endpoints.find_account_by_id, endpoints.create_account))


def _has_records(crm: CrmSettings) -> bool:
    endpoints = crm.endpoints
    return any((endpoints.find_record_by_query, endpoints.find_record_by_id, endpoints.create_record))
