"""The API's routes for comments and attachments of a record."""

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from crm_shell.starter_crm import auth
from crm_shell.starter_crm.api import reading
from crm_shell.starter_crm.api.answering import created, listed
from crm_shell.starter_crm.api.uploads import read_upload
from crm_shell.starter_crm.context import crm
from crm_shell.starter_crm.store import entries, files
from crm_shell.starter_crm.store.kinds import ATTACHMENT, COMMENT, RECORD, JsonObject, Kind, check

views = Blueprint("api_parts", __name__, url_prefix="/api/records/<int:record_id>")
views.before_request(auth.refuse_foreign_pages)
views.before_request(auth.require_key)


@views.get("/comments")
def list_comments(record_id: int) -> Response:
    """List a record's comments, oldest first."""
    return listed(_of_record(COMMENT, record_id))


@views.post("/comments")
def add_comment(record_id: int) -> Response:
    """Add a comment, once per idempotency key."""
    values = check(COMMENT, {"body": None} | reading.json_object(COMMENT.name))

    def make(connection: Connection) -> JsonObject:
        entries.get(connection, RECORD, record_id)
        return {COMMENT.name: entries.create(connection, COMMENT, values, record_id=record_id)}

    return created(make)


@views.get("/attachments")
def list_attachments(record_id: int) -> Response:
    """List a record's attachments, oldest first."""
    return listed([attachment | {"url": _url(attachment)} for attachment in _of_record(ATTACHMENT, record_id)])


@views.post("/attachments")
def add_attachment(record_id: int) -> Response:
    """Add a file, once per idempotency key; the answer's `url` downloads it."""
    upload = read_upload()

    def make(connection: Connection) -> JsonObject:
        entries.get(connection, RECORD, record_id)
        attachment = files.attach(connection, record_id, upload.values, upload.data)
        return attachment | {"url": _url(attachment)}

    return created(make)


def _of_record(kind: Kind, record_id: int) -> list[JsonObject]:
    wanted = reading.filters(("external_id",), needed=False).get("external_id")
    with crm().database.read() as connection:
        entries.get(connection, RECORD, record_id)
        found = entries.of_record(connection, kind, record_id)
    return [entry for entry in found if not wanted or entry["external_id"] in wanted]


def _url(attachment: JsonObject) -> str:
    return f"{request.host_url}records/{attachment['record_id']}/attachments/{attachment['id']}"
