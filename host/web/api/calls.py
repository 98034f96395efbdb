"""The platform API's `/calls`: start, read, list, end."""

from host.errors import FieldsError
from host.sessions.calls import Failure
from host.web.api import common, lists, responses
from host.web.api.answers import Call, Calls
from host.web.api.lists import LIST_HEADERS, CallsQuery
from host.web.api.models import (
    AddPartyBody,
    CallEndBody,
    NewCallBody,
    QueueBody,
    VoicemailBody,
)
from host.web.api.new_sessions import Request
from host.web.api.operations import Answer, Asked, Nothing, Part
from host.web.api.responses import START_HEADERS
from host.web.current import services

part = Part("calls")


@part.post("/calls", NewCallBody, Call, creates=True, headers=START_HEADERS)
def start(asked: Asked[NewCallBody]) -> Answer:
    """Start a call."""
    new = Request.read(asked, "call")
    if before := new.answered_before():
        return responses.started(asked, before, is_new=False)
    session, is_new = services().calls.start(new.new_call())
    return responses.started(asked, session, is_new=is_new)


@part.get("/calls", CallsQuery, Calls, headers=LIST_HEADERS)
def index(asked: Asked[CallsQuery]) -> Answer:
    """List calls, page by page."""
    return lists.answer(asked, "call")


@part.get("/calls/{session_id}", Nothing, Call)
def show(asked: Asked[Nothing]) -> Answer:
    """Show a call."""
    return Answer(responses.session(asked.session_id, "call"))


@part.post("/calls/{session_id}/end", CallEndBody, Call)
def end(asked: Asked[CallEndBody]) -> Answer:
    """End a call; one that has ended is not changed."""
    body = asked.body
    responses.check(asked.session_id, "call")
    failure = Failure(body.fail_reason, body.fail_details)
    services().calls.end(asked.session_id, by=body.by, failure=failure)
    return Answer(responses.session(asked.session_id, "call"))


@part.post("/calls/{session_id}/queue", QueueBody, Call)
def choose_queue(asked: Asked[QueueBody]) -> Answer:
    """Put a call that is in the menu into a queue."""
    body = asked.body
    services().actions.before_agents.choose_queue(asked.session_id, body.queue, body.menu_id)
    return Answer(responses.session(asked.session_id, "call"))


@part.post("/calls/{session_id}/voicemail", VoicemailBody, Call)
def note_voicemail(asked: Asked[VoicemailBody]) -> Answer:
    """Say that the caller records a voicemail, or that it has been received, which ends the call."""
    services().actions.before_agents.note_voicemail(asked.session_id, asked.body.status)
    return Answer(responses.session(asked.session_id, "call"))


@part.post("/calls/{session_id}/add_party", AddPartyBody, Call)
def add_party(asked: Asked[AddPartyBody]) -> Answer:
    """Add an agent, who is asked first, or a phone number to a connected call."""
    body = asked.body
    responses.check(asked.session_id, "call")
    if (body.agent_email is None) is (body.phone is None):
        raise FieldsError({"agent_email": "give either agent_email or phone"})
    agent_id = responses.agent_id("agent_email", body.agent_email) if body.agent_email is not None else None
    services().actions.controls.add_party(asked.session_id, None, agent_id=agent_id, phone=body.phone)
    return Answer(responses.session(asked.session_id, "call"))


common.declare(part, "call", Call)
