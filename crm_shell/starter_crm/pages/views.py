"""The routes of the pages: accounts, an account, a record, and their forms."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from crm_shell.starter_crm import auth
from crm_shell.starter_crm.context import crm
from crm_shell.starter_crm.errors import FieldsError
from crm_shell.starter_crm.pages import forms
from crm_shell.starter_crm.store import entries, files, search
from crm_shell.starter_crm.store.kinds import ACCOUNT, ATTACHMENT, COMMENT, RECORD, JsonObject, Kind, check
from crm_shell.starter_crm.store.once import once

views = Blueprint("pages", __name__)
PAGE_SIZE = 50
LAST_PAGE = 100_000
SHOWN_FIELDS = {kind.name: {"id", "record_id", *kind.fields, "created_at", "updated_at"} for kind in (ACCOUNT, RECORD)}
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@views.before_request
def require_key_unless_local() -> None:
    """On this machine's own address the pages are open; elsewhere they ask for the API key."""
    if crm().is_public:
        auth.require_key()


@views.get("/")
def accounts() -> str:
    """List accounts, those that hold the search text."""
    text = request.args.get("q", "").strip()
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    with crm().database.read() as connection:
        found = search.accounts_like(connection, text, limit=PAGE_SIZE + 1, skip=(number - 1) * PAGE_SIZE)
    page = {"text": text, "number": number, "accounts": found[:PAGE_SIZE], "has_more": len(found) > PAGE_SIZE}
    return render_template("starter_crm/accounts.html", page=page)


@views.get("/accounts/<int:account_id>")
def account(account_id: int) -> str:
    """Show an account and its records."""
    with crm().database.read() as connection:
        found = entries.get(connection, ACCOUNT, account_id)
        records = search.records(connection, {"account_id": [str(account_id)]})
    page = {"account": found, "records": records, "others": _other_fields(ACCOUNT, found)}
    return render_template("starter_crm/account.html", page=page)


@views.get("/records/<int:record_id>")
def record(record_id: int) -> str:
    """Show a record with its account, comments and attachments."""
    return _record_page(record_id)


@views.post("/records/<int:record_id>/comments")
def add_comment(record_id: int) -> str | tuple[str, int] | AnyResponse:
    """Add the comment that was written on the page."""
    key = _form_key()
    body = request.form.get("body", "").replace("\r\n", "\n").strip()

    def make(connection: Connection) -> JsonObject:
        entries.get(connection, RECORD, record_id)
        return entries.create(connection, COMMENT, check(COMMENT, {"body": body}), record_id=record_id)

    try:
        comment, _ = once(crm().database, request.path, key, make)
    except FieldsError as error:
        return _record_page(record_id, draft=body, problem=error.fields["body"]), error.http_status
    return redirect(f"/records/{record_id}#comment-{comment['id']}", 303)


@views.post("/records/<int:record_id>/status")
def change_status(record_id: int) -> AnyResponse:
    """Close or reopen the record."""
    _form_key()
    values = check(RECORD, {"status": request.form.get("status")})
    with crm().database.write() as connection:
        entries.update(connection, RECORD, record_id, values)
    return redirect(f"/records/{record_id}", 303)


@views.get("/records/<int:record_id>/attachments/<int:attachment_id>")
def download(record_id: int, attachment_id: int) -> Response:
    """Send an attachment's bytes, always as a download: it came from outside."""
    with crm().database.read() as connection:
        attachment, data = files.read(connection, record_id, attachment_id)
    response = Response(data, content_type=str(attachment["type"]))
    response.headers.set("Content-Disposition", "attachment", filename=str(attachment["name"]))
    return response


def _form_key() -> str:
    auth.refuse_foreign_pages()
    return forms.accepted_token()


def _record_page(record_id: int, **form: str) -> str:
    with crm().database.read() as connection:
        found = entries.get(connection, RECORD, record_id)
        page: dict[str, Any] = {
            "record": found,
            "account": _account_of(connection, found),
            "comments": entries.of_record(connection, COMMENT, record_id),
            "attachments": entries.of_record(connection, ATTACHMENT, record_id),
        }
    tokens = {name: forms.new_token(f"/records/{record_id}/{name}") for name in ("comments", "status")}
    page |= {"others": _other_fields(RECORD, found), "tokens": tokens, "form": form, "pictures": PICTURES}
    return render_template("starter_crm/record.html", page=page)


def _account_of(connection: Connection, record: JsonObject) -> JsonObject | None:
    account_id = record["account_id"]
    return entries.get(connection, ACCOUNT, account_id) if isinstance(account_id, int) else None


def _other_fields(kind: Kind, entry: JsonObject) -> JsonObject:
    return {name: value for name, value in entry.items() if name not in SHOWN_FIELDS[kind.name] and value is not None}
