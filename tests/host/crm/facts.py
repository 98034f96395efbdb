"""Example facts of a session, endpoints and answers."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from requests.structures import CaseInsensitiveDict

from host.crm.http.answer import Answer
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Context, SessionFile, Variables

HOSTILE_NAME = "O'Brien \"}` {ACCOUNT_ID}"
NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
RECORDING = SessionFile("call-103646.mp3", "audio/mpeg", "call_recordings", 5, lambda: b"audio")

NOBODY = Context(session_id=103646, channel="call", now=NOW)
CALL = replace(
    NOBODY,
    session_type="Voice Inbound (IVR)",
    lookup_type="IVR_Call",
    status="finished",
    event="end",
    lang="en",
    device_type="Phone",
    disconnected_by="end_user",
    end_user_id=4711,
    identifier="test.user3",
    name="James Bond",
    email="james.bond@007",
    phone="+12223334444",
    agent_id=7,
    agent_number="007",
    agent_email="agent@example.com",
    queue_id=12,
    queue_path=("Developers", "James"),
    duration=timedelta(seconds=3723),
    hold=timedelta(seconds=5),
    wait=timedelta(0),
)


def variables(context: Context = CALL, **changes: Any) -> Variables:
    """Return values for any request except a find."""
    return Variables(replace(context, **changes))


def searching(context: Context = CALL, **changes: Any) -> Variables:
    """Return values for a find."""
    return Variables(replace(context, **changes), for_find=True)


def endpoint(url: str = "https://crm.example/api/accounts", **keys: Any) -> Endpoint:
    """Return an endpoint as the settings provide it; parameters as a mapping or as a list."""
    parameters = keys.get("parameters")
    if isinstance(parameters, dict):
        keys["parameters"] = [{"name": name, "value": value} for name, value in parameters.items()]
    return Endpoint.model_validate({"url": url, **keys})


def answer(body: Any = None, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Return an answer of the CRM; a body that isn't bytes is encoded as JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Answer(status, CaseInsensitiveDict(headers or {}), content, 1)
