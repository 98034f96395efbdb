"""The journal: an append-only table of all facts and adapter events, written with the change itself.

A row with a `seq` is an adapter event (`New_Chat`); the numbers have no gaps for an agent and adapter. Rows hold ids;
message texts and record URLs are added when an event is sent.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, func, select, tuple_
from ulid import ULID

from host.db.engine import Database, notify_on_commit
from host.db.insert_all import insert_all
from host.db.tables import journal, streams
from host.db.upsert import insert

Stream = tuple[int, str]
"""An agent's id, and the adapter: `call` or `chat`."""
ON_FACT = "patchbay_on_fact"
"""The execution option of a database's connections that holds the listener."""
MANY = 20
"""A stream that lacks more events than this is read with a query of its own."""


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


@dataclass(frozen=True)
class Post:
    """An event to write for one adapter."""

    stream: Stream
    data: Mapping[str, Any]
    once: str | None = None
    session_id: int | None = None


Listener = Callable[[Connection, Entry], None]


def listen(database: Database, listener: Listener) -> None:
    """Call `listener` for each fact that `append` writes, in its transaction; a database has one listener."""
    database.engine.update_execution_options(**{ON_FACT: listener})


class Fact(NamedTuple):
    """A fact about a session, as `append` takes it."""

    session_id: int
    agent_id: int | None
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
    """Write a fact.

    Args:
        name: `connected`.
        agent_id: The agent whose adapters are woken.
        once: A unique key; a second fact with it is not written.

    Returns:
        The row's id; `None` when `once` exists.
    """
    values = {"name": name, "session_id": session_id, "agent_id": agent_id, "data": dict(data or {}), "once": once}
    return _insert(connection, now, values)


def append_all(connection: Connection, name: str, facts: Sequence[Fact], *, now: datetime) -> None:
    """Write several facts of one name, in order."""
    notify_on_commit(connection)
    rows = [
        {"ulid": str(ULID()), "at": now, "name": name, **fact._asdict(), "data": dict(fact.data), "once": None}
        for fact in facts
    ]
    ids = insert_all(connection, journal, rows)
    listener: Listener | None = connection.get_execution_options().get(ON_FACT)
    if listener is not None:
        for number, row in zip(ids, rows, strict=True):
            listener(connection, Entry(id=number, adapter=None, seq=None, **row))


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
    """Write an event that the agent's adapter posts to its page.

    Args:
        event_type: `New_Chat`.
        adapter: `call` or `chat`.
        data: The payload without texts and URLs.
        once: As in `append`.

    Returns:
        As `append`.
    """
    [written] = post_all(connection, event_type, [Post((agent_id, adapter), data or {}, once, session_id)], now=now)
    return written


def post_all(connection: Connection, event_type: str, posts: Sequence[Post], *, now: datetime) -> list[int | None]:
    """Write several events of one type, in order; return for each what `post` returns."""
    notify_on_commit(connection)
    known = _written(connection, [post.once for post in posts if post.once is not None])
    first = {post.once: post for post in reversed(posts) if post.once is not None and post.once not in known}
    fresh = [post for post in posts if post.once is None or first.get(post.once) is post]
    if not fresh:
        return [None] * len(posts)
    ulids = {id(post): str(ULID()) for post in fresh}
    seqs = _next_seqs(connection, [post.stream for post in fresh])
    rows = [
        {
            "ulid": ulids[id(post)],
            "at": now,
            "name": event_type,
            "session_id": post.session_id,
            "agent_id": post.stream[0],
            "adapter": post.stream[1],
            "seq": seq,
            "data": dict(post.data),
            "once": post.once,
        }
        for post, seq in zip(fresh, seqs, strict=True)
    ]
    statement = insert(connection, journal).on_conflict_do_nothing(index_elements=["once"])
    written = {row.ulid: row.id for row in connection.execute(statement.returning(journal.c.ulid, journal.c.id), rows)}
    return [written.get(ulids.get(id(post), "")) for post in posts]


def since(connection: Connection, agent_id: int, adapter: str, seq: int) -> list[Entry]:
    """Return the adapter events after `seq`, in order."""
    mine = (journal.c.agent_id == agent_id) & (journal.c.adapter == adapter) & (journal.c.seq > seq)
    found = connection.execute(select(journal).where(mine).order_by(journal.c.seq))
    return [_entry(row) for row in found.mappings()]


