"""Builds the answers of the platform API: JSON with its keys in order, and sessions as JSON."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response
from pydantic import BaseModel
from sqlalchemy import Connection

from host.errors import FieldsError, NotFoundError
from host.gate import writing
from host.orchestration import file_urls
from host.reports import failed_items
from host.reports.failed_items import FailedItem, attempt
from host.reports.session_metadata.document import WHAT, documents, shape
from host.sessions import repository
from host.sessions.model import Session
from host.users import directory
from host.web.api.operations import Answer, Asked
from host.web.current import services

NO_CONTENT = 204
START_HEADERS = {"Location": "Path of the session"}


def response(answer: Answer) -> Response:
    """Return an answer as JSON; models in it are serialized by their own rules."""
    if answer.status == NO_CONTENT:
        return Response(status=NO_CONTENT)
    text = writing.text(answer.value, default=_plain)
    return Response(text, answer.status, dict(answer.headers), mimetype="application/json")


def session(session_id: int, channel: str) -> dict[str, Any]:
    """Return a call or chat as JSON.

    Raises:
        NotFoundError: There is no such call or chat.
    """
    with services().database.read() as connection:
        made = shapes(connection, [found(connection, session_id, channel)])
    return told(made)[0]


def started(asked: Asked[Any], kept: Session, *, is_new: bool) -> Answer:
    """Answer with the session that a request has started; status 201 if it is new."""
    where = f"{asked.path}/{kept.id}"
    return Answer(session(kept.id, kept.channel), 201 if is_new else 200, {"Location": where})


def found(connection: Connection, session_id: int, channel: str) -> Session:
    """Return a session of this channel.

    Raises:
        NotFoundError: There is none.
    """
    kept = repository.get(connection, session_id)
    if kept.channel == channel:
        return kept
    raise NotFoundError(f"There is no {channel} {session_id}.")


def check(session_id: int, channel: str) -> None:
    """Check that a call or chat exists.

    Raises:
        NotFoundError: It doesn't.
    """
    with services().database.read() as connection:
        found(connection, session_id, channel)


def agent_id(field: str, email: str) -> int:
    """Return the id of the agent with this e-mail.

    Raises:
        FieldsError: There is none.
    """
    with services().database.read() as connection:
        user = directory.by_email(connection, email)
    if user is None or not user.is_active or "agent" not in user.roles:
        raise FieldsError({field: f"found {email!r}; it must be the e-mail of one of our agents"})
    return user.id


def shapes(connection: Connection, sessions: Sequence[Session]) -> list[dict[str, Any] | FailedItem]:
    """Return the metadata and further fields of each session, or why it can't be shown."""
    host = services()
    settings, now = host.settings.current(), host.clock.now()
    url_of = file_urls.shown(connection, settings, now, host.file_url)
    made = documents(connection, sessions, settings.crm, url_of=url_of, now=now)
    return [
        document
        if isinstance(document, FailedItem)
        else attempt(WHAT, document.id, document.id, partial(shape, document))
        for document in made
    ]


def told(made: Sequence[dict[str, Any] | FailedItem]) -> list[dict[str, Any]]:
    """Return the items of an answer; record unshown ones: `{"id": 12, "error": "unshowable", "message"}`."""
    host = services()
    failed_items.note(host.database, [each for each in made if isinstance(each, FailedItem)], host.clock.now())
    return [_instead(each) if isinstance(each, FailedItem) else each for each in made]


def _instead(failed: FailedItem) -> dict[str, Any]:
    words = f"Session {failed.about_id} can't be shown ({failed.error}); it stands under Deliveries."
    return {"id": failed.about_id, "error": "unshowable", "message": words}


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    raise TypeError(f"{type(value).__name__} is no JSON")
