"""Keeps how far each side of a chat has got the other's messages, and whether the consumer's page is open.

One row for each chat holds the last message that was delivered and seen. Whoever writes is told to the other side by a
signal and not stored.

Source: docs/reference/sessions.md, Delivered and seen.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, case, func, select, update

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.db.tables import messages, receipts
from host.db.upsert import insert
from host.errors import NotAllowedError
from host.events.signals import Signal
from host.sessions import repository
from host.sessions.model import Session

Side = Literal["agent", "end_user"]
State = Literal["", "Sent", "Delivered", "Seen"]
DELIVERED = {"agent": receipts.c.agent_delivered, "end_user": receipts.c.consumer_delivered}
SEEN = {"agent": receipts.c.agent_seen, "end_user": receipts.c.consumer_seen}


@dataclass(frozen=True)
class Receipt:
    """What one side knows about the other's page."""

    state: State = ""
    """Of the side's own last message; empty if the other side has written since."""
    left_at: datetime | None = None
    """When the consumer closed their last page; None while one is open."""


def of_chat(connection: Connection, session_id: int, writer: Side) -> Receipt:
    """Return what `writer` is shown about their last message."""
    reader: Side = "agent" if writer == "end_user" else "end_user"
    of_session = messages.c.session_id == session_id
    last = select(messages.c.id, messages.c.sender).where(of_session, messages.c.sender != "system")
    newest = connection.execute(last.order_by(messages.c.id.desc()).limit(1)).one_or_none()
    row = connection.execute(select(receipts).where(receipts.c.session_id == session_id)).mappings().one_or_none()
    left_at = row["consumer_left_at"] if row else None
    if newest is None or newest.sender != writer:
        return Receipt(left_at=left_at)
    if row is None or newest.id > row[DELIVERED[reader].name]:
        return Receipt("Sent", left_at)
    return Receipt("Delivered" if newest.id > row[SEEN[reader].name] else "Seen", left_at)


def returns(connection: Connection, session_ids: Collection[int]) -> dict[int, int]:
    """Return how often the consumers came back to their page, by session id; sessions without a page are missing."""
    rows = select(receipts.c.session_id, receipts.c.consumer_returns)
    mine = receipts.c.session_id.in_(session_ids) & receipts.c.consumer_returns.is_not(None)
    return {row[0]: row[1] for row in connection.execute(rows.where(mine))}


class Receipts:
    """Takes what pages say about the messages of their chat.

    Args:
        database: Holds the receipts.
        clock: Says when a consumer left.
        signal: Reaches the open pages of all processes.
    """

    def __init__(self, database: Database, clock: Clock, signal: Callable[[Signal], None]) -> None:
        self._database = database
        self._clock = clock
        self._signal = signal

    def typing(self, session_id: int, agent_id: int | None = None) -> None:
        """Tell the other side that somebody is writing.

        Args:
            session_id: An open chat.
            agent_id: The agent who writes; None: its consumer.

        Raises:
            NotAllowedError: It is another agent's chat.
        """
        with self._database.read() as connection:
            session = _of(connection, session_id, agent_id)
        if not session.has_ended:
            self._signal(_to_other_side(session, agent_id, {"op": "typing", "session_id": session_id}))

    @retry_on_deadlock
    def read(self, session_id: int, *, delivered: int, seen: int, agent_id: int | None = None) -> None:
        """Note that a page shows messages, and that somebody looks at them; what is known already changes nothing.

        Args:
            session_id: The chat.
            delivered: Id of the last message of the other side that the page shows.
            seen: Id of the last one that was in view; 0: none.
            agent_id: The agent whose page it is; None: its consumer's.

        Raises:
            NotAllowedError: It is another agent's chat.
        """
        side: Side = "end_user" if agent_id is None else "agent"
        with self._database.read() as connection:
            session = _of(connection, session_id, agent_id)
            mine = messages.c.session_id == session_id
            newest = connection.execute(select(func.max(messages.c.id)).where(mine)).scalar_one() or 0
            new = {DELIVERED[side].name: min(delivered, newest), SEEN[side].name: min(seen, newest)}
            if not _grows(connection, session_id, new):
                return
        with self._database.write() as connection:
            _make_row(connection, session_id)
            for name, message_id in new.items():
                behind = (receipts.c.session_id == session_id) & (receipts.c[name] < message_id)
                connection.execute(update(receipts).where(behind).values({name: message_id}))
        self._signal(_to_other_side(session, agent_id, {}))

    def arrive(self, session_id: int) -> None:
        """Note that the consumer has their page open."""
        came_back = case((receipts.c.consumer_left_at.is_not(None), 1), else_=0)
        number = func.coalesce(receipts.c.consumer_returns, 0) + came_back
        self._set_presence(session_id, consumer_left_at=None, consumer_returns=number)

    def leave(self, session_id: int) -> None:
        """Note that the consumer has closed their last page."""
        self._set_presence(session_id, consumer_left_at=self._clock.now())

    @retry_on_deadlock
    def _set_presence(self, session_id: int, **values: object) -> None:
        with self._database.write() as connection:
            _make_row(connection, session_id)
            mine = receipts.c.session_id == session_id
            connection.execute(update(receipts).where(mine).values(**values))
            session = repository.get(connection, session_id)
        if session.agent_id is not None:
            self._signal(Signal(agents=(session.agent_id,)))


def _of(connection: Connection, session_id: int, agent_id: int | None) -> Session:
    session = repository.get(connection, session_id)
    if agent_id is not None and session.agent_id != agent_id:
        raise NotAllowedError(f"Chat {session_id} is not yours.")
    return session


def _to_other_side(session: Session, agent_id: int | None, message: dict[str, object]) -> Signal:
    if agent_id is not None:
        return Signal(sessions=(session.id,), message=message)
    return Signal(agents=() if session.agent_id is None else (session.agent_id,), message=message)


def _grows(connection: Connection, session_id: int, new: dict[str, int]) -> bool:
    row = connection.execute(select(receipts).where(receipts.c.session_id == session_id)).mappings().one_or_none()
    return any(message_id > (row[name] if row else 0) for name, message_id in new.items())


def _make_row(connection: Connection, session_id: int) -> None:
    statement = insert(connection, receipts).values(session_id=session_id)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["session_id"]))
