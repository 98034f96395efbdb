"""The append-only journal: the one truth about what happened, in the transaction that made it so.

A row with a `seq` is an adapter event (`New_Chat`); seqs rise without gaps per agent and adapter.
Rows hold ids. Message texts and record URLs are put in when an event is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select
from ulid import ULID

from host.db.engine import tell
from host.db.tables import journal, streams
from host.db.upsert import insert


@dataclass(frozen=True)
class Entry:
    """One row of the journal."""

    id: int
    ulid: str
    at: datetime
    name: str
    session_id: int | None
    agent_id: int | None
    adapter: str | None
    seq: int | None
    once: str | None
    data: Mapping[str, Any]


def append(
    connection: Connection,
    name: str,
    *,
    now: datetime,
    session_id: int | None = None,
    agent_id: int | None = None,
    data: Mapping[str, Any] | None = None,
    once: str | None = None,
) -> int | None:
    """Write down a fact.

    Args:
        name: `connected`.
        agent_id: Whose adapters have to look again.
        once: A name for facts that may be written only once.

    Returns:
        The row's id; `None` when `once` was written before.
    """
    values = {"name": name, "session_id": session_id, "agent_id": agent_id, "data": dict(data or {}), "once": once}
    return _insert(connection, now, values)


def post(
    connection: Connection,
    event_type: str,
    *,
    now: datetime,
    agent_id: int,
    adapter: str,
    session_id: int | None = None,
    data: Mapping[str, Any] | None = None,
    once: str | None = None,
) -> int | None:
    """Write down an event that the agent's adapters post to their pages.

    Args:
        event_type: `New_Chat`.
        adapter: `call` or `chat`: the one that posts it.
        data: The payload but for texts and URLs.
        once: As in `append`.

    Returns:
        As `append`.
    """
    if once is not None and connection.execute(select(journal.c.id).where(journal.c.once == once)).first():
        return None
    values = {
        "name": event_type,
        "session_id": session_id,
        "agent_id": agent_id,
        "adapter": adapter,
        "seq": _next_seq(connection, agent_id, adapter),
        "data": dict(data or {}),
        "once": once,
    }
    return _insert(connection, now, values)


def since(connection: Connection, agent_id: int, adapter: str, seq: int) -> list[Entry]:
    """Return the adapter events after `seq`, in order."""
    mine = (journal.c.agent_id == agent_id) & (journal.c.adapter == adapter) & (journal.c.seq > seq)
    found = connection.execute(select(journal).where(mine).order_by(journal.c.seq))
    return [_entry(row) for row in found.mappings()]


def of_sessions(connection: Connection, agent_id: int, adapter: str, session_ids: set[int]) -> list[Entry]:
    """Return the adapter events of these sessions, in order: what a page that has just loaded is told."""
    mine = (journal.c.agent_id == agent_id) & (journal.c.adapter == adapter) & journal.c.session_id.in_(session_ids)
    found = connection.execute(select(journal).where(mine).order_by(journal.c.seq))
    return [_entry(row) for row in found.mappings()]


def by_id(connection: Connection, journal_id: int) -> Entry:
    """Return one row that is known to exist."""
    return _entry(connection.execute(select(journal).where(journal.c.id == journal_id)).mappings().one())


def newest(connection: Connection, session_id: int, name: str) -> Entry | None:
    """Return the latest row of this name about a session."""
    about = (journal.c.session_id == session_id) & (journal.c.name == name)
    found = connection.execute(select(journal).where(about).order_by(journal.c.id.desc()).limit(1))
    row = found.mappings().one_or_none()
    return _entry(row) if row else None


def last_seq(connection: Connection, agent_id: int, adapter: str) -> int:
    """Return the newest seq of the agent's adapter; 0 before the first."""
    mine = (streams.c.agent_id == agent_id) & (streams.c.adapter == adapter)
    return connection.execute(select(streams.c.last_seq).where(mine)).scalar_one_or_none() or 0


def last_id(connection: Connection) -> int:
    """Return the newest row's id; 0 on an empty journal."""
    return connection.execute(select(func.max(journal.c.id))).scalar_one() or 0


def _insert(connection: Connection, now: datetime, values: Mapping[str, Any]) -> int | None:
    tell(connection)
    statement = insert(connection, journal).values(ulid=str(ULID()), at=now, **values)
    if values["once"] is not None:
        statement = statement.on_conflict_do_nothing(index_elements=["once"])
    return connection.execute(statement.returning(journal.c.id)).scalar_one_or_none()


def _next_seq(connection: Connection, agent_id: int, adapter: str) -> int:
    statement = insert(connection, streams).values(agent_id=agent_id, adapter=adapter, last_seq=1)
    statement = statement.on_conflict_do_update(
        index_elements=["agent_id", "adapter"], set_={"last_seq": streams.c.last_seq + 1}
    )
    return int(connection.execute(statement.returning(streams.c.last_seq)).scalar_one())


def _entry(row: RowMapping) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__dataclass_fields__})
