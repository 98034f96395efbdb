"""Reads the chats of an agent, open ones and those that they wrap up, as the chat adapter shows them."""

from collections.abc import Collection, Mapping
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


def read(
    connection: Connection,
    session: Session,
    agent_id: int,
    about: About,
    *,
    front: int | None,
    shown: Mapping[int, int],
    wrap_ups: Mapping[int, WrapUp],
    queues_with_replies: Collection[int],
    paths: Mapping[int, str],
) -> Chat:
    """Read one chat.

    Args:
        connection: The desk's transaction.
        session: The chat.
        agent_id: The agent.
        about: Facts about the chat.
        front: The chat in front.
        shown: The last message that the page shows of each chat, by session id: only later ones are read.
        wrap_ups: The agent's unfinished wrap-ups, by session id.
        queues_with_replies: The queues that have quick replies.
        paths: Queue id to `Developers / James`.
    """
    is_mine = session.agent_id == agent_id and session.status in OPEN_CHAT
    wrapped_up = None if is_mine else wrap_ups.get(session.id)
    is_in_front = session.id == front
    lines = messages.of_session(connection, session.id, about.caller, "agent", after=shown.get(session.id, 0))
    if wrapped_up is not None:  # another agent may go on with it
        lines = tuple(line for line in lines if line.at <= wrapped_up.started_at)
    return Chat(
        about=about,
        is_in_front=is_in_front,
        unread=0 if wrapped_up else unread.count(connection, agent_id, session, is_in_front=is_in_front),
        lines=lines,
        is_dismissed=session.status == "dismissed" and is_mine,
        has_quick_replies=session.queue_id in queues_with_replies,
        since=session.connected_at or session.created_at,
        written_at=messages_of.last_at(connection, session.id, "end_user"),
        earlier=history.before(connection, session, paths),
        receipt=Receipt() if wrapped_up else receipts.of_chat(connection, session.id, "agent"),
        wrap_up=wrap_up_view.read(connection, session, wrapped_up) if wrapped_up else None,
    )