def since_each(connection: Connection, behind: Mapping[Stream, range]) -> dict[Stream, list[Entry]]:
    """Return the adapter events that each stream lacks, in order, mostly with a single query.

    Args:
        behind: Stream to the range of its missing numbers.
    """
    found: dict[Stream, list[Entry]] = defaultdict(list)
    for stream, missing in behind.items():
        if len(missing) > MANY:
            found[stream] = since(connection, *stream, missing.start - 1)
    few = [(*stream, seq) for stream, missing in behind.items() if len(missing) <= MANY for seq in missing]
    if few:
        here = tuple_(journal.c.agent_id, journal.c.adapter, journal.c.seq).in_(few)
        for row in connection.execute(select(journal).where(here).order_by(journal.c.seq)).mappings():
            found[row["agent_id"], row["adapter"]].append(_entry(row))
    return found


def of_sessions(connection: Connection, agent_id: int, adapter: str, session_ids: set[int]) -> list[Entry]:
    """Return the adapter events of these sessions, in order, for a page that has just loaded."""
    mine = (journal.c.agent_id == agent_id) & (journal.c.adapter == adapter) & journal.c.session_id.in_(session_ids)
    found = connection.execute(select(journal).where(mine).order_by(journal.c.seq))
    return [_entry(row) for row in found.mappings()]


def by_ids(connection: Connection, journal_ids: Collection[int]) -> dict[int, Entry]:
    """Return several rows, by id."""
    if not journal_ids:
        return {}
    found = connection.execute(select(journal).where(journal.c.id.in_(journal_ids)))
    return {row["id"]: _entry(row) for row in found.mappings()}


def by_id(connection: Connection, journal_id: int) -> Entry:
    """Return one row that is known to exist."""
    return _entry(connection.execute(select(journal).where(journal.c.id == journal_id)).mappings().one())


def newest(connection: Connection, session_id: int, name: str) -> Entry | None:
    """Return the latest row with this name of a session."""
    about = (journal.c.session_id == session_id) & (journal.c.name == name)
    found = connection.execute(select(journal).where(about).order_by(journal.c.id.desc()).limit(1))
    row = found.mappings().one_or_none()
    return _entry(row) if row else None


def facts(connection: Connection, session_ids: Collection[int], names: Collection[str]) -> dict[int, list[Entry]]:
    """Return the facts with these names, in order, by session id; with one query for many sessions."""
    found: dict[int, list[Entry]] = {session_id: [] for session_id in session_ids}
    about = journal.c.session_id.in_(session_ids) & journal.c.name.in_(names) & journal.c.seq.is_(None)
    rows = connection.execute(select(journal).where(about).order_by(journal.c.id)) if session_ids else None
    for row in rows.mappings() if rows is not None else ():
        found[row["session_id"]].append(_entry(row))
    return found


def last_id(connection: Connection) -> int:
    """Return the newest row's id; 0 for an empty journal."""
    return connection.execute(select(func.max(journal.c.id))).scalar_one() or 0


def _insert(connection: Connection, now: datetime, values: Mapping[str, Any]) -> int | None:
    notify_on_commit(connection)
    ulid = str(ULID())
    statement = insert(connection, journal).values(ulid=ulid, at=now, **values)
    if values["once"] is not None:
        statement = statement.on_conflict_do_nothing(index_elements=["once"])
    written: int | None = connection.execute(statement.returning(journal.c.id)).scalar_one_or_none()
    listener: Listener | None = connection.get_execution_options().get(ON_FACT)
    if listener is not None and written is not None:
        listener(connection, Entry(id=written, ulid=ulid, at=now, adapter=None, seq=None, **values))
    return written


def _written(connection: Connection, names: Sequence[str]) -> set[str]:
    """Return those of the `once` keys that exist."""
    if not names:
        return set()
    return set(connection.execute(select(journal.c.once).where(journal.c.once.in_(names))).scalars())


def _next_seqs(connection: Connection, wanted: Sequence[Stream]) -> list[int]:
    """Return the next number of each stream, in order; a stream may occur more than once."""
    counts = Counter(wanted)
    # Sorted, so that two transactions at the same time don't deadlock.
    rows = [{"agent_id": key[0], "adapter": key[1], "last_seq": counts[key]} for key in sorted(counts)]
    statement = insert(connection, streams)
    raised = statement.on_conflict_do_update(
        index_elements=["agent_id", "adapter"], set_={"last_seq": streams.c.last_seq + statement.excluded.last_seq}
    ).returning(streams)
    last = {(row.agent_id, row.adapter): row.last_seq for row in connection.execute(raised, rows)}
    following = {stream: iter(range(last[stream] - count + 1, last[stream] + 1)) for stream, count in counts.items()}
    return [next(following[stream]) for stream in wanted]


def _entry(row: RowMapping) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__dataclass_fields__})
