"""Agents: adapters connect and disconnect, agents change their status, absent agents become Unresponsive."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select, update

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.db.tables import sessions, users
from host.errors import FieldsError
from host.events import journal, pops, tabs
from host.events.journal import Post
from host.events.tabs import Tab
from host.orchestration.session_actions import SessionActions
from host.routing import routing
from host.sessions import invitations, payloads, presence
from host.sessions.outbox import ROUTING
from host.users import directory, status

LONG_AGO = timedelta(days=30)
"""A tab that was never used counts as used this long ago."""


def login_once(tab: Tab) -> str:
    """Return the key that makes a page's Agent_Login unique in the journal."""
    return f"login:{tab.agent_id}:{tab.tab_id}"


@dataclass(frozen=True)
class Arrival:
    """An adapter that has connected."""

    tab: Tab
    used_ago: timedelta | None
    """How long ago the agent used the tab; None: never."""

    def used_at(self, now: datetime) -> datetime:
        """Return when the agent used it; a time long ago if never."""
        return now - (LONG_AGO if self.used_ago is None else self.used_ago)


class Agents:
    """Agents' actions that are not about one session."""

    def __init__(self, database: Database, clock: Clock, process_id: str, actions: SessionActions) -> None:
        self._database = database
        self._clock = clock
        self._process_id = process_id
        self._actions = actions

    def arrive(self, tab: Tab, used_ago: timedelta | None = timedelta(0)) -> int | None:
        """Note that an adapter has connected; as `arrive_all`."""
        [login] = self.arrive_all([Arrival(tab, used_ago)])
        return login

    @retry_on_deadlock
    def arrive_all(self, arrivals: Sequence[Arrival]) -> list[int | None]:
        """Note that adapters have connected, and offer their agents what waits.

        Returns:
            The journal id of each page's Agent_Login; `None` when it was written before.
        """
        ids = {arrival.tab.agent_id for arrival in arrivals}
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self._clock.now()
            tabs.open_tabs(connection, {each.tab: each.used_at(now) for each in arrivals}, self._process_id, now)
            pops.release(connection, [each.tab for each in arrivals])
            _mark_seen(connection, ids, now)
            agents = directory.by_ids(connection, ids)
            if missing := ids - agents.keys():
                raise LookupError(f"no users {sorted(missing)}")
            for user in agents.values():
                if user.status == status.UNRESPONSIVE:
                    back = user.status_before or status.AVAILABLE
                    presence.change_status(connection, user.id, back, now, by_system=True)
                    presence.update_status(connection, user.id, now)
            posts = [
                Post((tab.agent_id, tab.adapter), payloads.agent(agents[tab.agent_id]), login_once(tab))
                for tab in (each.tab for each in arrivals)
            ]
            logins = journal.post_all(connection, "Agent_Login", posts, now=now)
            self._actions.route(connection, now)
        return logins

    def leave(self, tab: Tab) -> None:
        """Note that an adapter's socket has closed."""
        self.leave_all([tab])

    @retry_on_deadlock
    def leave_all(self, left: Sequence[Tab]) -> list[None]:
        """Note that adapters' sockets have closed."""
        with self._database.write() as connection:
            tabs.close_tabs(connection, [tab.connection_id for tab in left])
            _mark_seen(connection, {tab.agent_id for tab in left}, self._clock.now())
        return [None] * len(left)

    @retry_on_deadlock
    def use(self, tab: Tab) -> None:
        """Note that the agent used this tab: the next record pops there."""
        with self._database.write() as connection:
            tabs.use(connection, tab.agent_id, tab.tab_id, self._clock.now())

    @retry_on_deadlock
    def set_status(self, agent_id: int, new: object) -> None:
        """Set the status that the agent chose.

        Raises:
            FieldsError: It isn't a status that agents may set.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self._clock.now()
            presence.change_status(connection, agent_id, _checked(connection, agent_id, new), now, by_system=True)
            self._actions.route(connection, now)

    def mark_unresponsive(self, connection: Connection) -> int:
        """Set agents to Unresponsive who should have an adapter and have had none for a while.

        Those at work should have one, and so should those with a chat, whatever their status. What rings in their
        adapters goes to the next agents.

        Returns:
            Their number.
        """
        now = self._clock.now()
        has_chat = exists().where(sessions.c.agent_id == users.c.id, sessions.c.status == "ongoing")
        is_needed = users.c.status.in_(status.AT_WORK) | (
            users.c.status.not_in((status.OFFLINE, status.UNRESPONSIVE)) & has_chat
        )
        since = now - presence.UNRESPONSIVE_AFTER
        silent = (users.c.seen_at.is_(None) | (users.c.seen_at < since)) & (users.c.status_since < since)
        rows = connection.execute(select(users.c.id).where(is_needed, users.c.is_active, silent))
        gone = [agent_id for agent_id in rows.scalars() if not tabs.is_present_at_all(connection, agent_id, now)]
        for agent_id in gone:
            presence.change_status(connection, agent_id, status.UNRESPONSIVE, now, by_system=True)
            routing.withdraw_of_agent(connection, agent_id, "unresponsive", now)
            for invited in invitations.of_agent(connection, agent_id):
                self._actions.transfers.end_invitation(connection, invited, "unresponsive", now)
        return len(gone)


def _mark_seen(connection: Connection, agent_ids: Collection[int], now: datetime) -> None:
    connection.execute(update(users).where(users.c.id.in_(agent_ids)).values(seen_at=now))


def _checked(connection: Connection, agent_id: int, new: object) -> str:
    """Return the status to set: what they do for an agent who becomes available, such as In-chat."""
    if not isinstance(new, str) or new not in status.SETTABLE:
        raise FieldsError({"status": f"found {new!r}; allowed: {', '.join(status.SETTABLE)}"})
    return presence.working_status(connection, agent_id) if new == status.AVAILABLE else new
