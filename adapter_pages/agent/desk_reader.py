"""What adapter sockets need to know when they look at the database: read for many of them at once.

A socket that is woken asks `DeskReader`; those that ask at the same moment share one transaction, and all that
isn't about open sessions comes with its first query.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection as Transaction
from sqlalchemy import RowMapping, bindparam, exists, func, select, tuple_

from adapter_pages.agent import desk
from adapter_pages.agent.desk import AgentDesk, Desk
from adapter_pages.agent.event_stream import Text, Told, text_of
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
"""Of a sign-in with an open adapter; sockets look every two minutes at least, and no sign-in ends before fifteen."""


@dataclass(frozen=True)
class Bearer:
    """Who a socket belongs to."""

    user_id: int
    sign_in: str
    """The hash of the sign-in: with its end the socket closes."""


@dataclass(frozen=True)
class DeskQuery:
    """Who looks, and what he has seen."""

    bearer: Bearer
    tab: Tab
    seq: int
    """Of the last event that the page was told of."""
    lines: Mapping[int, int]
    """The last message that the page shows of each session, by session id."""
    is_first: bool = False
    """Whether the page has just connected: what it missed is told as replayed."""
    login: int | None = None
    """The journal id of the page's Agent_Login, if it is to be told now."""

    @property
    def stream(self) -> Stream:
        """Whose events he is told."""
        return self.tab.agent_id, self.tab.adapter


@dataclass(frozen=True)
class DeskState:
    """What there is now."""

    desk: Desk
    base: int
    """Where the stream starts: where the page stands, or 0 if that is no place in this journal."""
    newest: int
    """The last seq that there is."""
    events: Sequence[Told]
    """Since then; to a page that has just loaded, those of the open sessions."""
    pending: Sequence[Entry]
    """Pops that nobody has acknowledged."""


class SignedOut:
    """The sign-in has ended, or its user may not work any more: nothing is shown to him."""


class Forgotten:
    """Another process took this socket's for dead."""


Answer = DeskState | SignedOut | Forgotten


class DeskReader:
    """DeskReader for all sockets of this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._batcher = Batcher(self._read)

    def read(self, question: DeskQuery) -> Answer:
        """Return what is in the database now."""
        return self._batcher.submit(question)

    def _read(self, questions: Sequence[DeskQuery]) -> list[Answer]:
        now = self._services.clock.now()
        self._services.settings.current()  # before we hold a connection: it may want one
        with self._services.database.read() as transaction:
            reading = _Reading(self._services, transaction, now, questions)
            answers = [reading.answer(question) for question in questions]
        if used := reading.sign_ins_in_use():
            with self._services.database.write() as transaction:
                find.use(transaction, used, now)
        return answers


class _Reading:
    """Answers to several questions in one transaction."""

    def __init__(
        self, services: Services, transaction: Transaction, now: datetime, questions: Sequence[DeskQuery]
    ) -> None:
        self._services = services
        self._transaction = transaction
        self._now = now
        self._rows = _rows(transaction, questions, now)
        known = [(each, self._rows[each.tab.slot][0]) for each in questions if each.tab.slot in self._rows]
        lacks: dict[Stream, range] = {}
        for question, row in known:
            if not _starts_anew(question, row):
                missing = range(_base(question, row) + 1, row["newest"] + 1)
                # Of two tabs the one that lacks more decides.
                lacks[question.stream] = max(missing, lacks.get(question.stream, missing), key=len)
        self._events = journal.since_each(transaction, lacks)
        self._logins = journal.by_ids(transaction, {each.login for each in questions if each.login is not None})
        waited_for = {row["id"] for _, row in known if row["is_waited_for"]}
        self._pending = pops.pending(transaction, waited_for) if waited_for else {}

    def answer(self, question: DeskQuery) -> Answer:
        rows = self._rows.get(question.tab.slot)
        if not rows:
            return Forgotten()
        row = next((row for row in rows if row["sign_in"] == question.bearer.sign_in), None)
        user = _user(row) if row else None
        if row is None or user is None:
            return SignedOut()
        return DeskState(
            self._desk(user, question, is_busy=row["is_busy"]),
            _base(question, row),
            row["newest"],
            [(entry, self._text(entry, question)) for entry in self._events_for(question, row)],
            self._pending.get(question.stream, ()),
        )

    def sign_ins_in_use(self) -> set[str]:
        """Return the sign-ins of the open sockets that aren't noted as used lately: an open adapter is use."""
        lately = self._now - USE_NOTED_EVERY
        rows = (row for rows in self._rows.values() for row in rows)
        return {row["sign_in"] for row in rows if row["sign_in"] and row["sign_in_used_at"] <= lately}

    def _desk(self, user: User, question: DeskQuery, *, is_busy: bool) -> Desk:
        adapter = question.tab.adapter
        if not is_busy:
            return desk.empty(user, adapter)
        crm = self._services.settings.current().crm
        return AgentDesk.load(self._transaction, user, adapter, self._now, crm, shown=question.lines)

    def _events_for(self, question: DeskQuery, row: RowMapping) -> list[Entry]:
        if not _starts_anew(question, row):
            return [entry for entry in self._events.get(question.stream, ()) if (entry.seq or 0) > _base(question, row)]
        told = self._of_open_sessions(question.stream) if row["has_open"] else []
        if question.login is not None:
            told.append(self._logins[question.login])
        return sorted(told, key=lambda entry: entry.seq or 0)

    def _of_open_sessions(self, stream: Stream) -> list[Entry]:
        mine = (sessions.c.agent_id == stream[0]) & sessions.c.ends_at.is_(None)
        open_ids = set(self._transaction.execute(select(sessions.c.id).where(mine)).scalars())
        return journal.of_sessions(self._transaction, *stream, open_ids)

    def _text(self, entry: Entry, question: DeskQuery) -> Text:
        if entry.name == event_text.POP and not question.is_first:
            return None  # nobody knows yet who shows it
        replayed = question.is_first and entry.id != question.login
        return text_of(self._services, self._transaction, entry, replayed=replayed)


