"""The platform API's `/chats`: start, read, list, write a message, end."""

import hashlib

from flask import Blueprint
from flask.typing import ResponseReturnValue

from host.sessions.chats import Said
from host.web.api import lists, requests, responses
from host.web.api.models import EndBody, MessageBody
from host.web.api.new_sessions import Request
from host.web.current import services

part = Blueprint("chats", __name__)


@part.post("/chats")
def start() -> ResponseReturnValue:
    """Start a chat."""
    asked = Request.read("chat")
    if before := asked.answered_before():
        return responses.started(before, is_new=False)
    begun = services().chats.start_once(asked.new_chat())
    return responses.started(begun.session, is_new=begun.is_new)


@part.get("/chats")
def index() -> ResponseReturnValue:
    """List chats, page by page."""
    return lists.answer("chat")


@part.get("/chats/<int:session_id>")
def show(session_id: int) -> ResponseReturnValue:
    """Show a chat."""
    return responses.as_json(responses.session(session_id, "chat"))


@part.post("/chats/<int:session_id>/message")
def write(session_id: int) -> ResponseReturnValue:
    """Write a message as the consumer."""
    body = requests.read(MessageBody, requests.body())
    key = requests.idempotency_key()
    responses.check(session_id, "chat")
    said = services().chats.write(session_id, body.text, _client_id(key))
    return responses.as_json(_shape(said), 201 if said.is_new else 200)


@part.post("/chats/<int:session_id>/end")
def end(session_id: int) -> ResponseReturnValue:
    """End a chat; one that has ended is not changed."""
    body = requests.read(EndBody, requests.body())
    responses.check(session_id, "chat")
    services().chats.end(session_id, by=body.by)
    return responses.as_json(responses.session(session_id, "chat"))


def _client_id(key: str | None) -> str | None:
    """Return the client id of a message with an idempotency key: short, and never equal to a page's id."""
    return None if key is None else f"api:{hashlib.sha256(key.encode()).hexdigest()[:60]}"


def _shape(said: Said) -> dict[str, object]:
    message = said.message
    at = message.at.isoformat(timespec="milliseconds")
    return {"id": message.id, "chat_id": message.session_id, "from": message.sender, "text": message.text, "at": at}
