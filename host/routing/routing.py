"""Offers waiting calls and chats to agents: the longest idle one of the queue who is at work and has room.

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
from host.sessions import offers, presence, repository
from host.sessions.model import Session
from host.sessions.offers import UNSEEN
from host.users import status

UNSEEN_AFTER = timedelta(seconds=3)
"""How long an adapter may take to show an offer; for as long its agent isn't offered the chat again."""
OFFER = "assigned"
"""The name of an offer in the journal."""

WAITS = sessions.c.status.in_(("queued", "requeued"))
IS_OFFERED = sessions.c.status == "assigned"
AT_A_TIME = 100
MISSED = {"call": status.MISSED_CALL, "chat": status.MISSED_CHAT}
CHANNELS = ("call", "chat")

Offered = Callable[[Connection, Session], None]


def route(connection: Connection, now: datetime, offered: Offered) -> None:
    """Offer every waiting session for which an agent is free, the oldest first.

    A session that is kept for an agent (`agent_email`, a cold transfer) is offered to nobody else while they are at
    work, whatever their queues.

    Args:
        offered: Called for each offer, in the transaction.
    """
    waiting = _queues_with_waiting(connection)
    if not waiting:
        return
    offer_times = _offer_times(connection)
    for channel in CHANNELS:
        if queue_ids := waiting.get(channel):
            free = FreeAgents(connection, channel, queue_ids, now, _kept_for(connection, channel))
            _route_channel(connection, channel, free, now=now, offer_times=offer_times, offered=offered)


def find_agent(
    connection: Connection, channel: str, queue_id: int | None, but: Collection[int], now: datetime
) -> int | None:
    """Return the agent of a queue who is offered a session first, except those in `but`; None when nobody is free."""
    return FreeAgents(connection, channel, [queue_id], now).first(queue_id, but)


def is_free(connection: Connection, channel: str, agent_id: int, now: datetime) -> bool:
    """Tell whether an agent can be offered a session of a channel now."""
    return FreeAgents(connection, channel, [], now, [agent_id]).has_room(agent_id)


def expire(connection: Connection, now: datetime) -> int:
    """Withdraw the offers that were not accepted in time; their agents miss a session, and get no more offers.

    An offer that no adapter has shown is withdrawn much sooner, and the agent's status stays.

    Returns:
        The number of overdue offers.
    """
    for session in repository.where(connection, IS_OFFERED & (sessions.c.assigned_at <= now - UNSEEN_AFTER)):
        if _is_unchanged(connection, session) and _is_unseen(connection, session):
            offers.withdraw(connection, session, UNSEEN, now)
    overdue = repository.where(connection, IS_OFFERED & (sessions.c.offer_ends_at <= now))
    for session in overdue:
        if not _is_unchanged(connection, session):
            continue
        offers.withdraw(connection, session, "missed", now)
        if session.offered_to is not None:
            mark_missed(connection, session.offered_to, session.channel, now)
    return len(overdue)


def mark_missed(connection: Connection, agent_id: int, channel: str, now: datetime) -> None:
    """Set an agent to Missed Call or Missed Chat; not during a call, where they could not answer."""
    if not presence.has_call(connection, agent_id):
        presence.change_status(connection, agent_id, MISSED[channel], now, by_system=True)


def withdraw_of_agent(connection: Connection, agent_id: int, reason: str, now: datetime) -> None:
    """Withdraw all offers to an agent, so that the next agents get them."""
    for session in repository.where(connection, IS_OFFERED & (sessions.c.offered_to == agent_id)):
        if _is_unchanged(connection, session):
            offers.withdraw(connection, session, reason, now)


def _route_channel(
    connection: Connection,
    channel: str,
    free: FreeAgents,
    *,
    now: datetime,
    offer_times: Mapping[int | None, timedelta],
    offered: Offered,
) -> None:
    last_id = 0
    while free.are_left and (waiting := _waiting(connection, channel, last_id)):
        last_id = waiting[-1].id
        asked = _asked_lately(connection, waiting, offer_times, now)
        for session in waiting:
            agent_id = _first(free, session, but=asked[session.id])
            if agent_id is None or not _is_unchanged(connection, session):
                continue
            moved = _offer(connection, session, agent_id, now, now + offer_times[session.queue_id])
            offered(connection, moved)
            free.take(agent_id)


def _offer(connection: Connection, session: Session, agent_id: int, now: datetime, ends_at: datetime) -> Session:
    offer = {"offered_to": agent_id, "offer_ends_at": ends_at, "assigned_at": now}
    moved = repository.move(connection, session, "offer", now=now, tell=agent_id, changes=offer)
    if event := journal.newest(connection, session.id, OFFER):
        pops.add(connection, event.id, agent_id, session.id)
    return moved


def _is_unseen(connection: Connection, session: Session) -> bool:
    """Tell whether no adapter has acknowledged the offer."""
    event = journal.newest(connection, session.id, OFFER)
    return event is not None and pops.is_unseen(connection, event.id)


def _is_unchanged(connection: Connection, session: Session) -> bool:
    """Lock the session and tell whether its status is still the same."""
    return repository.get(connection, session.id).status == session.status


def _queues_with_waiting(connection: Connection) -> Mapping[str, list[int | None]]:
    """Return the queues of waiting sessions, by channel."""
    found: defaultdict[str, list[int | None]] = defaultdict(list)
    for row in connection.execute(select(sessions.c.channel, sessions.c.queue_id).where(WAITS).distinct()):
        found[row.channel].append(row.queue_id)
    return found


def _waiting(connection: Connection, channel: str, after_id: int) -> list[Session]:
    mine = WAITS & (sessions.c.channel == channel) & (sessions.c.id > after_id)
    return repository.where(connection, mine, limit=AT_A_TIME)


def _first(free: FreeAgents, session: Session, *, but: Collection[int]) -> int | None:
    """Return the agent to offer a session; while the agent whom it is kept for is at work, only that one."""
    kept_for = session.kept_for
    if kept_for is None or not free.is_at_work(kept_for):
        return free.first(session.queue_id, but=but)
    return kept_for if kept_for not in but and free.has_room(kept_for) else None


def _kept_for(connection: Connection, channel: str) -> set[int]:
    """Return the agents for whom waiting sessions are kept."""
    mine = WAITS & (sessions.c.channel == channel) & sessions.c.kept_for.is_not(None)
    return set(connection.execute(select(sessions.c.kept_for).where(mine).distinct()).scalars())


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
