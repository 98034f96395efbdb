"""Sends write requests: records them before sending, and adds the version for `if_match`.

Source: docs/reference/generic-api.md, Create-once; docs/reference/generic-api.md, Steps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from host.crm.exchange import if_match
from host.crm.exchange.create_once import READ_METHODS
from host.crm.exchange.custom_fields import with_custom_fields
from host.crm.exchange.intent_client import IntentClient
from host.crm.exchange.saved_values import with_whole_urls
from host.crm.http.answer import Answer
from host.crm.request.build import render
from host.crm.request.request import NotSent, Rendering, Request
from host.crm.response import hits
from host.crm.response.classify import Meaning, Outcome, classify
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Context, Variables
from host.errors import CrmRejectedError
from host.sessions.model import CrmId

CONFLICT = 409


@dataclass(frozen=True)
class Written:
    """An accepted write."""

    request: Request
    answer: Answer
    reason: str
    """`answered 409: exists already`."""
    is_duplicate: bool = False
    """Whether the object existed already, so that nothing was done."""
    saved: Mapping[str, Any] = field(default_factory=dict)
    """The values that the endpoint saved from the answer; empty for a duplicate."""

    def attachment(self) -> CrmId | None:
        """Return an uploaded file's id or absolute download URL, by the attachment type; None when there is none.

        Raises:
            CrmAnswerError: The body is not JSON.
        """
        endpoint = self.request.endpoint
        found = (hits.duplicate_id if self.is_duplicate else hits.attachment)(endpoint, self.answer)
        if endpoint.attachment and endpoint.attachment.type == "url" and isinstance(found, str):
            return urljoin(self.request.url, found)
        return found


def write_to(
    client: IntentClient, name: str, endpoint: Endpoint, context: Context, seen_ids: Sequence[CrmId] | None = None
) -> Written:
    """Send an endpoint's own request, as `write`.

    Args:
        client: Of the intent.
        name: `create_account`.
        endpoint: Its settings.
        context: The facts for its variables.
        seen_ids: As in `write`.

    Raises:
        CrmError: As in `write`.
    """
    variables = client.variables(name, context)
    rendering = with_custom_fields(client, name, render(endpoint, variables), context)
    return write(client, name, rendering, variables, seen_ids)


def write(
    client: IntentClient,
    name: str,
    rendering: Rendering,
    variables: Variables,
    seen_ids: Sequence[CrmId] | None = None,
) -> Written:
    """Send a write request after recording it; once more with the new version after 412.

    Args:
        client: Of the intent.
        name: `create_account`, for trace and errors.
        rendering: The request.
        variables: Its values; for conditions, and for reading the version.
        seen_ids: The ids that the CRM had before; None when no search was possible.

    Raises:
        CrmError: The request could not be sent, was refused, or failed.
    """
    if isinstance(rendering, NotSent):
        raise CrmRejectedError(name, f"cannot be sent: {rendering.reason}")
    may_be_there = client.work.intent.state == "unknown"
    request, answer = _send(client, name, rendering, variables, seen_ids)
    if answer.status == if_match.PRECONDITION_FAILED and request.endpoint.if_match:
        client.trace(name, request, answer, None, "changed by somebody else meanwhile: read again, sent once more")
        request, answer = _send(client, name, rendering, variables, seen_ids)
    outcome = classify(request.endpoint, answer, values=variables, now=client.work.now)
    if outcome.meaning is Meaning.REJECTED and may_be_there and _is_conflict(name, answer):
        outcome = Outcome(Meaning.DUPLICATE, f"{outcome.reason}: an earlier try has done it")
    if outcome.meaning is Meaning.DUPLICATE:
        client.work.clear_sent()
        return Written(request, answer, outcome.reason, is_duplicate=True)
    if outcome.meaning is not Meaning.OK:
        raise client.refusal(name, request, answer, outcome)
    with client.reading_answer(name, request, answer):
        saved = hits.saved(request.endpoint, answer, name=name)
    return Written(request, answer, outcome.reason, saved=with_whole_urls(saved, request.endpoint, request.url))


def _send(
    client: IntentClient, name: str, request: Request, variables: Variables, seen_ids: Sequence[CrmId] | None
) -> tuple[Request, Answer]:
    request = _with_version(client, name, request, variables)
    if request.method not in READ_METHODS:
        client.work.before_send(seen_ids)
    return request, client.send(name, request)


def _is_conflict(name: str, answer: Answer) -> bool:
    """Tell whether a 409 means that the object exists; a conflicting update has changed nothing."""
    return answer.status == CONFLICT and not name.startswith("update_record")


def _with_version(client: IntentClient, name: str, request: Request, variables: Variables) -> Request:
    """Read the current version, and add it to the request."""
    reading = if_match.version_request(request.endpoint, variables)
    if reading is None:
        return request
    if isinstance(reading, NotSent):
        raise CrmRejectedError(name, f"its version cannot be read: {reading.reason}")
    answer = client.send(name, reading)
    outcome = classify(reading.endpoint, answer, now=client.work.now)
    if outcome.meaning is not Meaning.OK:
        raise client.refusal(name, reading, answer, outcome)
    version = if_match.version_of(request.endpoint, answer, name=name)
    client.trace(name, reading, answer, version, "read the version" if version is not None else "found no version")
    return if_match.with_version(request, version)
