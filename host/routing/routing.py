"""Offers waiting chats to agents: the longest idle one of the queue who is at work and has room.

`route` may be called at any time, in the transaction that changed something: it makes the offers that are possible, and
else does nothing. Its callers hold the lock `ROUTING`, so that only one transaction routes at a time.

Source: docs/reference/sessions.md, Queues and routing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from host.db.tables import journal as rows
from host.db.tables import sessions
from host.events import journal, pops
from host.queues import tree
from host.queues.settings import QueueSettings
from host.routing.free_agents import FreeAgents
from host.sessions import chats, presence, repository
from host.sessions.model import Session
from host.users import status

UNSEEN_AFTER = timedelta(seconds=3)
"""How long an adapter may take to show an offer; for as long its agent isn't offered the chat again."""
UNSEEN = "unseen"
OFFER = "assigned"
"""The name of an offer in the journal."""

WAITS = (sessions.c.status == "queued") & (sessions.c.channel == "chat")
AT_A_TIME = 100

Offered = Callable[[Connection, Session], None]


def route(connection: Connection, now: datetime, offered: Offered) -> None:
    """Offer every waiting chat for which an agent is free, the oldest first.

    A chat that was started for an agent (`agent_email`) is kept for them while they are at work, whatever their queues.

    Args:
        offered: Called for each offer, in the transaction.
    """
    queue_ids = _queues_with_waiting(connection)
    if not queue_ids:
        return
    free = FreeAgents(connection, queue_ids, now, _named(connection))
    if not free.are_left:
        return
    offer_times = _offer_times(connection)
    last_id = 0
    while free.are_left and (waiting := _waiting(connection, last_id)):
        last_id = waiting[-1].id
        asked = _asked_lately(connection, waiting, offer_times, now)
        kept = _kept_for(connection, waiting)
        for session in waiting:
            agent_id = _first(free, session, kept.get(session.id), but=asked[session.id])
            if agent_id is None or not _is_unchanged(connection, session):
                continue
            offer = {"offered_to": agent_id, "offer_ends_at": now + offer_times[session.queue_id], "assigned_at": now}
            moved = repository.move(connection, session, "offer", now=now, tell=agent_id, changes=offer)
            if event := journal.newest(connection, session.id, OFFER):
                pops.add(connection, event.id, agent_id, session.id)
            offered(connection, moved)
            free.take(agent_id)


def expire(connection: Connection, now: datetime) -> int:
    """Withdraw the offers that were not accepted in time; the agent becomes Missed Chat, and gets no more offers.

    An offer that no adapter has shown is withdrawn much sooner, and the agent's status stays.

    Returns:
        The number of overdue offers.
    """
    is_offered = (sessions.c.status == "assigned") & (sessions.c.channel == "chat")
    for session in repository.where(connection, is_offered & (sessions.c.assigned_at <= now - UNSEEN_AFTER)):
        if _is_unchanged(connection, session) and _is_unseen(connection, session):
            chats.withdraw(connection, session, UNSEEN, now)
    overdue = repository.where(connection, is_offered & (sessions.c.offer_ends_at <= now))
    for session in overdue:
        if not _is_unchanged(connection, session):
            continue
        chats.withdraw(connection, session, "missed", now)
        if session.offered_to is not None:
            presence.change_status(connection, session.offered_to, status.MISSED_CHAT, now, by_system=True)
    return len(overdue)


def _is_unseen(connection: Connection, session: Session) -> bool:
    """Tell whether no adapter has acknowledged the offer."""
    event = journal.newest(connection, session.id, OFFER)
    return event is not None and pops.is_unseen(connection, event.id)


def _is_unchanged(connection: Connection, session: Session) -> bool:
    """Lock the session and tell whether its status is still the same."""
    return repository.get(connection, session.id).status == session.status


def _queues_with_waiting(connection: Connection) -> list[int | None]:
    return list(connection.execute(select(sessions.c.queue_id).where(WAITS).distinct()).scalars())


def _waiting(connection: Connection, after_id: int) -> list[Session]:
    return repository.where(connection, WAITS & (sessions.c.id > after_id), limit=AT_A_TIME)


def _first(free: FreeAgents, session: Session, kept_for: int | None, *, but: Collection[int]) -> int | None:
    """Return the agent to offer a chat; while the agent whom its start names is at work, only that one."""
    if kept_for is None or not free.is_at_work(kept_for):
        return free.first(session.queue_id, but=but)
    return kept_for if kept_for not in but and free.has_room(kept_for) else None


def _named(connection: Connection) -> set[int]:
    """Return the agents for whom waiting chats were started."""
    named = sessions.c.details["dialling_agent_id"].as_integer()
    return {each for each in connection.execute(select(named).where(WAITS).distinct()).scalars() if each is not None}


def _kept_for(connection: Connection, waiting: Sequence[Session]) -> dict[int, int]:
    """Return the agents for whom chats are kept: those named at the start, until they decline or miss the chat."""
    named = {each.id: each.details["dialling_agent_id"] for each in waiting if "dialling_agent_id" in each.details}
    ended = rows.c.session_id.in_(named) & (rows.c.name == "offer_ended")
    for row in connection.execute(select(rows.c.session_id, rows.c.data).where(ended)).all() if named else ():
        if row.data["reason"] != UNSEEN and row.data["agent_id"] == named.get(row.session_id):
            del named[row.session_id]
    return named


def _asked_lately(
    connection: Connection, waiting: Sequence[Session], offer_times: Mapping[int | None, timedelta], now: datetime
) -> Mapping[int, set[int]]:
    """Return the agents who declined, missed or didn't see each chat so recently that others get it first."""
    queue_ids = {session.id: session.queue_id for session in waiting}
    longest = max(offer_times.values())
    ended = rows.c.session_id.in_(queue_ids) & (rows.c.name == "offer_ended") & (rows.c.at > now - longest)
    asked: defaultdict[int, set[int]] = defaultdict(set)
    for row in connection.execute(select(rows.c.session_id, rows.c.at, rows.c.data).where(ended)):
        pause = UNSEEN_AFTER if row.data["reason"] == UNSEEN else offer_times[queue_ids[row.session_id]]
        if row.at > now - pause:
            asked[row.session_id].add(row.data["agent_id"])
    return asked


def _offer_times(connection: Connection) -> Mapping[int | None, timedelta]:
    """Return how long an offer lasts, by queue; None for chats without a queue."""
    seconds: dict[int | None, int] = {None: QueueSettings().offer_time_s}
    seconds |= {queue.id: queue.settings.offer_time_s for queue in tree.all(connection)}
    return {queue_id: timedelta(seconds=each) for queue_id, each in seconds.items()}
