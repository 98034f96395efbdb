"""The pop arbiter: one pop, once, in the tab that the agent used last.

A pop is pending until a tab has acknowledged it. A tab claims it; a claim that isn't acknowledged
within 2 s passes to the next tab, for as long as the session is open.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from host.db.tables import claims, journal, sessions
from host.events import tabs

CLAIM_FOR = timedelta(seconds=2)
"""How long a tab has to acknowledge what it claimed."""


def add(connection: Connection, journal_id: int, agent_id: int, session_id: int) -> None:
    """Make an event pending: somebody has to acknowledge it."""
    connection.execute(claims.insert().values(journal_id=journal_id, agent_id=agent_id, session_id=session_id))


def pending(connection: Connection, agent_id: int, adapter: str) -> list[int]:
    """Return the journal ids of what nobody has acknowledged, in order, while its session is open."""
    rows = connection.execute(
        select(claims.c.journal_id)
        .join(journal, journal.c.id == claims.c.journal_id)
        .join(sessions, sessions.c.id == claims.c.session_id)
        .where(claims.c.agent_id == agent_id, claims.c.acked_at.is_(None), sessions.c.ends_at.is_(None))
        .where(journal.c.adapter == adapter)
        .order_by(claims.c.journal_id)
    )
    return [row.journal_id for row in rows]


def claim(connection: Connection, journal_id: int, tab: tabs.Tab, now: datetime) -> bool:
    """Claim a pending event for this tab.

    Returns:
        Whether this tab is to show it now.
    """
    columns = (claims.c.tab_id, claims.c.claimed_at, claims.c.acked_at, journal.c.at)
    pop = select(*columns).join(journal, journal.c.id == claims.c.journal_id).where(claims.c.journal_id == journal_id)
    row = connection.execute(pop).one()
    if row.acked_at is not None or (row.tab_id is not None and row.claimed_at > now - CLAIM_FOR):
        return False
    # A tab whose process was killed still seems to be there for a while: nobody waits for it longer than for a claim.
    was_passed_over = row.tab_id is None and row.at <= now - CLAIM_FOR
    if not was_passed_over and _next_tab(connection, tab, row.tab_id, now) != tab.tab_id:
        return False
    free = or_(claims.c.tab_id.is_(None), claims.c.claimed_at <= now - CLAIM_FOR)
    taken = connection.execute(
        update(claims)
        .where(claims.c.journal_id == journal_id, claims.c.acked_at.is_(None), free)
        .values(tab_id=tab.tab_id, claimed_at=now)
    )
    return taken.rowcount == 1


def acknowledge(connection: Connection, ulid: str, tab: tabs.Tab, now: datetime) -> bool:
    """Note that a tab has shown the event.

    The first acknowledgement counts. One from a tab whose claim has run out counts too: it was shown.
    """
    shown = select(journal.c.id).where(journal.c.ulid == ulid).scalar_subquery()
    changed = connection.execute(
        update(claims)
        .where(claims.c.journal_id == shown, claims.c.agent_id == tab.agent_id, claims.c.acked_at.is_(None))
        .values(acked_at=now, tab_id=tab.tab_id)
    )
    return changed.rowcount == 1


def drop(connection: Connection, session_id: int, agent_id: int) -> None:
    """Forget what is pending for an agent whom the session doesn't concern any more."""
    mine = (claims.c.session_id == session_id) & (claims.c.agent_id == agent_id)
    connection.execute(delete(claims).where(mine, claims.c.acked_at.is_(None)))


def shown_in(connection: Connection, journal_id: int) -> str | None:
    """Return the tab that has acknowledged the event; `None` while it is pending."""
    return connection.execute(
        select(claims.c.tab_id).where(claims.c.journal_id == journal_id, claims.c.acked_at.is_not(None))
    ).scalar_one_or_none()


def _next_tab(connection: Connection, tab: tabs.Tab, failed: str | None, now: datetime) -> str | None:
    """The last used tab, but the one that claimed and stayed silent comes last."""
    candidates = tabs.tab_ids(connection, tab.agent_id, tab.adapter, now)
    return min(candidates, key=lambda tab_id: tab_id == failed, default=None)
