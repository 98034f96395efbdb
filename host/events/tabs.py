"""The agent's open adapter tabs, over all processes: who is there, and which tab was used last.

The adapters in one page share a tab id. A row lives as long as its socket; one whose process was
killed stops counting when its process no longer says that it is alive.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, select, tuple_, update

from host.db.tables import tabs

ALIVE_FOR = timedelta(seconds=15)
"""How long a tab counts without a word from its process, which speaks every 5 s."""

Slot = tuple[int, str, str]
"""An agent's id, his tab, and the adapter."""


@dataclass(frozen=True)
class Tab:
    """One open adapter socket."""

    connection_id: str
    agent_id: int
    adapter: str
    tab_id: str

    @property
    def slot(self) -> Slot:
        """What a younger socket in its place shares with it."""
        return self.agent_id, self.tab_id, self.adapter


def open_tabs(connection: Connection, opened: Mapping[Tab, datetime], process_id: str, now: datetime) -> None:
    """Write down that sockets are open, each in the place of an older one of the same adapter in the same tab.

    Args:
        opened: Each socket's tab, and when the agent last used it.
        process_id: The process that holds the sockets.
        now: The time.
    """
    places = {tab.slot: tab for tab in opened}  # of two that open at once, the younger one stays
    connection.execute(delete(tabs).where(tuple_(tabs.c.agent_id, tabs.c.tab_id, tabs.c.adapter).in_(places)))
    values = {"process_id": process_id, "alive_at": now}
    connection.execute(tabs.insert(), [{**tab.__dict__, **values, "used_at": opened[tab]} for tab in places.values()])


def close_tabs(connection: Connection, connection_ids: Collection[str]) -> None:
    """Write down that these sockets have closed."""
    connection.execute(delete(tabs).where(tabs.c.connection_id.in_(connection_ids)))


def is_open(connection: Connection, connection_id: str) -> bool:
    """Say whether this socket counts: no younger one has taken its place."""
    found = connection.execute(select(tabs.c.tab_id).where(tabs.c.connection_id == connection_id))
    return found.first() is not None


def use(connection: Connection, agent_id: int, tab_id: str, now: datetime) -> None:
    """Write down that the agent did something in this tab."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.tab_id == tab_id)
    connection.execute(update(tabs).where(mine).values(used_at=now))


def keep_alive(connection: Connection, process_id: str, now: datetime) -> None:
    """Keep this process's tabs, forget those of processes that have been silent too long."""
    connection.execute(update(tabs).where(tabs.c.process_id == process_id).values(alive_at=now))
    connection.execute(delete(tabs).where(tabs.c.alive_at < now - ALIVE_FOR))


def forget_all(connection: Connection) -> None:
    """Forget every tab: for the only web process when it starts."""
    connection.execute(delete(tabs))


def is_present_at_all(connection: Connection, agent_id: int, now: datetime) -> bool:
    """Say whether the agent has any adapter open."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.alive_at >= now - ALIVE_FOR)
    return connection.execute(select(tabs.c.tab_id).where(mine).limit(1)).first() is not None


def tab_ids(connection: Connection, agent_id: int, adapter: str, now: datetime) -> list[str]:
    """Return the agent's tabs that have such an adapter, the last used one first."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.alive_at >= now - ALIVE_FOR)
    has_adapter = func.max(case((tabs.c.adapter == adapter, 1), else_=0)) == 1
    # A tab is used when any of its adapters is.
    last_used_first = (func.max(tabs.c.used_at).desc(), func.min(tabs.c.connection_id))
    one_a_tab = select(tabs.c.tab_id).where(mine).group_by(tabs.c.tab_id)
    return list(connection.execute(one_a_tab.having(has_adapter).order_by(*last_used_first)).scalars())