def _base(question: DeskQuery, row: RowMapping) -> int:
    return question.seq if question.seq <= row["newest"] else 0


def _starts_anew(question: DeskQuery, row: RowMapping) -> bool:
    """Say whether the page has nothing yet, and is told of the open sessions instead of all that ever was."""
    return question.is_first and _base(question, row) == 0


def _user(row: RowMapping) -> User | None:
    """Return the agent; None for who may not work any more."""
    user = directory.from_row(row)
    return user if _may_work(user) else None


def _may_work(user: User) -> bool:
    return user.is_active and "agent" in user.roles


def workers(transaction: Transaction, bearers: Sequence[Bearer], now: datetime) -> set[Bearer]:
    """Return those whose sign-in lasts and who may work."""
    agents = directory.by_ids(transaction, {bearer.user_id for bearer in bearers})
    lasting = find.lasting(transaction, {bearer.sign_in for bearer in bearers}, now)
    return {
        bearer
        for bearer in bearers
        if bearer.sign_in in lasting and (user := agents.get(bearer.user_id)) and _may_work(user)
    }


def _rows(transaction: Transaction, questions: Sequence[DeskQuery], now: datetime) -> dict[Slot, list[RowMapping]]:
    """Return a row for each sign-in that lasts of each socket that is written down."""
    asked = {
        "places": [question.tab.slot for question in questions],
        "sign_ins": [question.bearer.sign_in for question in questions],
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
        exists().where(sessions.c.agent_id == users.c.id, sessions.c.ends_at.is_(None)).label("has_open"),
        exists().where(claims.c.agent_id == users.c.id, claims.c.acked_at.is_(None)).label("is_waited_for"),
    )
    .select_from(tabs)
    .join(users, users.c.id == tabs.c.agent_id)
    .outerjoin(sign_ins, _LASTS)
    .outerjoin(streams, (streams.c.agent_id == users.c.id) & (streams.c.adapter == tabs.c.adapter))
    .where(tuple_(tabs.c.agent_id, tabs.c.tab_id, tabs.c.adapter).in_(bindparam("places", expanding=True)))
)
"""Built once: making it takes longer than running it."""
