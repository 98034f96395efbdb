"""`/api/crm/...`: gives shell pages and vendors' listeners access to the CRM, without its credentials.

For signed-in agents only. Every request, GET too, needs the page's CSRF token. There is no CORS.

Source: docs/reference/generic-api.md, The server-side proxy.
"""

from collections.abc import Mapping
from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from ulid import ULID
from werkzeug.datastructures import FileStorage

from host.crm.exchange.unrecorded import Unrecorded
from host.crm.proxy.proxy import CrmProxy
from host.crm.templates.variables import Context, SessionFile
from host.errors import FieldsError, NotFoundError
from host.web import inputs
from host.web.current import services
from host.web.security import csrf
from host.web.security.access import require

TEXT_MAX = 20_000
FILE_MAX_BYTES = 25 * 1024 * 1024
KEY_MAX = 128

ACCOUNT = {"name": "name", "phone": "phone", "email": "email", "cuid": "identifier"}
CHANGES = {"subject": "subject", "description": "description", "status": "status"}
RECORD = {**CHANGES, "account_id": "account_id", "name": "name", "phone": "phone", "email": "email"}
"""Key of the body to name of the fact that template variables use."""

blueprint = Blueprint("crm_proxy", __name__, url_prefix="/api/crm")
csrf.protect.exempt(blueprint)  # it checks the token itself, for GET too, and before it reads a body


@blueprint.before_request
def agents_with_a_token() -> None:
    """Let in signed-in agents whose request has the CSRF token."""
    require("agent")
    csrf.check_header()
    if request.endpoint == "crm_proxy.add_file":
        request.max_content_length = FILE_MAX_BYTES


@blueprint.get("/accounts")
def find_accounts() -> ResponseReturnValue:
    """Find accounts by phone, e-mail or CUID."""
    asked = inputs.query()
    given = {name: asked[name] for name in ("phone", "email", "cuid") if asked.get(name)}
    if not given:
        raise FieldsError({"phone": "found no phone, email or cuid in the query; give one of them at least"})
    return jsonify(items=_crm(**_facts(given, ACCOUNT)).find("find_account_by_query"))


@blueprint.get("/records")
def find_records() -> ResponseReturnValue:
    """Find the records of an account."""
    account_id = inputs.query().get("account_id")
    if not account_id:
        raise FieldsError({"account_id": "found none in the query; give the id of an account"})
    return jsonify(items=_crm(account_id=account_id).find("find_record_by_query"))


@blueprint.get("/accounts/<account_id>")
def account(account_id: str) -> ResponseReturnValue:
    """Return one account."""
    return jsonify(_one(_crm(account_id=account_id).find("find_account_by_id"), "account"))


@blueprint.get("/records/<record_id>")
def record(record_id: str) -> ResponseReturnValue:
    """Return one record."""
    return jsonify(_one(_crm(record_id=record_id).find("find_record_by_id"), "record"))


@blueprint.post("/accounts")
def create_account() -> ResponseReturnValue:
    """Create an account: `{"name", "phone", "email", "cuid"}`."""
    facts = _facts(_body(), ACCOUNT)
    return jsonify(_crm(**facts, marker=_key()).create("create_account")), 201


@blueprint.post("/records")
def create_record() -> ResponseReturnValue:
    """Create a record: `{"account_id", "subject", "description", "status", "name", "phone", "email"}`."""
    facts = _facts(_body(), RECORD)
    return jsonify(_crm(**facts, marker=_key()).create("create_record")), 201


@blueprint.patch("/records/<record_id>")
def update_record(record_id: str) -> ResponseReturnValue:
    """Change a record: `{"subject", "description", "status"}`."""
    facts = _facts(_body(), CHANGES)
    return jsonify(_crm(record_id=record_id, **facts, marker=_key()).update(record_id))


@blueprint.post("/records/<record_id>/comments")
def add_comment(record_id: str) -> ResponseReturnValue:
    """Add a comment: `{"text"}`."""
    text = _facts(_body(), {"text": "text"})["text"]
    return jsonify(_crm(record_id=record_id, marker=_key()).comment(text)), 201


@blueprint.post("/records/<record_id>/files")
def add_file(record_id: str) -> ResponseReturnValue:
    """Add a file: multipart, one part with a file name."""
    files = [each for name in request.files for each in request.files.getlist(name) if each.filename]
    if len(files) != 1:
        raise FieldsError({"file": f"found {len(files)} files; send exactly one, as multipart/form-data"})
    return jsonify(_crm(record_id=record_id, file=_file(files[0]), marker=_key()).upload()), 201


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


def _body() -> Mapping[str, Any]:
    return inputs.json_object('{"name": "James Bond"}')


def _facts(given: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts in a body, without None and empty ones.

    Raises:
        FieldsError: A key is unknown, a value has the wrong type, or there is no fact.
    """
    problems = {key: f"is not known here; known: {', '.join(known)}" for key in given if key not in known}
    facts = {known[key]: value for key, value in given.items() if key in known and value is not None and value != ""}
    for key in known:
        if problem := _problem(key, facts.get(known[key])):
            problems[key] = problem
    if not problems and not facts:
        problems = {next(iter(known)): f"found nothing; give {' or '.join(known)}"}
    if problems:
        raise FieldsError(problems)
    return facts


def _problem(key: str, value: Any) -> str | None:
    """Return the problem with a value, or None; ids may be numbers."""
    if value is None or (key == "account_id" and isinstance(value, int) and not isinstance(value, bool)):
        return None
    if not isinstance(value, str):
        return f"found {type(value).__name__}; right is text"
    return f"found {len(value)} characters; at most {TEXT_MAX}" if len(value) > TEXT_MAX else None


def _key() -> str:
    """Return the idempotency key for the CRM: the page's own, or a new one."""
    given = request.headers.get("Idempotency-Key", "")
    if len(given) > KEY_MAX or not given.isascii() or not given.isprintable():
        raise FieldsError({"Idempotency-Key": f"found something else than up to {KEY_MAX} visible ASCII characters"})
    return given or str(ULID())


def _file(given: FileStorage) -> SessionFile:
    name = PurePosixPath((given.filename or "").replace("\\", "/")).name or "file"
    content = given.read()
    given.close()
    kind = guess_type(name)[0] or "application/octet-stream"
    return SessionFile(name, kind, "", len(content), lambda: content)
