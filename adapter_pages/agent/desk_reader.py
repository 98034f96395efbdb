"""Batched read: one transaction reads the desks of all adapter sockets that poll together.

A socket that is woken asks `DeskReader`. Its first SQL query reads everything except open sessions, for all sockets of
the batch.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, bindparam, exists, func, literal, select, tuple_

from adapter_pages.agent import desk
from adapter_pages.agent.desk import AgentDesk, Desk
from adapter_pages.agent.event_stream import EventWithText, Text, text_of
from host.db.batching import Batcher
from host.db.tables import claims, sessions, sign_ins, streams, tabs, users
from host.events import journal, pops
from host.events.journal import Entry, Stream
from host.events.tabs import Slot, Tab
from host.orchestration import event_text
from host.services import Services
from host.users import directory
from host.users import sign_ins as find
from host.users.directory import User

USE_NOTED_EVERY = timedelta(minutes=3)
"""How often the use of a sign-in by an open adapter is recorded. Sockets poll at least every two minutes, and the
shortest idle time of a sign-in is 15 minutes."""


@dataclass(frozen=True)
class Bearer:
    """The user and sign-in that a socket belongs to."""

    user_id: int
    sign_in: str
    """The hash of the sign-in; when it ends, the socket closes."""


@dataclass(frozen=True)
class DeskQuery:
    """A socket's query: whose desk, and what its page already shows."""

    bearer: Bearer
    tab: Tab
    seq: int
    """Of the last event that was sent to the page."""
    lines: Mapping[int, int]
    """The last message that the page shows of each session, by session id."""
    is_first: bool = False
    """Whether the page has just connected; events that it missed are sent as replayed."""
    login: int | None = None
    """The journal id of the page's Agent_Login, if that is to be sent now."""

    @property
    def stream(self) -> Stream:
        """The stream whose events the page gets."""
        return self.tab.agent_id, self.tab.adapter


@dataclass(frozen=True)
class DeskState:
    """The current desk and events."""

    desk: Desk
    base: int
    """The seq after which the stream goes on: the page's own, or 0 if this journal doesn't have it."""
    newest: int
    """The last seq of the stream."""
    events: Sequence[EventWithText]
    """Events after `base`; for a page that has just loaded, those of the open sessions."""
    pending: Sequence[Entry]
    """Pops that no tab has acknowledged."""


class SignedOut:
    """The sign-in has ended, or its user may not work any more."""


class SocketExpired:
    """Another process took this socket for dead and deleted its row."""


Answer = DeskState | SignedOut | SocketExpired


