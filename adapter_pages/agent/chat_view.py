"""Reads the chats of an agent, open ones and those that they wrap up, as the chat adapter shows them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from adapter_pages.agent import history, unread, wrap_up_view
from adapter_pages.agent.about import About
from adapter_pages.agent.history import EarlierSession
from adapter_pages.agent.wrap_up_view import WrapUpView
from adapter_pages.shared import messages
from adapter_pages.shared.messages import MessageView
from host.db.tables import sessions
from host.queues import tree
from host.queues.tree import Queue
from host.sessions import messages as messages_of
from host.sessions import receipts, repository
from host.sessions.model import Session
from host.sessions.presence import OPEN_CHAT
from host.sessions.receipts import Receipt
from host.sessions.wrap_up import WrapUp


@dataclass(frozen=True)
class Chat:
    """A chat that the agent has, or wraps up."""

    about: About
    is_in_front: bool
    unread: int
    """Number of the consumer's messages that came while another chat was in front."""
    lines: tuple[MessageView, ...]
    is_dismissed: bool
    has_quick_replies: bool
    """Whether its queue has any."""
    since: datetime
    """When the agent took it."""
    written_at: datetime | None
    """When the consumer wrote last."""
    earlier: tuple[EarlierSession, ...]
    """The consumer's sessions before, the newest first."""
    receipt: Receipt
    """How far the agent's last message has got, and since when the consumer has no page open."""
    wrap_up: WrapUpView | None
    """Of a chat that has ended for the agent: the form that takes the place of the composer."""

    @property
    def is_waiting(self) -> bool:
        """Whether the consumer has written and has no answer yet."""
        is_open = not self.is_dismissed and self.wrap_up is None
        return self.written_at is not None and self.receipt.state == "" and is_open


def sessions_of(connection: Connection, agent_id: int, wrapped_up: Collection[int]) -> list[Session]:
    """Return the agent's chats in the order in which they took them.

    Args:
        connection: The desk's transaction.
        agent_id: The agent.
        wrapped_up: The chats that they wrap up.
    """
    mine = (sessions.c.agent_id == agent_id) & sessions.c.status.in_(OPEN_CHAT)
    wanted = mine | sessions.c.id.in_(wrapped_up) if wrapped_up else mine
    found = repository.where(connection, (sessions.c.channel == "chat") & wanted)
    return sorted(found, key=lambda session: (session.connected_at or session.created_at, session.id))


@dataclass(frozen=True)
class ChatReader:
    """Reads an agent's chats."""

    connection: Connection
    agent_id: int
    shown: Mapping[int, int]
    """The last message that the page shows of each chat, by session id: only later ones are read."""
    wrap_ups: Mapping[int, WrapUp]
    """The agent's unfinished wrap-ups, by session id."""
    queues: Sequence[Queue]

    def read(self, session: Session, about: About, *, front: int | None) -> Chat:
        """Read one chat.

        Args:
            session: The chat.
            about: Facts about it.
            front: The chat in front.
        """
        is_mine = session.agent_id == self.agent_id and session.status in OPEN_CHAT
        wrapped_up = None if is_mine else self.wrap_ups.get(session.id)
        is_in_front = session.id == front
        return Chat(
            about=about,
            is_in_front=is_in_front,
            unread=0 if wrapped_up else self._unread(session, is_in_front=is_in_front),
            lines=self._lines(session, about.caller, wrapped_up),
            is_dismissed=session.status == "dismissed" and is_mine,
            has_quick_replies=any(each.id == session.queue_id and each.settings.quick_replies for each in self.queues),
            since=session.connected_at or session.created_at,
            written_at=messages_of.last_at(self.connection, session.id, "end_user"),
            earlier=history.before(self.connection, session, {each.id: tree.path_text(each) for each in self.queues}),
            receipt=Receipt() if wrapped_up else receipts.of_chat(self.connection, session.id, "agent"),
            wrap_up=wrap_up_view.read(self.connection, session, wrapped_up) if wrapped_up else None,
        )

    def _unread(self, session: Session, *, is_in_front: bool) -> int:
        return unread.count(self.connection, self.agent_id, session, is_in_front=is_in_front)

    def _lines(self, session: Session, caller: str, wrapped_up: WrapUp | None) -> tuple[MessageView, ...]:
        after = self.shown.get(session.id, 0)
        lines = messages.of_session(self.connection, session.id, caller, "agent", after=after)
        if wrapped_up is None:
            return lines
        return tuple(line for line in lines if line.at <= wrapped_up.started_at)  # another agent may go on with it
