"""What an adapter posts to its page: what it missed, what happens now, and what is still pending.

Source: 20-events, Order and delivery.
"""

from sqlalchemy import Connection as Transaction
from sqlalchemy import select

from host.db.tables import sessions
from host.events import journal, pops, tabs
from host.events.journal import Entry
from host.events.tabs import Tab
from host.jobs import outgoing
from host.jobs.agents import login_once
from host.services import Services
from host.web.connection import Connection

LOGIN = "Agent_Login"


class EventStream:
    """The events of one adapter socket, in order."""

    def __init__(self, services: Services, connection: Connection, tab: Tab, seq: int) -> None:
        self._services = services
        self._connection = connection
        self._tab = tab
        self.seq = seq
        """Of the last event that was posted, or passed over because it is another tab's."""
        self.has_pending = False
        """Whether a pop waits for an acknowledgement, of this tab or another."""

    def catch_up(self, login: int | None) -> None:
        """Send what the page missed: to one that has just loaded, the events of the open sessions.

        Args:
            login: The journal id of the page's Agent_Login, if it is to be told now.
        """
        is_first = self.seq == 0
        with self._services.database.read() as transaction:
            newest = journal.last_seq(transaction, self._tab.agent_id, self._tab.adapter)
            if is_first or self.seq > newest:
                entries = self._of_open_sessions(transaction)
            else:
                entries = journal.since(transaction, self._tab.agent_id, self._tab.adapter, self.seq)
            entries = [entry for entry in entries if self._is_mine_again(transaction, entry, is_first=is_first)]
            texts = self._texts(transaction, [entry for entry in entries if entry.id != login], replayed=True)
            if login is not None:
                texts += self._texts(transaction, [journal.by_id(transaction, login)], replayed=False)
        self.seq = newest
        for seq, text in texts:
            self._connection.send(op="post", message=text, seq=seq)
        self._post_pending()

    def go_on(self) -> None:
        """Send what has happened since, and pops that have become this tab's to show."""
        with self._services.database.read() as transaction:
            entries = journal.since(transaction, self._tab.agent_id, self._tab.adapter, self.seq)
            plain = [entry for entry in entries if entry.name != outgoing.POP and self._is_for_this_tab(entry)]
            texts = dict(self._texts(transaction, plain, replayed=False))
        for entry in entries:
            if entry.name == outgoing.POP:
                self._claim(entry.id)
            elif entry.seq in texts:
                self._connection.send(op="post", message=texts[entry.seq], seq=entry.seq)
            self.seq = entry.seq or self.seq
        self._post_pending()

    def acknowledge(self, ulid: object) -> None:
        """Note that the page has been told; `ulid` is the event's `meta.id`."""
        if isinstance(ulid, str):
            with self._services.database.write() as transaction:
                pops.acknowledge(transaction, ulid, self._tab, self._services.clock.now())

    def _post_pending(self) -> None:
        with self._services.database.read() as transaction:
            pending = pops.pending(transaction, self._tab.agent_id, self._tab.adapter)
        self.has_pending = bool(pending)
        for journal_id in pending:
            self._claim(journal_id)

    def _claim(self, journal_id: int) -> None:
        """Show a pop here if it is this tab's turn."""
        with self._services.database.write() as transaction:
            if not pops.claim(transaction, journal_id, self._tab, self._services.clock.now()):
                return
            entry = journal.by_id(transaction, journal_id)
            texts = self._texts(transaction, [entry], replayed=False)
        for seq, text in texts:
            self._connection.send(op="post", message=text, seq=seq, ack=entry.ulid)

    def _of_open_sessions(self, transaction: Transaction) -> list[Entry]:
        mine = (sessions.c.agent_id == self._tab.agent_id) & sessions.c.ends_at.is_(None)
        open_ids = set(transaction.execute(select(sessions.c.id).where(mine)).scalars())
        return journal.of_sessions(transaction, self._tab.agent_id, self._tab.adapter, open_ids)

    def _is_mine_again(self, transaction: Transaction, entry: Entry, *, is_first: bool) -> bool:
        """Say whether an event of the past concerns this page.

        A pop is told again only to a page that takes the place of the one it was shown in: what another
        tab shows, it keeps. A pending one is not of the past.
        """
        if entry.name != outgoing.POP:
            return self._is_for_this_tab(entry)
        shown_in = pops.shown_in(transaction, entry.id)
        if shown_in is None:
            return False
        alive = tabs.tab_ids(transaction, self._tab.agent_id, self._tab.adapter, self._services.clock.now())
        return shown_in == self._tab.tab_id or (is_first and shown_in not in alive)

    def _is_for_this_tab(self, entry: Entry) -> bool:
        """A sign-in is told once per page, by the page that it happened in."""
        return entry.name != LOGIN or entry.once == login_once(self._tab)

    def _texts(self, transaction: Transaction, entries: list[Entry], *, replayed: bool) -> list[tuple[int, str]]:
        settings, now = self._services.settings.current(), self._services.clock.now()
        found = []
        for entry in entries:
            text = outgoing.text(transaction, entry, settings, now=now, replayed=replayed)
            if text is not None and entry.seq is not None:
                found.append((entry.seq, text))
        return found