class DeskReader:
    """Reads desks for all sockets of this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._batcher = Batcher(self._read)

    def read(self, query: DeskQuery) -> Answer:
        """Return the state that is in the database now."""
        return self._batcher.submit(query)

    def _read(self, queries: Sequence[DeskQuery]) -> list[Answer]:
        now = self._services.clock.now()
        self._services.settings.current()  # before we hold a database connection, since it may need one
        with self._services.database.read() as transaction:
            reading = _BatchRead(self._services, transaction, now, queries)
            answers = [reading.answer(query) for query in queries]
        if used := reading.sign_ins_in_use():
            with self._services.database.write() as transaction:
                find.use(transaction, used, now)
        return answers


class _BatchRead:
    """Answers to several queries in one transaction."""

    def __init__(
        self, services: Services, transaction: Transaction, now: datetime, queries: Sequence[DeskQuery]
    ) -> None:
        self._services = services
        self._transaction = transaction
        self._now = now
        self._rows = _rows(transaction, queries, now)
        known = [(each, self._rows[each.tab.slot][0]) for each in queries if each.tab.slot in self._rows]
        missed: dict[Stream, range] = {}
        for query, row in known:
            if not _starts_anew(query, row):
                missing = range(_base(query, row) + 1, row["newest"] + 1)
                # If two tabs miss events of one stream, the longer range serves both.
                missed[query.stream] = max(missing, missed.get(query.stream, missing), key=len)
        self._events = journal.since_each(transaction, missed)
        self._logins = journal.by_ids(transaction, {each.login for each in queries if each.login is not None})
        waited_for = {row["id"] for _, row in known if row["is_waited_for"]}
        self._pending = pops.pending(transaction, waited_for) if waited_for else {}

    def answer(self, query: DeskQuery) -> Answer:
        rows = self._rows.get(query.tab.slot)
        if not rows:
            return SocketExpired()
        row = next((row for row in rows if row["sign_in"] == query.bearer.sign_in), None)
        user = _user(row) if row else None
        if row is None or user is None:
            return SignedOut()
        return DeskState(
            self._desk(user, query, is_busy=row["is_busy"]),
            _base(query, row),
            row["newest"],
            [(entry, self._text(entry, query)) for entry in self._events_for(query, row)],
            self._pending.get(query.stream, ()),
        )

    def sign_ins_in_use(self) -> set[str]:
        """Return the sign-ins whose use has to be recorded: an open adapter counts as use."""
        lately = self._now - USE_NOTED_EVERY
        rows = (row for rows in self._rows.values() for row in rows)
        return {row["sign_in"] for row in rows if row["sign_in"] and row["sign_in_used_at"] <= lately}

    def _desk(self, user: User, query: DeskQuery, *, is_busy: bool) -> Desk:
        adapter = query.tab.adapter
        if not is_busy:
            return desk.empty(user, adapter)
        settings = self._services.settings.current()
        return AgentDesk.load(self._transaction, user, adapter, self._now, settings, shown=query.lines)

    def _events_for(self, query: DeskQuery, row: RowMapping) -> list[Entry]:
        if not _starts_anew(query, row):
            return [entry for entry in self._events.get(query.stream, ()) if (entry.seq or 0) > _base(query, row)]
        told = self._of_open_sessions(query.stream) if row["has_open"] else []
        if query.login is not None:
            told.append(self._logins[query.login])
        return sorted(told, key=lambda entry: entry.seq or 0)

    def _of_open_sessions(self, stream: Stream) -> list[Entry]:
        mine = desk.takes_part(literal(stream[0]))
        open_ids = set(self._transaction.execute(select(sessions.c.id).where(mine)).scalars())
        return journal.of_sessions(self._transaction, *stream, open_ids)

    def _text(self, entry: Entry, query: DeskQuery) -> Text:
        if entry.name == event_text.POP and not query.is_first:
            return None  # not claimed yet
        replayed = query.is_first and entry.id != query.login
        return text_of(self._services, self._transaction, entry, replayed=replayed)


def _base(query: DeskQuery, row: RowMapping) -> int:
    return query.seq if query.seq <= row["newest"] else 0


def _starts_anew(query: DeskQuery, row: RowMapping) -> bool:
    """Tell whether the page has no events yet, so that it gets those of the open sessions only."""
    return query.is_first and _base(query, row) == 0


def _user(row: RowMapping) -> User | None:
    """Return the agent, or None if they may not work any more."""
    user = directory.from_row(row)
    return user if _may_work(user) else None


def _may_work(user: User) -> bool:
    return user.is_active and "agent" in user.roles


def workers(transaction: Transaction, bearers: Sequence[Bearer], now: datetime) -> set[Bearer]:
    """Return the bearers whose sign-in is valid and who may work."""
    agents = directory.by_ids(transaction, {bearer.user_id for bearer in bearers})
    lasting = find.lasting(transaction, {bearer.sign_in for bearer in bearers}, now)
    return {
        bearer
        for bearer in bearers
        if bearer.sign_in in lasting and (user := agents.get(bearer.user_id)) and _may_work(user)
    }


def _rows(transaction: Transaction, queries: Sequence[DeskQuery], now: datetime) -> dict[Slot, list[RowMapping]]:
    """Return the rows of each registered socket: one for each valid sign-in among those asked for."""
    asked = {
        "places": [query.tab.slot for query in queries],
        "sign_ins": [query.bearer.sign_in for query in queries],
        "now": now,
    }
    found: dict[Slot, list[RowMapping]] = defaultdict(list)
    for row in transaction.execute(_EACH, asked).mappings():
        found[row["id"], row["tab_id"], row["adapter"]].append(row)
    return found


_LASTS = (
    (sign_ins.c.user_id == users.c.id)
    & sign_ins.c.token_hash.in_(bindparam("sign_ins", expanding=True))
    & (sign_ins.c.expires_at > bindparam("now", type_=sign_ins.c.expires_at.type))
)
_EACH = (
    select(
        *directory.COLUMNS,
        tabs.c.tab_id,
        tabs.c.adapter,
        sign_ins.c.token_hash.label("sign_in"),
        sign_ins.c.used_at.label("sign_in_used_at"),
        func.coalesce(streams.c.last_seq, 0).label("newest"),
        desk.is_busy(users.c.id).label("is_busy"),
        exists().where(desk.takes_part(users.c.id)).label("has_open"),
        exists().where(claims.c.agent_id == users.c.id, claims.c.acked_at.is_(None)).label("is_waited_for"),
    )
    .select_from(tabs)
    .join(users, users.c.id == tabs.c.agent_id)
    .outerjoin(sign_ins, _LASTS)
    .outerjoin(streams, (streams.c.agent_id == users.c.id) & (streams.c.adapter == tabs.c.adapter))
    .where(tuple_(tabs.c.agent_id, tabs.c.tab_id, tabs.c.adapter).in_(bindparam("places", expanding=True)))
)
"""Built once, since building it takes longer than running it."""
