"""The pop arbiter: a pop appears once, in the tab that the agent used last.

A pop is pending until a tab acknowledges it. A tab claims it first; if it does not acknowledge within 2 s, the next tab
may claim it, as long as the session is open.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, or_, select, tuple_, update

from host.db.tables import claims, journal, sessions
from host.events import tabs
from host.events.journal import Entry, Stream, by_ids

CLAIM_FOR = timedelta(seconds=2)
"""How long a tab may take to acknowledge a claim."""


def add(connection: Connection, journal_id: int, agent_id: int, session_id: int) -> None:
    """Make an event pending: a tab has to acknowledge it."""
    connection.execute(claims.insert().values(journal_id=journal_id, agent_id=agent_id, session_id=session_id))


def pending(connection: Connection, agent_ids: Iterable[int]) -> dict[Stream, list[Entry]]:
    """Return the pending events of open sessions, in order, by agent and adapter."""
    found: dict[Stream, list[Entry]] = defaultdict(list)
    rows = connection.execute(
        select(claims.c.journal_id, claims.c.agent_id, journal.c.adapter)
        .join(journal, journal.c.id == claims.c.journal_id)
        .join(sessions, sessions.c.id == claims.c.session_id)
        .where(claims.c.agent_id.in_(set(agent_ids)), claims.c.acked_at.is_(None), sessions.c.ends_at.is_(None))
        .where(journal.c.adapter.is_not(None))
        .order_by(claims.c.journal_id)
    )
    waiting = rows.all()
    entries = by_ids(connection, [row.journal_id for row in waiting])
    for row in waiting:
        found[row.agent_id, row.adapter].append(entries[row.journal_id])
    return found


def claim(connection: Connection, journal_id: int, tab: tabs.Tab, now: datetime) -> bool:
    """Claim a pending event for this tab.

    Returns:
        Whether this tab is to show it now.
    """
    columns = (claims.c.tab_id, claims.c.claimed_at, claims.c.acked_at, journal.c.at)
    pop = select(*columns).join(journal, journal.c.id == claims.c.journal_id).where(claims.c.journal_id == journal_id)
    row = connection.execute(pop).one_or_none()
    if row is None or not tabs.is_open(connection, tab.connection_id):
        return False  # the session has ended since it was found pending, or this socket counts as closed
    if row.acked_at is not None or (row.tab_id is not None and row.claimed_at > now - CLAIM_FOR):
        return False
    # A tab whose process was killed still counts for a while; other tabs wait for it as long as for a claim.
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

    The first acknowledgement counts, also from a tab whose claim has expired: it did show the event.
    """
    shown = select(journal.c.id).where(journal.c.ulid == ulid).scalar_subquery()
    changed = connection.execute(
        update(claims)
        .where(claims.c.journal_id == shown, claims.c.agent_id == tab.agent_id, claims.c.acked_at.is_(None))
        .values(acked_at=now, tab_id=tab.tab_id)
    )
    return changed.rowcount == 1


def release(connection: Connection, opened: Iterable[tabs.Tab]) -> None:
    """Release the claims of older sockets of these adapters and tabs: events sent to them are lost."""
    claimed = tuple_(claims.c.agent_id, claims.c.tab_id, journal.c.adapter)
    theirs = exists().where(journal.c.id == claims.c.journal_id, claimed.in_({tab.slot for tab in opened}))
    lost = claims.c.acked_at.is_(None) & claims.c.tab_id.is_not(None) & theirs
    connection.execute(update(claims).where(lost).values(tab_id=None, claimed_at=None))


def renew(connection: Connection, ulid: str, tab: tabs.Tab, now: datetime) -> int | None:
    """Renew the claim of a tab that is late, unless another tab has claimed the event.

    Returns:
        The journal id of the event that it may show; `None` if it may not.
    """
    late = select(journal.c.id).where(journal.c.ulid == ulid).scalar_subquery()
    renewed = connection.execute(
        update(claims)
        .where(claims.c.journal_id == late, claims.c.agent_id == tab.agent_id)
        .where(claims.c.tab_id == tab.tab_id, claims.c.acked_at.is_(None))
        .values(claimed_at=now)
        .returning(claims.c.journal_id)
    )
    return renewed.scalar_one_or_none()


def take_place(connection: Connection, journal_id: int, tab: tabs.Tab, shown_in: str) -> bool:
    """Let a page that has just loaded show again what a closed tab showed; return False if another page does."""
    gone = (claims.c.journal_id == journal_id) & (claims.c.tab_id == shown_in)
    return connection.execute(update(claims).where(gone).values(tab_id=tab.tab_id)).rowcount == 1


def is_unseen(connection: Connection, journal_id: int) -> bool:
    """Tell whether no tab has acknowledged the event."""
    waiting = (claims.c.journal_id == journal_id) & claims.c.acked_at.is_(None)
    return connection.execute(select(claims.c.journal_id).where(waiting)).first() is not None


def drop(connection: Connection, session_id: int, agent_id: int) -> None:
    """Delete the pending events of a session for an agent who does not have it any more."""
    mine = (claims.c.session_id == session_id) & (claims.c.agent_id == agent_id)
    connection.execute(delete(claims).where(mine, claims.c.acked_at.is_(None)))


def shown_in(connection: Connection, journal_id: int) -> str | None:
    """Return the tab that has acknowledged the event; `None` while it is pending."""
    return connection.execute(
        select(claims.c.tab_id).where(claims.c.journal_id == journal_id, claims.c.acked_at.is_not(None))
    ).scalar_one_or_none()


def _next_tab(connection: Connection, tab: tabs.Tab, failed: str | None, now: datetime) -> str | None:
    """Return the tab used last; the one whose claim expired comes after all others."""
    candidates = tabs.tab_ids(connection, tab.agent_id, tab.adapter, now)
    return min(candidates, key=lambda tab_id: tab_id == failed, default=None)
