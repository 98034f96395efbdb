"""What is new in the journal, for a bus: whom it concerns."""

from collections.abc import Callable

from sqlalchemy import Connection, select

from host.db.tables import journal

OVERLAP = 500
"""PostgreSQL may commit ids out of order: so many are looked at again."""

Wake = Callable[[set[int], set[int]], None]
"""Called with the ids of the agents and of the sessions that something happened to."""


class News:
    """Reads the journal from where it stood at first, each row once."""

    def __init__(self, newest: int) -> None:
        self._newest = newest
        self._told = set(range(max(0, newest - OVERLAP), newest + 1))

    def tell(self, reader: Connection, wake: Wake) -> None:
        """Wake whoever has news since the last time."""
        columns = (journal.c.id, journal.c.agent_id, journal.c.session_id)
        since = select(*columns).where(journal.c.id > self._newest - OVERLAP).order_by(journal.c.id)
        rows = [row for row in reader.execute(since) if row.id not in self._told]
        reader.rollback()
        if not rows:
            return
        self._newest = max(self._newest, rows[-1].id)
        self._told = {known for known in self._told if known > self._newest - OVERLAP} | {row.id for row in rows}
        wake(
            {row.agent_id for row in rows if row.agent_id is not None},
            {row.session_id for row in rows if row.session_id is not None},
        )
