"""Agents at work: they come and go, change their status, and ask for another look into the CRM."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.db.tables import users
from host.errors import FieldsError
from host.events import journal, pops, tabs
from host.events.journal import Post
from host.events.tabs import Tab
from host.sessions import payloads, presence
from host.sessions.outbox import ROUTING, Outbox, Route
from host.users import directory, status

UNRESPONSIVE_AFTER = timedelta(seconds=30)
"""How long an agent may be without an adapter before he is called Unresponsive."""

LONG_AGO = timedelta(days=30)
"""When a tab was last used that nobody has used yet."""


def login_once(tab: Tab) -> str:
    """Return the name under which a page's Agent_Login is written only once."""
    return f"login:{tab.agent_id}:{tab.tab_id}"


@dataclass(frozen=True)
class Arrival:
    """An adapter that has connected."""

    tab: Tab
    used_ago: timedelta | None
    """How long ago the agent used the tab; None: not yet."""

    def used_at(self, now: datetime) -> datetime:
        """Return when he did, or a time before all others."""
        return now - (LONG_AGO if self.used_ago is None else self.used_ago)


class Agents:
    """What agents do that is not about one session."""

    def __init__(self, database: Database, clock: Clock, process_id: str, outbox: Outbox, route: Route) -> None:
        self._database = database
        self._clock = clock
        self._process_id = process_id
        self._outbox = outbox
        self._route = route

    def arrive(self, tab: Tab, used_ago: timedelta | None = timedelta(0)) -> int | None:
        """An adapter has connected; as `arrive_all`."""
        [login] = self.arrive_all([Arrival(tab, used_ago)])
        return login

    @retry_on_deadlock
    def arrive_all(self, arrivals: Sequence[Arrival]) -> list[int | None]:
        """Adapters have connected: their agents are there, and may get what waits.

        Returns:
            The journal id of each page's Agent_Login; `None` when the page has told of it before.
        """
        ids = {arrival.tab.agent_id for arrival in arrivals}
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self._clock.now()
            tabs.open_tabs(connection, {each.tab: each.used_at(now) for each in arrivals}, self._process_id, now)
            pops.release(connection, [each.tab for each in arrivals])
            _seen(connection, ids, now)
            agents = directory.by_ids(connection, ids)
            if missing := ids - agents.keys():
                raise LookupError(f"no users {sorted(missing)}")
            for user in agents.values():
                if user.status == status.UNRESPONSIVE:
                    back = user.status_before or status.AVAILABLE
                    presence.change_status(connection, user.id, back, now, by_system=True)
            posts = [
                Post((tab.agent_id, tab.adapter), payloads.agent(agents[tab.agent_id]), login_once(tab))
                for tab in (each.tab for each in arrivals)
            ]
            logins = journal.post_all(connection, "Agent_Login", posts, now=now)
            self._route(connection, now)
        return logins

    def leave(self, tab: Tab) -> None:
        """An adapter's socket has closed."""
        self.leave_all([tab])

    @retry_on_deadlock
    def leave_all(self, left: Sequence[Tab]) -> list[None]:
        """Adapters' sockets have closed."""
        with self._database.write() as connection:
            tabs.close_tabs(connection, [tab.connection_id for tab in left])
            _seen(connection, {tab.agent_id for tab in left}, self._clock.now())
        return [None] * len(left)

    @retry_on_deadlock
    def use(self, tab: Tab) -> None:
        """The agent did something in this tab: what pops next pops there."""
        with self._database.write() as connection:
            tabs.use(connection, tab.agent_id, tab.tab_id, self._clock.now())

    @retry_on_deadlock
    def set_status(self, agent_id: int, new: object) -> None:
        """Let the agent choose a status.

        Raises:
            FieldsError: It isn't one that people choose.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self._clock.now()
            presence.change_status(connection, agent_id, _checked(connection, agent_id, new), now, by_system=True)
            self._route(connection, now)

    def mark_unresponsive(self, connection: Connection) -> int:
        """Mark agents as Unresponsive whose adapters have all been away for a while; return how many."""
        now = self._clock.now()
        working = (*status.WAITING, status.WRAP_UP)
        since = now - UNRESPONSIVE_AFTER
        silent = (users.c.seen_at.is_(None) | (users.c.seen_at < since)) & (users.c.status_since < since)
        rows = connection.execute(select(users.c.id).where(users.c.status.in_(working), users.c.is_active, silent))
        gone = [agent_id for agent_id in rows.scalars() if not tabs.is_present_at_all(connection, agent_id, now)]
        for agent_id in gone:
            presence.change_status(connection, agent_id, status.UNRESPONSIVE, now, by_system=True)
        return len(gone)


def _seen(connection: Connection, agent_ids: Collection[int], now: datetime) -> None:
    connection.execute(update(users).where(users.c.id.in_(agent_ids)).values(seen_at=now))


def _checked(connection: Connection, agent_id: int, new: object) -> str:
    """Return the status to set: one who has chats and is available is In-chat."""
    if not isinstance(new, str) or new not in status.SETTABLE:
        raise FieldsError({"status": f"found {new!r}; allowed: {', '.join(status.SETTABLE)}"})
    has_chats = bool(presence.open_chats(connection, agent_id))
    return status.IN_CHAT if new == status.AVAILABLE and has_chats else new
