"""What an adapter posts to its page: what it missed, what happens now, and what is still pending.

Each message of the stream says `after`: how far the page must have got before it, so that it can tell a gap.
A pop that becomes this tab's later has none: it is posted whenever it comes.

Source: 20-events, Order and delivery.
"""

import logging
from datetime import datetime

from sqlalchemy import Connection as Transaction
from sqlalchemy import select

from host.db.tables import sessions
from host.errors import HostError
from host.events import journal, pops, tabs
from host.events.journal import Entry
from host.events.tabs import Tab
from host.jobs import outgoing
from host.jobs.agents import login_once
from host.services import Services
from host.web.connection import Connection

LOGIN = "Agent_Login"

log = logging.getLogger(__name__)


def milliseconds(at: datetime) -> int:
    """Return a time as JavaScript counts it."""
    return int(at.timestamp() * 1000)


class EventStream:
    """The events of one adapter socket, in order."""

    def __init__(self, services: Services, connection: Connection, tab: Tab, seq: int) -> None:
        self._services = services
        self._connection = connection
        self._tab = tab
        self._seq = seq  # of the last event that was looked at
        self._told = seq  # how far the page knows of it
        self.has_pending = False
        """Whether a pop waits for an acknowledgement, of this tab or another."""

    def base(self) -> int:
        """Return where the stream starts: where the page stands, or 0 if that is no place in this journal."""
        with self._services.database.read() as transaction:
            newest = journal.last_seq(transaction, self._tab.agent_id, self._tab.adapter)
        if self._seq > newest:
            self._seq = self._told = 0
        return self._seq

    def catch_up(self, login: int | None) -> None:
        """Send what the page missed: to one that has just loaded, the events of the open sessions.

        Args:
            login: The journal id of the page's Agent_Login, if it is to be told now.
        """
        is_first = self._seq == 0
        with self._services.database.read() as transaction:
            newest = journal.last_seq(transaction, self._tab.agent_id, self._tab.adapter)
            missed = self._missed(transaction, login, is_first=is_first)
        for entry in missed:
            if entry.id == login:
                self._post(entry, replayed=False)
            elif self._is_mine_again(entry, is_first=is_first):
                self._post(entry, replayed=True)
        self._settle(max([newest, *(entry.seq or 0 for entry in missed)]))
        self._post_pending()

    def go_on(self) -> None:
        """Send what has happened since, and pops that have become this tab's to show."""
        with self._services.database.read() as transaction:
            entries = journal.since(transaction, self._tab.agent_id, self._tab.adapter, self._seq)
        for entry in entries:
            if entry.name == outgoing.POP:
                self._claim(entry, in_stream=True)
            elif self._is_for_this_tab(entry):
                self._post(entry, replayed=False)
        self._settle(max([self._seq, *(entry.seq or 0 for entry in entries)]))
        self._post_pending()

    def acknowledge(self, *ulids: object) -> None:
        """Note that the page has been told; each is the `meta.id` of a pop, or the id of an offer."""
        given = [ulid for ulid in ulids if isinstance(ulid, str)]
        if not given:
            return
        with self._services.database.write() as transaction:
            for ulid in given:
                pops.acknowledge(transaction, ulid, self._tab, self._services.clock.now())

    def go_on_late(self, ulid: object) -> None:
        """Answer a page that got a pop after its claim had run out, as a frozen one does: may it still be shown?"""
        if not isinstance(ulid, str):
            return
        with self._services.database.write() as transaction:
            claimed = pops.renew(transaction, ulid, self._tab, self._services.clock.now())
            text = self._text(transaction, journal.by_id(transaction, claimed), replayed=False) if claimed else None
        if text is not None:
            self._connection.send(op="post", message=text, ack=ulid)

    def _missed(self, transaction: Transaction, login: int | None, *, is_first: bool) -> list[Entry]:
        if not is_first:
            return journal.since(transaction, self._tab.agent_id, self._tab.adapter, self._seq)
        missed = self._of_open_sessions(transaction)
        if login is not None:
            missed.append(journal.by_id(transaction, login))
        return sorted(missed, key=lambda entry: entry.seq or 0)

    def _of_open_sessions(self, transaction: Transaction) -> list[Entry]:
        mine = (sessions.c.agent_id == self._tab.agent_id) & sessions.c.ends_at.is_(None)
        open_ids = set(transaction.execute(select(sessions.c.id).where(mine)).scalars())
        return journal.of_sessions(transaction, self._tab.agent_id, self._tab.adapter, open_ids)

    def _is_mine_again(self, entry: Entry, *, is_first: bool) -> bool:
        """Say whether an event of the past concerns this page.

        A pop is told again only to the page that takes the place of the one it was shown in: what another
        tab shows, it keeps. A pending one is not of the past.
        """
        if entry.name != outgoing.POP:
            return self._is_for_this_tab(entry)
        with self._services.database.read() as transaction:
            shown_in = pops.shown_in(transaction, entry.id)
            alive = tabs.tab_ids(transaction, self._tab.agent_id, self._tab.adapter, self._services.clock.now())
        if shown_in is None or shown_in == self._tab.tab_id:
            return shown_in is not None
        if not is_first or shown_in in alive:
            return False
        with self._services.database.write() as transaction:
            return pops.take_place(transaction, entry.id, self._tab, shown_in)

    def _is_for_this_tab(self, entry: Entry) -> bool:
        """A sign-in is told once per page, by the page that it happened in."""
        return entry.name != LOGIN or entry.once == login_once(self._tab)

    def _post_pending(self) -> None:
        with self._services.database.read() as transaction:
            pending = pops.pending(transaction, self._tab.agent_id, self._tab.adapter)
            entries = [journal.by_id(transaction, journal_id) for journal_id in pending]
        self.has_pending = bool(pending)
        for entry in entries:
            self._claim(entry, in_stream=False)

    def _claim(self, entry: Entry, *, in_stream: bool) -> None:
        """Show a pop here if it is this tab's turn."""
        now = self._services.clock.now()
        with self._services.database.write() as transaction:
            if not pops.claim(transaction, entry.id, self._tab, now):
                return
            text = self._text(transaction, entry, replayed=False)
        if text is None:
            return
        until = milliseconds(now + pops.CLAIM_FOR)
        place = {"seq": entry.seq, "after": self._told} if in_stream else {}
        self._connection.send(op="post", message=text, ack=entry.ulid, until=until, **place)
        if in_stream:
            self._told = entry.seq or self._told

    def _post(self, entry: Entry, *, replayed: bool) -> None:
        with self._services.database.read() as transaction:
            text = self._text(transaction, entry, replayed=replayed)
        if text is not None and entry.seq is not None:
            self._connection.send(op="post", message=text, seq=entry.seq, after=self._told)
            self._told = entry.seq

    def _settle(self, seq: int) -> None:
        """Tell the page how far it has got when the last events weren't for it, so that it never asks for them."""
        self._seq = seq
        if self._told < seq:
            self._connection.send(op="passed", seq=seq, after=self._told)
            self._told = seq

    def _text(self, transaction: Transaction, entry: Entry, *, replayed: bool) -> str | None:
        settings, now = self._services.settings.current(), self._services.clock.now()
        try:
            return outgoing.text(transaction, entry, settings, now=now, replayed=replayed)
        except HostError as error:
            # One event that can't be told must not keep the page from all that follow.
            log.warning("event %s of type %s cannot be told: %s", entry.id, entry.name, error.code)
            return None
