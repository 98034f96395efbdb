"""The demo set-up: users, queues, and the starter CRM as a Generic API CRM."""

from collections.abc import Mapping
from typing import Any

AGENTS = ("agent@example.com", "agent2@example.com")
DEMO_USERS: dict[str, dict[str, Any]] = {
    "admin@example.com": {"name": "Ada Admin", "roles": ["admin"]},
    "supervisor@example.com": {"name": "Sam Supervisor", "roles": ["supervisor"]},
    "agent@example.com": {"name": "James Bond", "roles": ["agent"], "agent_number": "007"},
    "agent2@example.com": {"name": "Eve Moneypenny", "roles": ["agent"], "agent_number": "008"},
}
DISPOSITIONS = ("Solved", "Follow-up")
DEMO_QUEUES = (("Developers", "James"), ("Support", "Web"), ("Sales", "Orders"))

MARKER = {"name": "external_id", "value": "{MARKER}"}
LOOK_FOR_OURS = {"method": "GET", "parameters": [MARKER], "response_location": "items"}
"""Finds a comment or attachment with an unknown outcome, at the address to which it was sent."""


def demo_document(crm_port: int, api_key: str, passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings file of the demo.

    Args:
        crm_port: The port of the starter CRM on this machine.
        api_key: The key of the starter CRM.
        passwords: E-mail to password; a user without an entry gets none.
    """
    crm = f"http://localhost:{crm_port}"
    return {
        "version": 1,
        "crm": _crm(crm, f"localhost:{crm_port}", api_key),
        "embedding": {"allowed_origins": [crm]},
        "external_storage": {"enabled": True},
        "users": [
            {"email": email, **user, **({"password": passwords[email]} if email in passwords else {})}
            for email, user in DEMO_USERS.items()
        ],
        "queues": [
            {"name": parent, "queues": [{"name": name, "agents": list(AGENTS), "dispositions": list(DISPOSITIONS)}]}
            for parent, name in DEMO_QUEUES
        ],
    }


def _crm(url: str, host: str, api_key: str) -> dict[str, Any]:
    return {
        "type": "custom",
        "name": "Starter CRM",
        "auth": {"method": "headers", "headers": [{"key": "X-Api-Key", "value": api_key}]},
        "phone_format": "e164",
        "allowed_hosts": [host],
        "page_hosts": [host],
        "allow_private_addresses": True,
        "account_lookup_url": f"{url}/accounts/{{ACCOUNT_ID}}",
        "record_lookup_url": f"{url}/records/{{RECORD_ID}}",
        "reuse_records": "never",
        "endpoints": {**_accounts(f"{url}/api/accounts"), **_records(f"{url}/api/records"), **_updates(url)},
    }


def _accounts(url: str) -> dict[str, Any]:
    return {
        "find_account_by_query": {
            "url": url,
            "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}, {"name": "email", "value": "{EMAIL}"}],
            "response_location": "items",
            "alternatives": [{"parameters": [MARKER], "marker": "external_id", "verify_match": False}],
        },
        "find_account_by_id": {"url": f"{url}/{{ACCOUNT_ID}}", "response_location": "account"},
        "create_account": {
            "url": url,
            "method": "POST",
            "parameters": [
                {"name": "name", "value": "=DEFAULT_VALUE({NAME}, =DEFAULT_VALUE({EMAIL}, {PHONE_NUMBER}))"},
                {"name": "phone", "value": "{PHONE_NUMBER}"},
                {"name": "email", "value": "{EMAIL}"},
                MARKER,
            ],
            "format": "container",
            "container": {"type": "map", "name": "account"},
            "response_location": "account",
            "marker": "external_id",
        },
    }


def _records(url: str) -> dict[str, Any]:
    return {
        "find_record_by_query": {
            "url": url,
            "parameters": [{"name": "account_id", "value": "{ACCOUNT_ID}"}, {"name": "status", "value": "open"}],
            "response_location": "items",
            "alternatives": [{"parameters": [MARKER], "marker": "external_id"}],
        },
        "find_record_by_id": {"url": f"{url}/{{RECORD_ID}}", "response_location": "record"},
        "create_record": {
            "url": url,
            "method": "POST",
            "parameters": [
                {"name": "account_id", "value": "{ACCOUNT_ID}"},
                {"name": "subject", "value": "{TICKET_SUBJECT}"},
                {"name": "description", "value": "{TICKET_DESCRIPTION}"},
                {"name": "phone", "value": "{PHONE_NUMBER}"},
                MARKER,
            ],
            "format": "container",
            "container": {"type": "map", "name": "record"},
            "response_location": "record",
            "marker": "external_id",
        },
    }


def _updates(url: str) -> dict[str, Any]:
    record = f"{url}/api/records/{{RECORD_ID}}"
    return {
        "update_record": {
            "url": record,
            "method": "PATCH",
            "parameters": [
                {"name": "account_id", "value": "{ACCOUNT_ID}"},
                {"name": "subject", "value": "{TICKET_SUBJECT}"},
                {"name": "rating", "value": "{RATING}"},
                {"name": "feedback", "value": "{FEEDBACK}"},
            ],
            "response_location": "record",
        },
        "upload_file": {
            "url": f"{record}/attachments",
            "method": "POST",
            "type": "multipart",
            "files": ["chat_transcripts", "photos", "videos", "session_metadata"],
            "file_field": "file",
            "parameters": [MARKER],
            "marker": "external_id",
            "attachment": {
                "type": "id",
                "location": "id",
                "url": f"{url}/records/{{RECORD_ID}}/attachments/{{ATTACHMENT_ID}}",
            },
            "add_comment": True,
            "alternatives": [LOOK_FOR_OURS],
        },
        "add_comment": {
            "url": f"{record}/comments",
            "method": "POST",
            "text_format": "plain",
            "parameters": [{"name": "body", "value": "{COMMENT_BODY}"}, MARKER],
            "response_location": "comment",
            "marker": "external_id",
            "alternatives": [LOOK_FOR_OURS],
        },
    }
