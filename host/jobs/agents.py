"""Agents at work: they come and go, change their status, and ask for another look into the CRM."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from host.clock import Clock
from host.db.engine import Database, again_after_deadlock, take_turns
from host.db.tables import users
from host.errors import FieldsError
from host.events import journal, pops, tabs
from host.events.tabs import Tab
from host.sessions import payloads, presence
from host.sessions.outbox import ROUTING, Outbox, Route
from host.users import directory, status

GONE_AFTER = timedelta(seconds=30)
"""How long an agent may be without an adapter before he is called Unresponsive."""

LONG_AGO = timedelta(days=30)
"""When a tab was last used that nobody has used yet."""


def login_once(tab: Tab) -> str:
    """Return the name under which a page's Agent_Login is written only once."""
    return f"login:{tab.agent_id}:{tab.tab_id}"


class Agents:
    """What agents do that is not about one session."""

    def __init__(self, database: Database, clock: Clock, process_id: str, outbox: Outbox, route: Route) -> None:
        self._database = database
        self._clock = clock
        self._process_id = process_id
        self._outbox = outbox
        self._route = route

    @again_after_deadlock
    def arrive(self, tab: Tab, used_ago: timedelta | None = timedelta(0)) -> int | None:
        """An adapter has connected: its agent is there, and may get what waits.

        Args:
            tab: The adapter's.
            used_ago: How long ago the agent used the tab; None: not yet.

        Returns:
            The journal id of the page's Agent_Login; `None` when the page has told of it before.
        """
        with self._database.write() as connection:
            take_turns(connection, ROUTING)
            now = self._clock.now()
            used_at = now - (LONG_AGO if used_ago is None else used_ago)
            tabs.open_tab(connection, tab, self._process_id, now, used_at=used_at)
            pops.release(connection, tab)
            _seen(connection, tab.agent_id, now)
            user = directory.by_id(connection, tab.agent_id)
            if user is None:
                raise LookupError(f"no user {tab.agent_id}")
            if user.status == status.UNRESPONSIVE:
                back = user.status_before or status.AVAILABLE
                presence.change_status(connection, user.id, back, now, by_system=True)
            login = journal.post(
                connection,
                "Agent_Login",
                now=now,
                agent_id=user.id,
                adapter=tab.adapter,
                data=payloads.agent(user),
                once=login_once(tab),
            )
            self._route(connection, now)
        return login

    @again_after_deadlock
    def leave(self, tab: Tab) -> None:
        """An adapter's socket has closed."""
        with self._database.write() as connection:
            tabs.close_tab(connection, tab.connection_id)
            _seen(connection, tab.agent_id, self._clock.now())

    @again_after_deadlock
    def use(self, tab: Tab) -> None:
        """The agent did something in this tab: what pops next pops there."""
        with self._database.write() as connection:
            tabs.use(connection, tab.agent_id, tab.tab_id, self._clock.now())

    @again_after_deadlock
    def set_status(self, agent_id: int, new: object) -> None:
        """Let the agent choose a status.

        Raises:
            FieldsError: It isn't one that people choose.
        """
        with self._database.write() as connection:
            take_turns(connection, ROUTING)
            now = self._clock.now()
            presence.change_status(connection, agent_id, _checked(connection, agent_id, new), now, by_system=True)
            self._route(connection, now)

    def notice_the_gone(self, connection: Connection) -> int:
        """Mark agents as Unresponsive whose adapters have all been away for a while; return how many."""
        now = self._clock.now()
        working = (*status.WAITING, status.WRAP_UP)
        since = now - GONE_AFTER
        silent = (users.c.seen_at.is_(None) | (users.c.seen_at < since)) & (users.c.status_since < since)
        rows = connection.execute(select(users.c.id).where(users.c.status.in_(working), users.c.is_active, silent))
        gone = [agent_id for agent_id in rows.scalars() if not tabs.is_present_at_all(connection, agent_id, now)]
        for agent_id in gone:
            presence.change_status(connection, agent_id, status.UNRESPONSIVE, now, by_system=True)
        return len(gone)


def _seen(connection: Connection, agent_id: int, now: datetime) -> None:
    connection.execute(update(users).where(users.c.id == agent_id).values(seen_at=now))


def _checked(connection: Connection, agent_id: int, new: object) -> str:
    """Return the status to set: one who has chats and is available is In-chat."""
    if not isinstance(new, str) or new not in status.SETTABLE:
        raise FieldsError({"status": f"found {new!r}; allowed: {', '.join(status.SETTABLE)}"})
    has_chats = bool(presence.open_chats(connection, agent_id))
    return status.IN_CHAT if new == status.AVAILABLE and has_chats else new
