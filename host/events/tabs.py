"""The open adapter tabs of agents, of all processes, and which tab was used last.

The adapters in one page share a tab id. A row lives as long as its socket; a row of a killed process stops counting
when the heartbeats of that process have stopped.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, select, tuple_, update

from host.db.tables import tabs

ALIVE_FOR = timedelta(seconds=15)
"""How long a tab counts without a heartbeat of its process; there is one every 5 s."""

Slot = tuple[int, str, str]
"""An agent's id, the tab's id, and the adapter; at most one open socket counts for each."""


@dataclass(frozen=True)
class Tab:
    """One open adapter socket."""

    connection_id: str
    agent_id: int
    adapter: str
    tab_id: str

    @property
    def slot(self) -> Slot:
        """What the socket shares with a newer one that reslots it."""
        return self.agent_id, self.tab_id, self.adapter


def open_tabs(connection: Connection, opened: Mapping[Tab, datetime], process_id: str, now: datetime) -> None:
    """Store open sockets; each reslots an older one of the same adapter in the same tab.

    Args:
        opened: Each socket's tab, and when the agent last used it.
        process_id: The process that holds the sockets.
        now: The time.
    """
    slots = {tab.slot: tab for tab in opened}  # of two for the same slot, the later one stays
    connection.execute(delete(tabs).where(tuple_(tabs.c.agent_id, tabs.c.tab_id, tabs.c.adapter).in_(slots)))
    values = {"process_id": process_id, "alive_at": now}
    connection.execute(tabs.insert(), [{**tab.__dict__, **values, "used_at": opened[tab]} for tab in slots.values()])


def close_tabs(connection: Connection, connection_ids: Collection[str]) -> None:
    """Delete the rows of closed sockets."""
    connection.execute(delete(tabs).where(tabs.c.connection_id.in_(connection_ids)))


def is_open(connection: Connection, connection_id: str) -> bool:
    """Tell whether this socket counts: no newer one has replaced it."""
    found = connection.execute(select(tabs.c.tab_id).where(tabs.c.connection_id == connection_id))
    return found.first() is not None


def use(connection: Connection, agent_id: int, tab_id: str, now: datetime) -> None:
    """Note that the agent used this tab."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.tab_id == tab_id)
    connection.execute(update(tabs).where(mine).values(used_at=now))


def keep_alive(connection: Connection, process_id: str, now: datetime) -> None:
    """Renew the tabs of this process; delete tabs of processes without heartbeats."""
    connection.execute(update(tabs).where(tabs.c.process_id == process_id).values(alive_at=now))
    connection.execute(delete(tabs).where(tabs.c.alive_at < now - ALIVE_FOR))


def forget_all(connection: Connection) -> None:
    """Delete all tabs, when the only web process starts."""
    connection.execute(delete(tabs))


def is_present_at_all(connection: Connection, agent_id: int, now: datetime) -> bool:
    """Tell whether the agent has any adapter open."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.alive_at >= now - ALIVE_FOR)
    return connection.execute(select(tabs.c.tab_id).where(mine).limit(1)).first() is not None


def tab_ids(connection: Connection, agent_id: int, adapter: str, now: datetime) -> list[str]:
    """Return the agent's tabs with such an adapter, the last used first."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.alive_at >= now - ALIVE_FOR)
    has_adapter = func.max(case((tabs.c.adapter == adapter, 1), else_=0)) == 1
    # A tab is used when any of its adapters is.
    last_used_first = (func.max(tabs.c.used_at).desc(), func.min(tabs.c.connection_id))
    one_a_tab = select(tabs.c.tab_id).where(mine).group_by(tabs.c.tab_id)
    return list(connection.execute(one_a_tab.having(has_adapter).order_by(*last_used_first)).scalars())
