"""`/api/crm/...`: gives shell pages and vendors' listeners access to the CRM, without its credentials.

For signed-in agents only. Every request, GET too, needs the page's CSRF token. There is no CORS.

Source: docs/reference/generic-api.md, The server-side proxy.
"""

from collections.abc import Callable
from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from ulid import ULID
from werkzeug.datastructures import FileStorage

from host.crm.exchange.unrecorded import Unrecorded
from host.crm.proxy.proxy import CrmProxy
from host.crm.templates.variables import Context, SessionFile
from host.errors import FieldsError, NotFoundError
from host.web import inputs
from host.web.api import requests
from host.web.crm_api.models import (
    AccountBody,
    AccountQuery,
    ChangesBody,
    CommentBody,
    ItemAnswer,
    ItemsAnswer,
    RawQuery,
    RecordBody,
    RecordQuery,
)
from host.web.current import services
from host.web.descriptions import PLACEHOLDER, Description, words_of
from host.web.security import csrf
from host.web.security.access import require

PREFIX = "/api/crm"
FILE_MAX_BYTES = 25 * 1024 * 1024
KEY_MAX = 128
EXAMPLE = '{"name": "James Bond"}'
ERRORS = (400, 401, 403, 404, 422, 429, 502, 504)
"""Each answers them; one that takes something, 413 as well."""

DESCRIBED: list[Description] = []
"""All routes, for `/openapi.json`."""

Taken = TypeVar("Taken", bound=BaseModel)
Rest = ParamSpec("Rest")

blueprint = Blueprint("crm_proxy", __name__, url_prefix=PREFIX)
csrf.protect.exempt(blueprint)  # it checks the token itself, for GET too, and before it reads a body


@blueprint.before_request
def agents_with_a_token() -> None:
    """Let in signed-in agents whose request has the CSRF token."""
    require("agent")
    csrf.check_header()
    if request.endpoint == "crm_proxy.add_file":
        request.max_content_length = FILE_MAX_BYTES


def _route(
    method: str, path: str, takes: type[Taken], answers: Any, *, takes_file: bool = False
) -> Callable[[Callable[Concatenate[Taken, Rest], Any]], Callable[Concatenate[Taken, Rest], Any]]:
    """Add a route that checks what it takes, the body or the query of a GET, and hands it to the view."""
    reads, status = method == "GET", 201 if method == "POST" else 200

    def add(view: Callable[Concatenate[Taken, Rest], Any]) -> Callable[Concatenate[Taken, Rest], Any]:
        def run(*args: Rest.args, **ids: Rest.kwargs) -> ResponseReturnValue:
            given = inputs.query().to_dict() if reads or takes_file else inputs.json_object(EXAMPLE)
            return jsonify(view(requests.read(takes, given), *args, **ids)), status

        described = Description(
            method=method,
            path=path,
            name=f"crm.{view.__name__}",
            words=words_of(view),
            answers=answers,
            statuses=(status,),
            errors=ERRORS if reads else sorted((*ERRORS, 413)),
            query=takes if reads or takes_file else RawQuery,
            body=None if reads or takes_file else takes,
            body_is_required=True,
            takes_file=takes_file,
            longest_key=None if reads else KEY_MAX,
        )
        DESCRIBED.append(described)
        blueprint.add_url_rule(PLACEHOLDER.sub(r"<\1>", path), view.__name__, run, methods=[method])
        return view

    return add


@_route("GET", "/accounts", AccountQuery, ItemsAnswer)
def find_accounts(query: AccountQuery) -> dict[str, Any]:
    """Find accounts by phone, e-mail or CUID."""
    facts = query.facts()
    if not facts:
        raise FieldsError({"phone": "found no phone, email or cuid in the query; give one of them at least"})
    return {"items": _crm(**facts).find("find_account_by_query")}


@_route("GET", "/records", RecordQuery, ItemsAnswer)
def find_records(query: RecordQuery) -> dict[str, Any]:
    """Find the records of an account."""
    if not query.account_id:
        raise FieldsError({"account_id": "found none in the query; give the id of an account"})
    return {"items": _crm(account_id=query.account_id).find("find_record_by_query")}


@_route("GET", "/accounts/{account_id}", RawQuery, ItemAnswer)
def account(_query: RawQuery, account_id: str) -> dict[str, Any]:
    """Return one account."""
    return _one(_crm(account_id=account_id).find("find_account_by_id"), "account")


@_route("GET", "/records/{record_id}", RawQuery, ItemAnswer)
def record(_query: RawQuery, record_id: str) -> dict[str, Any]:
    """Return one record."""
    return _one(_crm(record_id=record_id).find("find_record_by_id"), "record")


@_route("POST", "/accounts", AccountBody, ItemAnswer)
def create_account(body: AccountBody) -> dict[str, Any]:
    """Create an account."""
    return _crm(**body.facts(), marker=_key()).create("create_account")


@_route("POST", "/records", RecordBody, ItemAnswer)
def create_record(body: RecordBody) -> dict[str, Any]:
    """Create a record."""
    return _crm(**body.facts(), marker=_key()).create("create_record")


@_route("PATCH", "/records/{record_id}", ChangesBody, ItemAnswer)
def update_record(body: ChangesBody, record_id: str) -> dict[str, Any]:
    """Change a record."""
    return _crm(record_id=record_id, **body.facts(), marker=_key()).update(record_id)


@_route("POST", "/records/{record_id}/comments", CommentBody, ItemAnswer)
def add_comment(body: CommentBody, record_id: str) -> dict[str, Any]:
    """Add a comment to a record."""
    text = body.facts()["text"]
    return _crm(record_id=record_id, marker=_key()).comment(text)


@_route("POST", "/records/{record_id}/files", RawQuery, ItemAnswer, takes_file=True)
def add_file(_query: RawQuery, record_id: str) -> dict[str, Any]:
    """Add a file to a record: multipart, one part with a file name."""
    return _crm(record_id=record_id, file=_file(inputs.file()), marker=_key()).upload()


def _crm(**facts: Any) -> CrmProxy:
    """Return the CRM for this request, with facts about the agent."""
    user, host = require("agent"), services()
    settings = host.settings.current()
    context = Context(
        session_id=0,
        channel="chat",
        now=host.clock.now(),
        agent_id=user.id,
        agent_number=user.agent_number or "",
        agent_email=user.email,
        product_name=settings.product_name,
        subject_template=settings.crm.subject_template,
        description_template=settings.crm.description_template,
        **facts,
    )
    work = Unrecorded.begin(host.database, host.clock, context.marker)
    client = host.clients.of(settings.crm)
    return CrmProxy(settings.crm, client, context, work, raw=inputs.query().get("raw") == "1")


def _one(found: list[dict[str, Any]], what: str) -> dict[str, Any]:
    if not found:
        raise NotFoundError(f"The CRM has no such {what}.")
    return found[0]


def _key() -> str:
    """Return the idempotency key for the CRM: the page's own, or a new one."""
    given = request.headers.get(requests.HEADER)
    return str(ULID()) if given is None else requests.check_key(given, longest=KEY_MAX)


def _file(given: FileStorage) -> SessionFile:
    name = PurePosixPath((given.filename or "").replace("\\", "/")).name or "file"
    content = given.read()
    given.close()
    kind = guess_type(name)[0] or "application/octet-stream"
    return SessionFile(name, kind, "", len(content), lambda: content)
