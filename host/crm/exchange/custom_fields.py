"""Adds the fields that the session's custom data is mapped to, to a request that creates or updates.

Source: docs/reference/field-mapping.md, Where the fields go.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from host import hosts
from host.crm.exchange.intent_client import IntentClient
from host.crm.http.answer import Answer
from host.crm.request.custom_fields import CustomFields, ReadJson, is_about, with_fields
from host.crm.request.request import NotSent, Rendering, Request
from host.crm.response import json_path
from host.crm.response.classify import Meaning, classify
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.variables import Context
from host.errors import CrmAnswerError
from host.sessions.reserved import is_reserved

TARGETS: Mapping[str, str] = {"create_account": "account", "create_record": "record", "update_record": "record"}

_PLAIN = Endpoint(url="https://fields.invalid/", idempotency_header="")


def with_custom_fields(client: IntentClient, name: str, rendering: Rendering, context: Context) -> Rendering:
    """Return a request with the fields for its account or record; others, such as comments, stay as they are.

    Args:
        client: Of the intent; its trace says what was left out.
        name: `create_record`, or `create_record, step 2`, which only gets fields of objects that it is about.
        rendering: The request.
        context: With the custom data.

    Raises:
        CrmError: The CRM has to be asked for its fields, and can't be now.
    """
    endpoint = name.partition(",")[0]
    entries = {key: entry for key, entry in context.custom_data.items() if not is_reserved(key)}
    if isinstance(rendering, NotSent) or endpoint not in TARGETS or not entries:
        return rendering
    target = TARGETS[endpoint] if name == endpoint else None
    request = rendering
    for fields in client.custom_fields(target, entries, rendering.url, _reader(client, name, rendering)):
        request = _added(client, name, request, fields)
    return request


def _added(client: IntentClient, name: str, request: Request, fields: CustomFields) -> Request:
    if fields.only_for and not is_about(request, fields.only_for):
        return request
    for note in fields.notes:
        client.work.trace_decision(name, note)
    if not fields.content:
        return request
    made = with_fields(request, fields)
    if made is None:
        client.work.trace_decision(name, "the mapped fields are left out: the request has no body that can hold them")
    return made or request


def _reader(client: IntentClient, name: str, request: Request) -> ReadJson:
    """Return a function that reads from the request's host, with its headers."""
    unfit = {request.endpoint.idempotency_header.lower(), "if-match", "content-type"}
    headers = {key: value for key, value in request.headers.items() if key.lower() not in unfit}

    def read(path: str) -> Any:
        url = urljoin(request.url, path)
        if hosts.origin_of(url) != hosts.origin_of(request.url):
            raise CrmAnswerError(name, "the next page of its list of fields is on another host")
        endpoint = _PLAIN.model_copy(update={"url": url, "timeout_s": request.endpoint.timeout_s})
        asking = Request(endpoint=endpoint, method="GET", url=url, headers=headers)
        answer = client.send(name, asking)
        return _read(client, name, asking, answer)

    return read


def _read(client: IntentClient, name: str, request: Request, answer: Answer) -> Any:
    outcome = classify(request.endpoint, answer, now=client.work.now)
    if outcome.meaning is not Meaning.OK:
        raise client.refusal(name, request, answer, outcome)
    with client.reading_answer(name, request, answer):
        found = json_path.located(name, answer, "")
    client.trace(name, request, answer, None, "read the list of fields")
    return found
