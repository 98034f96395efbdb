"""Reads what an adapter shows, as plain values: status, offers, chats. No Flask, no HTML.

The state is in the database, so a reload, another tab and a reconnect show the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, exists, select

from adapter_pages.agent import call_view, chat_view, offer_view, wrap_up_view
from adapter_pages.agent.about import AboutReader
from adapter_pages.agent.call_view import Call
from adapter_pages.agent.chat_view import Chat, ChatReader
from adapter_pages.agent.offer_view import Offer
from host.db.tables import participants, sessions, wrap_ups
from host.queues import tree
from host.reports import failed_items
from host.reports.failed_items import FailedItem, attempt
from host.reports.session_metadata.document import WHAT as IN_A_LIST
from host.sessions.model import Session
from host.sessions.participants import OPEN, PRESENT
from host.sessions.presence import OPEN_CHAT
from host.settings.document.model import Settings
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
class Desk:
    """One agent's adapter."""

    adapter: str
    """`call`, `chat`."""
    agent_name: str
    status: str
    choices: tuple[StatusChoice, ...]
    offers: tuple[Offer, ...]
    chats: tuple[Chat, ...]
    calls: tuple[Call, ...] = ()
    """Those that go on, then those that are wrapped up."""
    unshown: tuple[FailedItem, ...] = ()
    """Sessions that can't be shown, and events of theirs that couldn't be sent."""

    @property
    def active_id(self) -> int | None:
        """The chat in front."""
        return next((chat.about.session_id for chat in self.chats if chat.is_in_front), None)

    @property
    def call(self) -> Call | None:
        """The call that the call adapter shows."""
        return next(iter(self.calls), None)


def is_busy(agent_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the SQL condition that an agent has an offer, a session, or a wrap-up; else their desk is `empty`."""
    offered = exists().where(sessions.c.offered_to == agent_id, sessions.c.status == "assigned")
    has = exists().where(sessions.c.agent_id == agent_id, sessions.c.status.in_(OPEN_CHAT))
    takes_part = exists().where(participants.c.user_id == agent_id, participants.c.status.in_(OPEN))
    wraps_up = exists().where(wrap_ups.c.agent_id == agent_id, wrap_ups.c.finished_at.is_(None))
    return offered | has | takes_part | wraps_up


def takes_part(agent_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the SQL condition that an agent has a session or is in one that goes on."""
    here = select(participants.c.session_id).where(
        participants.c.user_id == agent_id, participants.c.status.in_(PRESENT)
    )
    return sessions.c.ends_at.is_(None) & ((sessions.c.agent_id == agent_id) | sessions.c.id.in_(here))


def empty(user: User, adapter: str) -> Desk:
    """Return the desk of an agent who has no session and is offered none."""
    return Desk(adapter, user.name, user.status, _choices(user.status), offers=(), chats=())


class AgentDesk:
    """Reads a `Desk`; use a new object for each read."""

    def __init__(self, connection: Connection, user: User, adapter: str, now: datetime, settings: Settings) -> None:
        self._connection = connection
        self._user = user
        self._adapter = adapter
        self._shown: Mapping[int, int] = {}
        self._failed: list[FailedItem] = []
        self._wrap_ups = wrap_up_view.sessions_of(connection, user.id, adapter)
        self._queues = tree.all(connection)
        self._about = AboutReader(connection, user, settings, self._queues, now).read

    @classmethod
    def load(
        cls,
        connection: Connection,
        user: User,
        adapter: str,
        now: datetime,
        settings: Settings,
        *,
        shown: Mapping[int, int] | None = None,
    ) -> Desk:
        """Read what `user` sees in this adapter.

        Args:
            user: Read in the same transaction; gives the status and the chat in front.
            adapter: `call` or `chat`.
            shown: The last message that the page shows of each session, by session id: only later ones are read.
        """
        desk = cls(connection, user, adapter, now, settings)
        desk._shown = shown or {}
        return desk.read()

    def read(self) -> Desk:
        """Read the whole desk."""
        offered = offer_view.sessions_of(self._connection, self._user.id, self._adapter)
        chats, calls = self._chats(), self._calls()
        ids = [session.id for session in chats]
        front = self._user.active_chat_id if self._user.active_chat_id in ids else next(iter(ids), None)
        return Desk(
            adapter=self._adapter,
            agent_name=self._user.name,
            status=self._user.status,
            choices=_choices(self._user.status),
            offers=tuple(self._each("offer on the desk", offered, self._offer)),
            chats=tuple(self._each("chat on the desk", chats, partial(self._chat, front=front))),
            calls=tuple(self._each("call on the desk", calls, self._call)),
            unshown=tuple(self._unshown([session.id for session in (*offered, *chats, *calls)])),
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

    def _chats(self) -> list[Session]:
        if self._adapter != "chat":
            return []
        return chat_view.sessions_of(self._connection, self._user.id, self._wrap_ups)

    def _calls(self) -> list[Session]:
        if self._adapter != "call":
            return []
        return call_view.sessions_of(self._connection, self._user.id, self._wrap_ups)

    def _offer(self, session: Session) -> Offer:
        return offer_view.read(self._connection, session, self._user.id, self._about(session))

    def _chat(self, session: Session, *, front: int | None) -> Chat:
        reader = ChatReader(self._connection, self._user.id, self._shown, self._wrap_ups, self._queues)
        return reader.read(session, self._about(session), front=front)

    def _call(self, session: Session) -> Call:
        return call_view.read(self._connection, session, self._user.id, self._about(session), self._wrap_ups)


@cache
def _choices(current: str) -> tuple[StatusChoice, ...]:
    """Return the status choices; the first is the current status if only the system can set it."""
    set_by_system = () if current in status.SETTABLE else (StatusChoice(current, is_current=True, is_settable=False),)
    settable = (StatusChoice(name, is_current=name == current, is_settable=True) for name in status.SETTABLE)
    return (*set_by_system, *settable)
