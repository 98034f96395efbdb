"""Adds messages to chats, many in one transaction.

Each message stands on its own: one that is refused changes nothing, and the others are stored.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from host.errors import HostError, NotFoundError, RepeatedKeyError, TooManyError, TransitionError
from host.events import journal
from host.events.journal import Fact
from host.rate_limiter import MESSAGES
from host.refusals import refusals
from host.sessions import announce, attachments, dismissal, messages, repository
from host.sessions.attachment_files import StoredFile
from host.sessions.messages import Message, NewMessage
from host.sessions.model import Session
from host.users import throttle

DAY_S = 24 * 3600


class Said(NamedTuple):
    """The result of sending a message."""

    message: Message
    is_new: bool
    """False when the same message was stored before."""


class ChatLimits(NamedTuple):
    """The limits of a chat; they refuse the consumer's messages only."""

    messages: int = 5000
    """Number of messages of both sides."""
    day_bytes: int = 5_000_000
    """Bytes of the consumer's text within a day."""


@dataclass(frozen=True)
class Draft:
    """A message to send."""

    session_id: int
    text: str
    """As `messages.check_text` returns it."""
    client_id: str | None = None
    """The sender's id of the message; None: it is new in any case."""
    file: StoredFile | None = None
    """Sent with the message."""


def add_all(
    connection: Connection, drafts: Sequence[Draft], now: datetime, *, sender: str, limits: ChatLimits | None = None
) -> list[Said | HostError]:
    """Store messages and post them, in order; those that were stored before are left; dismissed chats are resumed.

    Args:
        connection: In a writing transaction.
        drafts: Of any chats.
        now: The current time.
        sender: `end_user`, `agent`.
        limits: None: no limits.

    Returns:
        For each draft what was stored, or why not: NotFoundError, RepeatedKeyError, TooManyError, TransitionError,
        and what `dismissal.resume` raises.
    """
    adding = _Adding(connection, now, sender, limits)
    adding.load(drafts)
    decided = [adding.decide(draft) for draft in drafts]
    written = adding.write()
    return [Said(written[each.row], each.is_new) if isinstance(each, _Row) else each for each in decided]


class _Row(NamedTuple):
    """A draft that is stored with this call."""

    row: int
    is_new: bool
    """False: an earlier draft of this call is the same message."""


