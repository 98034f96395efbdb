"""Registers the operations of the platform API under each of its three prefixes."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, request

from host.company import company_key
from host.config import Config
from host.web import inputs
from host.web.api import batch, calls, chats, company, credentials, field_mappings, requests, responses
from host.web.api.batch import Batches
from host.web.api.operations import Asked, Operation
from host.web.security.csrf import protect

PREFIXES = {"manager_api": "/manager/api/v1", "apps_api": "/apps/api/v1", "api": "/api/v1"}
PARTS = (calls.part, chats.part, company.part)
OPERATIONS: tuple[Operation, ...] = tuple(each for part in PARTS for each in part.operations)
DESCRIPTIONS = (*(each.description for each in OPERATIONS), batch.DESCRIPTION)
ROOT_OPERATIONS: tuple[Operation, ...] = tuple(field_mappings.part.operations)
"""Those that stand under no prefix, for the company's key and for admins."""
ROOT_DESCRIPTIONS = tuple(each.description for each in ROOT_OPERATIONS)
BATCHES = Batches.of(OPERATIONS, tuple(PREFIXES.values()))


def init_app(app: Flask, config: Config) -> None:
    """Add the platform API; it needs no CSRF protection, since each request has its credentials."""
    app.extensions[credentials.EXTENSION] = company_key(config)
    for name, prefix in PREFIXES.items():
        whole = _blueprint(name, OPERATIONS, credentials.authenticate)
        whole.add_url_rule(batch.PATH, "batch", _run_batch, methods=["POST"])
        app.register_blueprint(whole, url_prefix=prefix)
    app.register_blueprint(_blueprint("root_api", ROOT_OPERATIONS, credentials.authenticate_or_admin))


def _blueprint(name: str, operations: Sequence[Operation], authenticate: Callable[[], None]) -> Blueprint:
    made = Blueprint(name, __name__)
    protect.exempt(made)
    made.before_request(authenticate)
    made.after_request(credentials.ask)
    for operation in operations:
        endpoint = operation.name.replace(".", "_")
        made.add_url_rule(operation.rule, endpoint, _view(operation), methods=[operation.method])
    return made


def _view(operation: Operation) -> Callable[..., Response]:
    def view(**ids: int) -> Response:
        given = inputs.query().to_dict() if operation.method == "GET" else requests.body()
        key = request.headers.get(requests.HEADER)
        asked = Asked[Any](operation, credentials.api_client(), request.path, ids, given, key)
        return responses.response(operation.answer(asked))

    return view


def _run_batch() -> Response:
    request.max_content_length = batch.LARGEST_BYTES
    return responses.response(BATCHES.answer())
