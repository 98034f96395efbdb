"""The platform API's `/chats`: start, read, list, write a message, resume, end."""

import hashlib
from collections.abc import Sequence

from host.errors import HostError
from host.sessions import messages
from host.sessions.talk import Draft, Said
from host.web.api import common, lists, responses
from host.web.api.answers import Chat, Chats, MessageAnswer
from host.web.api.lists import LIST_HEADERS, ChatsQuery
from host.web.api.models import EndBody, MessageBody, NewChatBody
from host.web.api.new_sessions import Request
from host.web.api.operations import Answer, Asked, Nothing, Part
from host.web.api.responses import START_HEADERS
from host.web.current import services

part = Part("chats")


@part.post("/chats", NewChatBody, Chat, creates=True, headers=START_HEADERS)
def start(asked: Asked[NewChatBody]) -> Answer:
    """Start a chat."""
    new = Request.read(asked, "chat")
    if before := new.answered_before():
        return responses.started(asked, before, is_new=False)
    begun = services().chats.start_once(new.new_chat())
    return responses.started(asked, begun.session, is_new=begun.is_new)


@part.get("/chats", ChatsQuery, Chats, headers=LIST_HEADERS)
def index(asked: Asked[ChatsQuery]) -> Answer:
    """List chats, page by page."""
    return lists.answer(asked, "chat")


@part.get("/chats/{session_id}", Nothing, Chat)
def show(asked: Asked[Nothing]) -> Answer:
    """Show a chat."""
    return Answer(responses.session(asked.session_id, "chat"))


def write_all(several: Sequence[Asked[MessageBody]]) -> list[Answer | HostError]:
    """Write messages as their consumers, in one transaction; each on its own."""
    drafts = [_draft(asked) for asked in several]
    said = iter(services().chats.write_all([each for each in drafts if isinstance(each, Draft)]))
    return [_written(next(said)) if isinstance(each, Draft) else each for each in drafts]


@part.post("/chats/{session_id}/message", MessageBody, MessageAnswer, creates=True, run_all=write_all)
def write(asked: Asked[MessageBody]) -> Answer:
    """Write a message as the consumer."""
    [found] = write_all([asked])
    if isinstance(found, HostError):
        raise found
    return found


@part.post("/chats/{session_id}/resume", Nothing, Chat)
def resume(asked: Asked[Nothing]) -> Answer:
    """Resume a dismissed chat as its consumer; one that goes on is not changed."""
    responses.check(asked.session_id, "chat")
    services().chats.resume(asked.session_id)
    return Answer(responses.session(asked.session_id, "chat"))


@part.post("/chats/{session_id}/end", EndBody, Chat)
def end(asked: Asked[EndBody]) -> Answer:
    """End a chat; one that has ended is not changed."""
    by = asked.body.by
    responses.check(asked.session_id, "chat")
    services().chats.end(asked.session_id, by=by)
    return Answer(responses.session(asked.session_id, "chat"))


def _draft(asked: Asked[MessageBody]) -> Draft | HostError:
    try:
        text, key = messages.check_text(asked.body.text), asked.idempotency_key
    except HostError as error:
        return error
    return Draft(asked.session_id, text, _client_id(key))


def _client_id(key: str | None) -> str | None:
    """Return the client id of a message with an idempotency key: short, and never equal to a page's id."""
    return None if key is None else f"api:{hashlib.sha256(key.encode()).hexdigest()[:60]}"


def _written(said: Said | HostError) -> Answer | HostError:
    if isinstance(said, HostError):
        return said
    new = said.message
    shown = MessageAnswer(id=new.id, chat_id=new.session_id, from_=new.sender, text=new.text, at=new.at)
    return Answer(shown, 201 if said.is_new else 200)


common.declare(part, "chat", Chat)
