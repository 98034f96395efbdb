"""The platform API's `/calls`: start, read, list, end."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from host.web.api import lists, requests, responses
from host.web.api.models import EndBody
from host.web.api.new_sessions import Request
from host.web.current import services

part = Blueprint("calls", __name__)


@part.post("/calls")
def start() -> ResponseReturnValue:
    """Start a call."""
    asked = Request.read("call")
    if before := asked.answered_before():
        return responses.started(before, is_new=False)
    session, is_new = services().calls.start(asked.new_call())
    return responses.started(session, is_new=is_new)


@part.get("/calls")
def index() -> ResponseReturnValue:
    """List calls, page by page."""
    return lists.answer("call")


@part.get("/calls/<int:session_id>")
def show(session_id: int) -> ResponseReturnValue:
    """Show a call."""
    return responses.as_json(responses.session(session_id, "call"))


@part.post("/calls/<int:session_id>/end")
def end(session_id: int) -> ResponseReturnValue:
    """End a call; one that has ended is not changed."""
    body = requests.read(EndBody, requests.body())
    responses.check(session_id, "call")
    services().calls.end(session_id, by=body.by)
    return responses.as_json(responses.session(session_id, "call"))
