"""Conditional writes (`if_match`): reads the version first and sends it, so that no other change is overwritten.

Source: docs/reference/generic-api.md, Steps.
"""

from dataclasses import replace
from typing import Any

from host.crm.http.answer import Answer
from host.crm.request.build import render
from host.crm.request.request import JsonBody, Rendering, Request
from host.crm.response import json_path
from host.crm.settings.endpoint import Endpoint
from host.crm.templates.quoting import as_text
from host.crm.templates.variables import Variables

PRECONDITION_FAILED = 412
AT_ETAG = "@etag"


def version_request(endpoint: Endpoint, variables: Variables) -> Rendering | None:
    """Return the request that reads the version; None when the endpoint has no `if_match`."""
    if endpoint.if_match is None:
        return None
    plain = Endpoint(
        url=endpoint.if_match.url,
        headers=endpoint.headers,
        phone_format=endpoint.phone_format,
        idempotency_header="",
    ).model_copy(update={"timeout_s": endpoint.timeout_s})
    return render(plain, variables)


def version_of(endpoint: Endpoint, answer: Answer, *, name: str = "if_match") -> Any:
    """Return the version in the answer; None when there is none.

    Raises:
        CrmAnswerError: The body is needed and is not JSON.
    """
    return None if endpoint.if_match is None else json_path.located(name, answer, endpoint.if_match.location)


def with_version(request: Request, version: Any) -> Request:
    """Return the request with the version, as a header or in the body."""
    if_match = request.endpoint.if_match
    if if_match is None or version is None:
        return request
    if if_match.send == "header":
        return replace(request, headers={**request.headers, "If-Match": as_text(version)})
    if isinstance(request.body, JsonBody) and isinstance(request.body.value, dict):
        return replace(request, body=JsonBody({**request.body.value, AT_ETAG: version}))
    return request
