"""Reads what an adapter shows, as plain values: status, offers, chats. No Flask, no HTML.

The state is in the database, so a reload, another tab and a reconnect show the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, exists

from adapter_pages.agent import card, custom_fields, history, unread
from adapter_pages.agent.card import Card
from adapter_pages.agent.custom_fields import CustomField
from adapter_pages.agent.history import EarlierSession
from adapter_pages.shared import messages
from adapter_pages.shared.messages import MessageView
from host.crm.settings.crm import CrmSettings
from host.db.tables import sessions
from host.events import journal
from host.queues import tree
from host.reports import failed_items
from host.reports.failed_items import FailedItem, attempt
from host.reports.session_metadata.document import WHAT as IN_A_LIST
from host.sessions import messages as messages_of
from host.sessions import receipts, repository
from host.sessions.model import Session
from host.sessions.presence import OPEN_CHAT
from host.sessions.receipts import Receipt
from host.sessions.starting import BY_CONSUMER
from host.users import status
from host.users.directory import User

ELSEWHERE = (IN_A_LIST,)
"""Kinds of unshown rows that don't concern agents: lists of the platform API."""

Shown = TypeVar("Shown")


@dataclass(frozen=True)
class StatusChoice:
    """One option of the combobox."""

    name: str
    is_current: bool
    is_settable: bool


@dataclass(frozen=True)
class About:
    """Facts about a session and its consumer."""

    session_id: int
    caller: str
    contact: tuple[str, ...]
    """Phone and e-mail, if known."""
    is_own_word: bool
    """Whether the consumer entered caller and contact themselves (unverified)."""
    queue_path: str | None
    custom_data: tuple[CustomField, ...]
    flags: tuple[str, ...]
    card: Card


@dataclass(frozen=True)
class Offer:
    """A session that the agent may answer."""

    about: About
    waiting_since: datetime
    event_id: str | None
    """Id of the offer in the journal; the page acknowledges it once it shows the offer."""


@dataclass(frozen=True)
class Chat:
    """A chat that the agent has."""

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

    @property
    def is_waiting(self) -> bool:
        """Whether the consumer has written and has no answer yet."""
        return self.written_at is not None and self.receipt.state == "" and not self.is_dismissed


@dataclass(frozen=True)
class Desk:
    """One agent's adapter."""

    adapter: str
    """`call`, `chat`."""
    agent_name: str
    status: str
    choices: tuple[StatusChoice, ...]
    offers: tuple[Offer, ...]
    chats: tuple[Chat, ...]
    unshown: tuple[FailedItem, ...] = ()
    """Sessions that can't be shown, and events of theirs that couldn't be sent."""

    @property
    def active_id(self) -> int | None:
        """The chat in front."""
        return next((chat.about.session_id for chat in self.chats if chat.is_in_front), None)


