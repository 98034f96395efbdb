"""The agent's open adapter tabs, over all processes: who is there, and which tab was used last.

The adapters in one page share a tab id. A row lives as long as its socket; one whose process was
killed stops counting when its process no longer says that it is alive.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from host.db.tables import tabs

ALIVE_FOR = timedelta(seconds=15)
"""How long a tab counts without a word from its process, which speaks every 5 s."""


@dataclass(frozen=True)
class Tab:
    """One open adapter socket."""

    connection_id: str
    agent_id: int
    adapter: str
    tab_id: str


def open_tab(connection: Connection, tab: Tab, process_id: str, now: datetime) -> None:
    """Write down that this socket is open."""
    values = {"process_id": process_id, "used_at": now, "alive_at": now}
    connection.execute(tabs.insert().values(**tab.__dict__, **values))


def close_tab(connection: Connection, connection_id: str) -> None:
    """Write down that this socket has closed."""
    connection.execute(delete(tabs).where(tabs.c.connection_id == connection_id))


def use(connection: Connection, agent_id: int, tab_id: str, now: datetime) -> None:
    """Write down that the agent did something in this tab."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.tab_id == tab_id)
    connection.execute(update(tabs).where(mine).values(used_at=now))


def still_alive(connection: Connection, process_id: str, now: datetime) -> None:
    """Keep this process's tabs, forget those of processes that have been silent too long."""
    connection.execute(update(tabs).where(tabs.c.process_id == process_id).values(alive_at=now))
    connection.execute(delete(tabs).where(tabs.c.alive_at < now - ALIVE_FOR))


def forget_all(connection: Connection) -> None:
    """Forget every tab: for the only web process when it starts."""
    connection.execute(delete(tabs))


def is_present(connection: Connection, agent_id: int, adapter: str, now: datetime) -> bool:
    """Say whether the agent has such an adapter open."""
    return bool(tab_ids(connection, agent_id, adapter, now))


def is_present_at_all(connection: Connection, agent_id: int, now: datetime) -> bool:
    """Say whether the agent has any adapter open."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.alive_at >= now - ALIVE_FOR)
    return connection.execute(select(tabs.c.tab_id).where(mine).limit(1)).first() is not None


def tab_ids(connection: Connection, agent_id: int, adapter: str, now: datetime) -> list[str]:
    """Return the agent's tabs that have such an adapter, the last used one first."""
    mine = (tabs.c.agent_id == agent_id) & (tabs.c.adapter == adapter) & (tabs.c.alive_at >= now - ALIVE_FOR)
    rows = connection.execute(select(tabs.c.tab_id).where(mine).order_by(tabs.c.used_at.desc(), tabs.c.connection_id))
    return list(dict.fromkeys(row.tab_id for row in rows))
