"""Writes the transcript of a chat: a header, then a line for each message, file, joining and leaving.

Source: docs/reference/files.md, Chat transcript.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from operator import attrgetter
from typing import Literal

from sqlalchemy import Connection

from host.queues import tree
from host.sessions import attachments, messages, participants, repository
from host.sessions.attachments import Attachment
from host.sessions.messages import Message
from host.sessions.model import Session
from host.sessions.participants import Participant
from host.users import directory
from host.wire.session_types import BY_KEY

MEDIA_TYPE = "text/plain"
ENDED = "This chat is ended"
LINE_BREAK = " ↵ "
"""Stands for a line break in a message: whoever writes one can't make it look like another message."""
WORDS = {"end_user": "consumer", "task_virtual_agent": "virtual agent", "virtual_agent": "virtual agent"}
"""What a participant is called, where it isn't their type."""
BY = {"end_user": "the consumer", "agent": "the agent", "virtual_agent": "the virtual agent", "system": "the system"}


@dataclass(frozen=True)
class Line:
    """Something that happened."""

    at: datetime
    place: Literal[0, 1, 2]
    """Among those of the same moment: who joins can write, who leaves has written."""
    text: str


def render(connection: Connection, session_id: int, zone: tzinfo) -> str:
    """Return the transcript; its last line is `This chat is ended`, unless the chat goes on.

    Args:
        connection: A reading one will do.
        session_id: 103646, a chat.
        zone: For all times.

    Raises:
        NotFoundError: There is no such session.
    """
    session = repository.get(connection, session_id)
    talk = _Talk.load(connection, session)
    lines = sorted([*talk.joins(), *talk.messages(), *talk.leaves()], key=attrgetter("at", "place"))
    head = [f"{name}: {_one_line(value)}" for name, value in talk.header(connection, zone).items()]
    body = [f"[{_time(line.at, zone)}] {_one_line(line.text)}" for line in lines]
    return "\n".join([*head, "", *body, *([ENDED] if session.has_ended else []), ""])


@dataclass(frozen=True)
class _Talk:
    """A chat, with what was said and who was there."""

    session: Session
    parts: Sequence[Participant]
    said: Sequence[Message]
    files: Mapping[int, Attachment]
    """By message id."""
    consumer: str
    agents: Mapping[int, str]
    """Names by user id."""

    @classmethod
    def load(cls, connection: Connection, session: Session) -> "_Talk":
        parts = participants.of_session(connection, session.id)
        said = messages.of_session(connection, session.id)
        everybody = {each.user_id for each in parts} | {each.user_id for each in said}
        users = directory.by_ids(connection, {each for each in everybody if each is not None})
        return cls(
            session=session,
            parts=[each for each in parts if each.connected_at is not None],
            said=said,
            files=attachments.of_messages(connection, [each.id for each in said]),
            consumer=repository.end_user(connection, session.end_user_id).label,
            agents={user.id: user.name for user in users.values()},
        )

    def header(self, connection: Connection, zone: tzinfo) -> dict[str, str]:
        """Return what stands above the messages."""
        session = self.session
        queue = tree.by_id(connection, session.queue_id) if session.queue_id is not None else None
        agents = [self._name(each) for each in self.parts if each.type == "agent"]
        return {
            "Chat": str(session.id),
            "Session type": BY_KEY[session.type].name_v2,
            "Queue": tree.path_text(queue) if queue else "-",
            "Consumer": self.consumer,
            "Agent": ", ".join(dict.fromkeys(agents)) or "-",
            "Started": _time(session.created_at, zone),
            "Ended": _time(session.ends_at, zone) if session.ends_at else "-",
        }

    def joins(self) -> Iterator[Line]:
        """Yield who joined."""
        for each in self.parts:
            if each.connected_at is not None:
                yield Line(each.connected_at, 0, f"{self._who(each)} joined")

    def messages(self) -> Iterator[Line]:
        """Yield what was written and sent, in order."""
        for each in self.said:
            who = self._writer(each)
            file = self.files.get(each.id)
            yield Line(each.at, 1, f"{who} sent a file: {file.name}" if file else f"{who}: {each.text}")

    def leaves(self) -> Iterator[Line]:
        """Yield who left before the end, and who ended the chat."""
        ends_at = self.session.ends_at
        for each in self.parts:
            if each.ended_at is not None and (ends_at is None or each.ended_at < ends_at):
                yield Line(each.ended_at, 2, f"{self._who(each)} left")
        if ends_at is not None:
            yield Line(ends_at, 2, f"The chat was ended by {BY[self.session.disconnected_by or 'system']}")

    def _writer(self, message: Message) -> str:
        if message.sender == "agent":
            return f"{self.agents.get(message.user_id or 0, 'Agent')} (agent)"
        return f"{self.consumer} (consumer)" if message.sender == "end_user" else "System"

    def _who(self, each: Participant) -> str:
        return f"{self._name(each)} ({WORDS.get(each.type, each.type.replace('_', ' '))})"

    def _name(self, each: Participant) -> str:
        if each.type == "end_user":
            return self.consumer
        return self.agents.get(each.user_id or 0) or each.name or each.phone_number or "Somebody"


def _time(at: datetime, zone: tzinfo) -> str:
    """Return `2026-05-01 10:00:12 UTC`."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def _one_line(text: str) -> str:
    return LINE_BREAK.join(text.splitlines())
