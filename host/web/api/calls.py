"""`/calls`: start, read, list, end."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from host.web.api import incoming, lists, outgoing
from host.web.api.models import EndBody
from host.web.api.starts import Request
from host.web.services import services

part = Blueprint("calls", __name__)


@part.post("/calls")
def start() -> ResponseReturnValue:
    """Start a call."""
    asked = Request.read("call")
    if before := asked.answered_before():
        return outgoing.started(before, is_new=False)
    session, is_new = services().calls.start(asked.new_call())
    return outgoing.started(session, is_new=is_new)


@part.get("/calls")
def index() -> ResponseReturnValue:
    """List calls, page by page."""
    return lists.answer("call")


@part.get("/calls/<int:session_id>")
def show(session_id: int) -> ResponseReturnValue:
    """Show one."""
    return outgoing.as_json(outgoing.session(session_id, "call"))


@part.post("/calls/<int:session_id>/end")
def end(session_id: int) -> ResponseReturnValue:
    """End one; ended already, it stays as it is."""
    body = incoming.read(EndBody, incoming.body())
    outgoing.check(session_id, "call")
    services().calls.end(session_id, by=body.by)
    return outgoing.as_json(outgoing.session(session_id, "call"))
