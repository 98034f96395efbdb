"""Settings for the faulty CRM, with short time-outs."""

from typing import Any

from host.crm.settings.crm import CrmSettings, Endpoints
from host.crm.settings.endpoint import Endpoint
from tests.host.crm.faulty_crm import FaultyCrm

TIMEOUT_S = 0.8
PATIENT_S = 10
"""Long enough for the CRM to answer, even on a busy machine."""


def crm_settings(
    crm: FaultyCrm,
    *,
    marker: bool = True,
    endpoints: dict[str, Any] | None = None,
    timeout_s: float = TIMEOUT_S,
    **changes: Any,
) -> CrmSettings:
    """Return settings with accounts and records, which are searched for by marker or by difference.

    Args:
        crm: The CRM.
        marker: Whether a created object can be searched for by its marker.
        endpoints: Replace or extend the endpoints.
        timeout_s: `PATIENT_S` unless the test needs a time-out.
        changes: Keys of `crm`.
    """
    tail: dict[str, Any] = {"marker": "external_id"} if marker else {}
    by_marker = (
        {"alternatives": [{"parameters": [{"name": "external_id", "value": "{MARKER}"}], **tail}]} if marker else {}
    )
    phone_and_email = [{"name": "phone", "value": "{PHONE_NUMBER}"}, {"name": "email", "value": "{EMAIL}"}]
    known: dict[str, Any] = {
        "find_account_by_query": {
            "url": f"{crm.url}/accounts",
            "parameters": phone_and_email,
            "response_location": "items",
            **by_marker,
        },
        "find_account_by_id": {"url": f"{crm.url}/accounts/{{ACCOUNT_ID}}"},
        "create_account": {
            "url": f"{crm.url}/accounts",
            "parameters": [{"name": "name", "value": "=DEFAULT_VALUE({NAME}, {PHONE_NUMBER})"}, *phone_and_email],
            **tail,
        },
        "find_record_by_query": {
            "url": f"{crm.url}/records",
            "parameters": [{"name": "account_id", "value": "{ACCOUNT_ID}"}],
            "response_location": "items",
            **by_marker,
        },
        "find_record_by_id": {"url": f"{crm.url}/records/{{RECORD_ID}}"},
        "create_record": {
            "url": f"{crm.url}/records",
            "parameters": [
                {"name": "account_id", "value": "{ACCOUNT_ID}"},
                {"name": "subject", "value": "{TICKET_SUBJECT}"},
            ],
            **tail,
        },
    }
    section = {
        "type": "custom",
        "auth": {"method": "headers", "headers": [{"key": "X-Api-Key", "value": "s3cret"}]},
        "allowed_hosts": [crm.host],
        "allow_private_addresses": True,
        "account_lookup_url": f"{crm.url}/pages/accounts/{{ACCOUNT_ID}}",
        "record_lookup_url": f"{crm.url}/pages/records/{{RECORD_ID}}",
        "settle_s": 0,
        **changes,
        "endpoints": {name: value for name, value in (known | (endpoints or {})).items() if value is not None},
    }
    return _with_timeout(CrmSettings.model_validate(section), timeout_s)


def updating(crm: FaultyCrm, *, marker: bool = True, **changes: Any) -> CrmSettings:
    """Return settings with comments, updates and uploads as well.

    Args:
        crm: The CRM.
        marker: Whether comments and uploads can be searched for.
        changes: Keys of `crm`; those of `endpoints` are added.
    """
    tail: dict[str, Any] = {"marker": "external_id"} if marker else {}
    look = {"method": "GET", "parameters": [], "response_location": "items", "marker": "external_id"}
    ways = {"alternatives": [look]} if marker else {}
    endpoints = {
        "add_comment": {
            "url": f"{crm.url}/comments",
            "parameters": [{"name": "body", "value": "{COMMENT_BODY}"}, {"name": "record", "value": "{RECORD_ID}"}],
            **tail,
            **ways,
        },
        "update_record": {
            "url": f"{crm.url}/records/{{RECORD_ID}}",
            "method": "PATCH",
            "parameters": [
                {"name": "account_id", "value": "{ACCOUNT_ID}"},
                {"name": "event", "value": "{EVENT}"},
                {"name": "status", "value": "{STATUS}"},
                {"name": "agent", "value": "{AGENT_EMAIL}"},
            ],
        },
        "upload_file": {
            "url": f"{crm.url}/files",
            "type": "base64",
            "files": ["photos"],
            "parameters": [{"name": "name", "value": "{FILE_NAME}"}, {"name": "data", "value": "{FILE_DATA}"}],
            "attachment": {"type": "id", "location": "id", "url": f"{crm.url}/r/{{RECORD_ID}}/a/{{ATTACHMENT_ID}}"},
            "add_comment": True,
            **tail,
            **ways,
        },
        **changes.pop("endpoints", {}),
    }
    return crm_settings(crm, marker=marker, endpoints=endpoints, **changes)


def _with_timeout(settings: CrmSettings, timeout_s: float) -> CrmSettings:
    """Shorten all time-outs below the minimum of the settings."""
    quick: dict[str, Any] = {}
    for name in Endpoints.model_fields:
        endpoint: Endpoint | None = getattr(settings.endpoints, name)
        quick[name] = endpoint.model_copy(update={"timeout_s": timeout_s}) if endpoint else None
        if endpoint:
            others = tuple(each.model_copy(update={"timeout_s": timeout_s}) for each in endpoint.alternatives)
            steps = tuple(each.model_copy(update={"timeout_s": timeout_s}) for each in endpoint.steps)
            changes = {"timeout_s": timeout_s, "alternatives": others, "steps": steps}
            quick[name] = endpoint.model_copy(update=changes)
    return settings.model_copy(update={"endpoints": Endpoints.model_construct(**quick)})