def is_busy(agent_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the SQL condition that an agent has an offer or an open session; otherwise their desk is `empty`."""
    offered = exists().where(sessions.c.offered_to == agent_id, sessions.c.status == "assigned")
    has = exists().where(sessions.c.agent_id == agent_id, sessions.c.status.in_(OPEN_CHAT))
    return offered | has


def empty(user: User, adapter: str) -> Desk:
    """Return the desk of an agent who has no session and is offered none."""
    return Desk(adapter, user.name, user.status, _choices(user.status), offers=(), chats=())


class AgentDesk:
    """Reads a `Desk`; use a new object for each read."""

    def __init__(self, connection: Connection, user: User, adapter: str, now: datetime, crm: CrmSettings) -> None:
        self._connection = connection
        self._user = user
        self._adapter = adapter
        self._now = now
        self._crm = crm
        self._shown: Mapping[int, int] = {}
        self._failed: list[FailedItem] = []
        queues = tree.all(connection)
        self._paths = {queue.id: tree.path_text(queue) for queue in queues}
        self._queues_with_replies = {queue.id for queue in queues if queue.settings.quick_replies}

    @classmethod
    def load(
        cls,
        connection: Connection,
        user: User,
        adapter: str,
        now: datetime,
        crm: CrmSettings,
        *,
        shown: Mapping[int, int] | None = None,
    ) -> Desk:
        """Read what `user` sees in this adapter.

        Args:
            user: Read in the same transaction; gives the status and the chat in front.
            adapter: `call` or `chat`.
            shown: The last message that the page shows of each session, by session id: only later ones are read.
        """
        desk = cls(connection, user, adapter, now, crm)
        desk._shown = shown or {}
        return desk.read()

    def read(self) -> Desk:
        """Read the whole desk."""
        offered, chats = self._offered(), self._chats()
        ids = [session.id for session in chats]
        front = self._user.active_chat_id if self._user.active_chat_id in ids else next(iter(ids), None)
        return Desk(
            adapter=self._adapter,
            agent_name=self._user.name,
            status=self._user.status,
            choices=_choices(self._user.status),
            offers=tuple(self._each("offer on the desk", offered, self._offer)),
            chats=tuple(self._each("chat on the desk", chats, partial(self._chat, front=front))),
            unshown=tuple(self._unshown([session.id for session in (*offered, *chats)])),
        )

    def _each(self, what: str, found: Sequence[Session], make: Callable[[Session], Shown]) -> Iterator[Shown]:
        """Make each on its own, so that a failure doesn't hide the others."""
        for session in found:
            made = attempt(what, session.id, session.id, partial(make, session))
            if isinstance(made, FailedItem):
                self._failed.append(made)
            else:
                yield made

    def _unshown(self, session_ids: Sequence[int]) -> list[FailedItem]:
        known = failed_items.of_sessions(self._connection, session_ids) if session_ids else []
        return list({item.key: item for item in (*self._failed, *known) if item.what not in ELSEWHERE}.values())

    def _offered(self) -> list[Session]:
        mine = (sessions.c.offered_to == self._user.id) & (sessions.c.status == "assigned")
        return repository.where(self._connection, mine & (sessions.c.channel == self._adapter))

    def _chats(self) -> list[Session]:
        if self._adapter != "chat":
            return []
        mine = (sessions.c.agent_id == self._user.id) & (sessions.c.channel == "chat")
        found = repository.where(self._connection, mine & sessions.c.status.in_(OPEN_CHAT))
        found.sort(key=lambda session: (session.connected_at or session.created_at, session.id))
        return found

    def _offer(self, session: Session) -> Offer:
        event = journal.newest(self._connection, session.id, "assigned")
        return Offer(self._about(session), session.queued_at or session.created_at, event.ulid if event else None)

    def _chat(self, session: Session, *, front: int | None) -> Chat:
        is_in_front = session.id == front
        about = self._about(session)
        return Chat(
            about=about,
            is_in_front=is_in_front,
            unread=unread.count(self._connection, self._user.id, session, is_in_front=is_in_front),
            lines=messages.of_session(
                self._connection, session.id, about.caller, "agent", after=self._shown.get(session.id, 0)
            ),
            is_dismissed=session.status == "dismissed",
            has_quick_replies=session.queue_id in self._queues_with_replies,
            since=session.connected_at or session.created_at,
            written_at=messages_of.last_at(self._connection, session.id, "end_user"),
            earlier=history.before(self._connection, session, self._paths),
            receipt=receipts.of_chat(self._connection, session.id, "agent"),
        )

    def _about(self, session: Session) -> About:
        consumer = repository.end_user(self._connection, session.end_user_id)
        return About(
            session_id=session.id,
            caller=consumer.label,
            contact=tuple(filter(None, (consumer.phone, consumer.email))),
            is_own_word=session.details.get("person_from") == BY_CONSUMER,
            queue_path=self._paths.get(session.queue_id) if session.queue_id is not None else None,
            custom_data=custom_fields.visible(session.custom_data),
            flags=custom_fields.flags(session.custom_data, is_verified=session.is_verified),
            card=card.of_session(self._connection, session.id, self._crm, self._now),
        )


@cache
def _choices(current: str) -> tuple[StatusChoice, ...]:
    """Return the status choices; the first is the current status if only the system can set it."""
    set_by_system = () if current in status.SETTABLE else (StatusChoice(current, is_current=True, is_settable=False),)
    settable = (StatusChoice(name, is_current=name == current, is_settable=True) for name in status.SETTABLE)
    return (*set_by_system, *settable)
