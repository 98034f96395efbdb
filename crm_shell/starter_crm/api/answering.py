"""Builds the API's answers: a created object, a list, or a refusal."""

from collections.abc import Callable

from flask import Response, jsonify, request
from sqlalchemy import Connection

from crm_shell.starter_crm.api.reading import idempotency_key
from crm_shell.starter_crm.context import crm
from crm_shell.starter_crm.errors import ApiError
from crm_shell.starter_crm.store.kinds import JsonObject
from crm_shell.starter_crm.store.once import once


def created(make: Callable[[Connection], JsonObject]) -> Response:
    """Make something under the request's idempotency key and answer 201; a repeated request gets the first answer."""
    answer, repeated = once(crm().database, request.path, idempotency_key(), make)
    response = jsonify(answer)
    response.status_code = 201
    if repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def listed(items: list[JsonObject]) -> Response:
    """Answer with what was found; an empty list is an answer, too."""
    return jsonify({"items": items})


def refused(error: ApiError) -> Response:
    """Answer an error in the one JSON shape."""
    body: JsonObject = {"error": error.code, "message": str(error), "status": error.http_status}
    response = jsonify(body | ({"fields": dict(error.fields)} if error.fields else {}))
    response.status_code = error.http_status
    if error.http_status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Starter CRM", charset="UTF-8"'
    return response
