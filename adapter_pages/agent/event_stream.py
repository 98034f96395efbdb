"""Sends an adapter the events that it posts to its page: missed ones, new ones and pending pops.

Each message of the stream has `after`, the seq that the page must have posted before, so that the page notices a gap.
A pop that this tab claims later has no `after`: the page posts it at once.

Source: docs/reference/events.md, Order and delivery; docs/architecture.md, One pop, once.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection as Transaction

from host.events import journal, pops, tabs
from host.events.journal import Entry
from host.events.tabs import Tab
from host.orchestration import event_text
from host.orchestration.agents import login_once
from host.reports import failed_items
from host.reports.failed_items import FailedItem, attempt
from host.services import Services
from host.web.sockets.page_socket import PageSocket

LOGIN = "Agent_Login"
LONGEST_NAME = 64


def milliseconds(at: datetime) -> int:
    """Return a time in milliseconds since 1970, as JavaScript has it."""
    return int(at.timestamp() * 1000)


Text = str | FailedItem | None
"""The message to post, or why the event can't be sent, or None if there is nothing to post."""
EventWithText = tuple[Entry, Text]


def text_of(services: Services, transaction: Transaction, entry: Entry, *, replayed: bool = False) -> Text:
    """Return the message of an event; a failure is a value, so that the following events are still sent."""
    make = partial(
        event_text.text, transaction, entry, services.settings.current(), now=services.clock.now(), replayed=replayed
    )
    return attempt(f"event {entry.name}"[:LONGEST_NAME], entry.id, entry.session_id, make)


class EventStream:
    """The events of one adapter socket, in order."""

    def __init__(self, services: Services, connection: PageSocket, tab: Tab, seq: int) -> None:
        self._services = services
        self._connection = connection
        self._tab = tab
        self.seq = seq
        """Of the last event that was handled."""
        self._sent_seq = seq  # the seq that the page knows
        self.has_pending = False
        """Whether a pop waits for an acknowledgement by this or another tab."""

    def catch_up(
        self, events: Sequence[EventWithText], pending: Sequence[Entry], *, base: int, newest: int, login: int | None
    ) -> None:
        """Send what the page missed.

        Args:
            events: The missed events.
            pending: Pops of this adapter that nobody has acknowledged.
            base: The seq after which the stream goes on.
            newest: The last seq of the stream.
            login: The journal id of the page's Agent_Login, if that is to be sent now.
        """
        self.seq = self._sent_seq = base
        for entry, text in events:
            if entry.id == login or self._is_replayed_here(entry, is_first=base == 0):
                self._post(entry, text)
        self._send_progress(max([newest, *(entry.seq or 0 for entry, _ in events)]))
        self._show_pending(pending)

    def send_new(self, events: Sequence[EventWithText], pending: Sequence[Entry]) -> None:
        """Send new events, and pops that this tab may claim now.

        Args:
            events: The events after `seq`.
            pending: Pops of this adapter that nobody has acknowledged.
        """
        for entry, text in events:
            if entry.name == event_text.POP:
                self._claim(entry, in_stream=True)
            elif self._is_for_this_tab(entry):
                self._post(entry, text)
        self._send_progress(max([self.seq, *(entry.seq or 0 for entry, _ in events)]))
        self._show_pending(pending)

    def acknowledge(self, *ulids: object) -> None:
        """Record acknowledgements: each is the `meta.id` of a pop or the id of an offer."""
        given = [ulid for ulid in ulids if isinstance(ulid, str)]
        if not given:
            return
        with self._services.database.write() as transaction:
            for ulid in given:
                pops.acknowledge(transaction, ulid, self._tab, self._services.clock.now())

    def send_late(self, ulid: object) -> None:
        """Send a late pop again if this tab may still post it.

        A page that was frozen gets a pop after its claim has expired, and asks.
        """
        if not isinstance(ulid, str):
            return
        with self._services.database.write() as transaction:
            claimed = pops.renew(transaction, ulid, self._tab, self._services.clock.now())
            text = text_of(self._services, transaction, journal.by_id(transaction, claimed)) if claimed else None
        if (message := self._sendable(text)) is not None:
            self._connection.send(op="post", message=message, ack=ulid)

    def _is_replayed_here(self, entry: Entry, *, is_first: bool) -> bool:
        """Tell whether to replay an event to this page.

        A pop is replayed only to the page that replaces the one that showed it; a pop in another open tab stays there.
        Pending pops are not replayed but claimed.
        """
        if entry.name != event_text.POP:
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
        """Tell whether this page posts the event; only the page of a sign-in posts its Agent_Login."""
        return entry.name != LOGIN or entry.once == login_once(self._tab)

    def _show_pending(self, pending: Sequence[Entry]) -> None:
        self.has_pending = bool(pending)
        for entry in pending:
            self._claim(entry, in_stream=False)

    def _claim(self, entry: Entry, *, in_stream: bool) -> None:
        """Claim a pop for this tab and send it, if the tab may have it."""
        now = self._services.clock.now()
        with self._services.database.write() as transaction:
            if not pops.claim(transaction, entry.id, self._tab, now):
                return
            text = text_of(self._services, transaction, entry)
        if (message := self._sendable(text)) is None:
            return
        until = milliseconds(now + pops.CLAIM_FOR)
        place = {"seq": entry.seq, "after": self._sent_seq} if in_stream else {}
        self._connection.send(op="post", message=message, ack=entry.ulid, until=until, **place)
        if in_stream:
            self._sent_seq = entry.seq or self._sent_seq

    def _post(self, entry: Entry, text: Text) -> None:
        message = self._sendable(text)
        if message is not None and entry.seq is not None:
            self._connection.send(op="post", message=message, seq=entry.seq, after=self._sent_seq)
            self._sent_seq = entry.seq

    def _sendable(self, text: Text) -> str | None:
        """Return the message, or None; record an event that can't be sent."""
        if not isinstance(text, FailedItem):
            return text
        failed_items.note(self._services.database, [text], self._services.clock.now())
        return None

    def _send_progress(self, seq: int) -> None:
        """Tell the page the current seq if the last events weren't for it, so that it doesn't ask for them again."""
        self.seq = seq
        if self._sent_seq < seq:
            self._connection.send(op="passed", seq=seq, after=self._sent_seq)
            self._sent_seq = seq