@dataclass
class _Adding:
    connection: Connection
    now: datetime
    sender: str
    limits: ChatLimits | None
    chats: dict[int, Session] = field(default_factory=dict)
    stored: Mapping[tuple[int, str], Message] = field(default_factory=dict)
    budgets: "_Budgets | None" = None
    fresh: list[Draft] = field(default_factory=list)
    rows: dict[tuple[int, str], int] = field(default_factory=dict)
    """The row in `fresh` of each message with a client id."""

    def load(self, drafts: Sequence[Draft]) -> None:
        """Lock the chats, and read what the decisions need."""
        self.chats = repository.get_all(self.connection, {draft.session_id for draft in drafts})
        keys = [(draft.session_id, draft.client_id) for draft in drafts if draft.client_id is not None]
        self.stored = messages.by_client_ids(self.connection, keys)
        if self.limits is not None:
            self.budgets = _Budgets.load(self.connection, self.chats, self.now, self.limits)

    def decide(self, draft: Draft) -> "Said | _Row | HostError":
        try:
            return self._decide(draft)
        except HostError as error:
            return error

    def _decide(self, draft: Draft) -> Said | _Row:
        session = self.chats.get(draft.session_id)
        if session is None or session.channel != "chat":
            raise NotFoundError(f"There is no chat {draft.session_id}.")
        if before := self._before(draft):
            return before
        if session.has_ended:
            raise TransitionError("write to", session.status, [])
        if self.budgets:
            self.budgets.check(draft)
        if session.status == "dismissed":
            self.chats[session.id] = dismissal.resume(self.connection, session, self.now, by=self.sender)
        if self.budgets:
            self.budgets.spend(draft)
        return self._take(draft)

    def _before(self, draft: Draft) -> Said | _Row | None:
        """Return the same message, stored before or taken a moment ago."""
        if draft.client_id is None:
            return None
        key = (draft.session_id, draft.client_id)
        if stored := self.stored.get(key):
            if (stored.sender, stored.text) != (self.sender, draft.text):
                raise RepeatedKeyError
            return Said(stored, is_new=False)
        if (row := self.rows.get(key)) is None:
            return None
        if self.fresh[row].text != draft.text:
            raise RepeatedKeyError
        return _Row(row, is_new=False)

    def _take(self, draft: Draft) -> _Row:
        row = len(self.fresh)
        self.fresh.append(draft)
        if draft.client_id is not None:
            self.rows[draft.session_id, draft.client_id] = row
        return _Row(row, is_new=True)

    def write(self) -> list[Message]:
        """Store the messages that were taken, with their facts and events; return them."""
        if not self.fresh:
            return []
        if self.budgets:
            self.budgets.store(self.connection, self.now)
        written = messages.add_all(self.connection, [self._new(draft) for draft in self.fresh])
        for draft, message in zip(self.fresh, written, strict=True):
            if draft.file is not None:
                attachments.add(self.connection, message.session_id, message.id, draft.file)
        said = [(self.chats[message.session_id], message.id) for message in written]
        facts = [Fact(chat.id, chat.agent_id or chat.offered_to, {"message_id": number}) for chat, number in said]
        journal.append_all(self.connection, "message", facts, now=self.now)
        announce.post_messages(self.connection, said, self.sender, self.now)
        return written

    def _new(self, draft: Draft) -> NewMessage:
        user_id = self.chats[draft.session_id].agent_id if self.sender == "agent" else None
        return NewMessage(draft.session_id, self.sender, user_id, draft.text, draft.client_id, self.now)


@dataclass
class _Budgets:
    """What chats have spent of their limits; the locks on the chats keep others from spending meanwhile."""

    limits: ChatLimits
    now: datetime
    counts: dict[int, int]
    """Messages by chat."""
    windows: dict[str, tuple[int, datetime]]
    """By key: bytes of the day that is running, and when it began."""
    spent: dict[str, int] = field(default_factory=dict)
    """By key: bytes of this call."""

    @classmethod
    def load(cls, connection: Connection, chat_ids: Collection[int], now: datetime, limits: ChatLimits) -> "_Budgets":
        keys = [_key(chat_id) for chat_id in chat_ids]
        windows = throttle.windows(connection, keys, now, DAY_S)
        return cls(limits, now, messages.counts(connection, chat_ids), windows)

    def check(self, draft: Draft) -> None:
        """Raise TooManyError for a message that makes its chat too long."""
        key = _key(draft.session_id)
        before, began_at = self.windows.get(key, (0, self.now))
        if before + self.spent.get(key, 0) + _size(draft) > self.limits.day_bytes:
            refusals.note("bytes_per_chat")
            left = began_at + timedelta(seconds=DAY_S) - self.now
            raise TooManyError.of(MESSAGES["bytes_per_chat"], left.total_seconds())
        if self.counts.get(draft.session_id, 0) + 1 > self.limits.messages:
            refusals.note("messages_per_chat")
            raise TooManyError(MESSAGES["messages_per_chat"])

    def spend(self, draft: Draft) -> None:
        key = _key(draft.session_id)
        self.spent[key] = self.spent.get(key, 0) + _size(draft)
        self.counts[draft.session_id] = self.counts.get(draft.session_id, 0) + 1

    def store(self, connection: Connection, now: datetime) -> None:
        throttle.add_all(connection, self.spent, now, DAY_S)


def _key(chat_id: int) -> str:
    return f"bytes_per_chat:{chat_id}"


def _size(draft: Draft) -> int:
    return len(draft.text.encode())
