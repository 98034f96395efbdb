"""Start, continue and end chats; their offers belong to `host.sessions.offers`.

Each action is one transaction: status, journal rows, adapter events, and the work that follows (`Outbox`). A repeated
action changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, update

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.db.tables import sessions
from host.errors import HostError
from host.sessions import (
    access,
    announce,
    dismissal,
    leaving,
    lifecycle,
    messages,
    presence,
    repository,
    starting,
    talk,
)
from host.sessions.attachment_files import StoredFile
from host.sessions.deflecting import Deflector
from host.sessions.model import Session
from host.sessions.outbox import ROUTING, Outbox, Route
from host.sessions.starting import NewSession
from host.sessions.talk import ChatLimits, Draft, Said
from host.users.sign_ins import hash_token, new_token
from host.wire import session_types

CHAT_TYPES = session_types.keys(kind for kind in session_types.SESSION_TYPES if not kind.is_call)


@dataclass(frozen=True, kw_only=True)
class NewChat(NewSession):
    """A chat that a consumer's page or a gateway starts."""

    type: str = "messaging_web"


class Started(NamedTuple):
    """The result of a start."""

    session: Session
    token: str
    """Opens the chat for its consumer; only its hash is stored."""
    is_new: bool
    """False when the key was used before."""


class Chats:
    """The actions on chats."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        outbox: Outbox,
        route: Route,
        limits: Callable[[], ChatLimits] = ChatLimits,
        *,
        deflector: Deflector,
    ) -> None:
        self._deflector = deflector
        self._limits = limits
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._route = route

    def start(self, new: NewChat) -> tuple[Session, str]:
        """Start a chat as `start_once`; return the session and its token."""
        started = self.start_once(new)
        return started.session, started.token

    @retry_on_deadlock
    def start_once(self, new: NewChat) -> Started:
        """Start a chat and queue it; under a key that was used before, return that chat with a fresh token.

        In a closed or full queue it is deflected at once.

        Raises:
            FieldsError: There is no such queue, agent or type.
            RepeatedKeyError: The key was used for something else.
        """
        token = new_token()
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self._clock.now()
            if before := starting.find_repeated(connection, new):
                _open_with(connection, before.id, token)
                return Started(before, token, is_new=False)
            session = starting.insert(
                connection,
                new,
                CHAT_TYPES,
                now,
                channel="chat",
                status="queued",
                queued_at=now,
                consumer_token_hash=hash_token(token),
            )
            self._outbox.on_created(connection, session)
            session = self._deflector.deflect(connection, session, now)
            self._route(connection, now)
        self._outbox.start_now(session.id)
        return Started(session, token, is_new=True)

    @retry_on_deadlock
    def say(
        self, session_id: int, agent_id: int, text: object, client_id: str, *, file: StoredFile | None = None
    ) -> Said:
        """Send the agent's message.

        Args:
            session_id: The chat.
            agent_id: The agent.
            text: The text; of a file its name.
            client_id: The page's id of the message.
            file: The file that is sent.

        Raises:
            FieldsError: The text is no string, empty or too long.
            NotAllowedError: It is another agent's chat.
            TransitionError: The chat has ended.
        """
        kept = messages.check_text(text)
        with self._database.write() as connection:
            access.own(connection, session_id, agent_id, "chat")
            draft = Draft(session_id, kept, client_id, file)
            return _only(talk.add_all(connection, [draft], self._clock.now(), sender="agent"))

    def write(self, session_id: int, text: object, client_id: str | None, *, file: StoredFile | None = None) -> Said:
        """Send the consumer's message; before an agent answers, it waits with the chat.

        Args:
            session_id: The chat.
            text: The text; of a file its name.
            file: The file that is sent.
            client_id: The sender's id of the message; None: each call sends a new message.

        Raises:
            FieldsError: The text is no string, empty or too long.
            RepeatedKeyError: Another message of the chat has this id.
            TooManyError: The chat has become too long.
            TransitionError: The chat has ended.
        """
        return _only(self.write_all([Draft(session_id, messages.check_text(text), client_id, file)]))

    @retry_on_deadlock
    def write_all(self, drafts: Sequence[Draft]) -> list[Said | HostError]:
        """Send consumers' messages in one transaction; each stands on its own.

        Returns:
            For each message what `write` returns or raises; NotFoundError for one whose chat doesn't exist.
        """
        limits = self._limits()
        with self._database.write() as connection:
            return talk.add_all(connection, drafts, self._clock.now(), sender="end_user", limits=limits)

    @retry_on_deadlock
    def end(self, session_id: int, *, by: str, agent_id: int | None = None) -> Session:
        """End a chat, or cancel one that no agent has taken yet.

        Args:
            by: `end_user`, `agent`, `system`.
            agent_id: The agent, if one ends it.

        Raises:
            NotAllowedError: It is another agent's chat.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            session = repository.get(connection, session_id)
            if agent_id is not None:
                session = access.own(connection, session_id, agent_id, "chat")
            if session.has_ended:
                return session
            now = self._clock.now()
            session = finish(connection, session, by, now)
            self._outbox.on_ended(connection, session)
            self._route(connection, now)
        self._outbox.start_now(session_id)
        return session

    @retry_on_deadlock
    def dismiss(self, session_id: int, agent_id: int) -> Session:
        """Let the agent dismiss a quiet chat: it leaves their load, and its consumer may resume it.

        Raises:
            NotAllowedError: It is another agent's chat.
            TransitionError: The chat has ended.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            session = access.own(connection, session_id, agent_id, "chat")
            if session.status == "dismissed":
                return session
            now = self._clock.now()
            session = dismissal.dismiss(connection, session, now, by="agent")
            self._route(connection, now)
        return session

    @retry_on_deadlock
    def resume(self, session_id: int, agent_id: int | None = None) -> Session:
        """Resume a dismissed chat; one that goes on already is not changed.

        Args:
            session_id: The chat.
            agent_id: Its agent, if they resume it; None: its consumer does.

        Raises:
            NotAllowedError: It is another agent's chat, or the agent has no room.
            TransitionError: The chat has ended, or no agent has had it yet.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            session = repository.get(connection, session_id)
            if agent_id is not None:
                session = access.own(connection, session_id, agent_id, "chat")
            if session.connected_at is not None and not session.has_ended and session.status != "dismissed":
                return session
            lifecycle.next_status(session.channel, "resume", session.status)
            now = self._clock.now()
            session = dismissal.resume(connection, session, now, by="end_user" if agent_id is None else "agent")
            self._route(connection, now)
        return session

    @retry_on_deadlock
    def focus(self, session_id: int, agent_id: int) -> None:
        """Note that the agent brought a chat's tab to the front: an open chat, or one that they wrap up.

        A click on a tab that is about to go, of a chat that has ended without a wrap-up, changes nothing.

        Raises:
            NotAllowedError: It is another agent's chat.
        """
        with self._database.write() as connection:
            session = access.own_or_wrapped_up(connection, session_id, agent_id, "chat")
            if session.has_ended and not presence.is_wrapping_up(connection, agent_id, session_id):
                return
            now = self._clock.now()
            if (
                presence.bring_to_front(connection, agent_id, session_id, now)
                and session.agent_id == agent_id
                and not session.has_ended
            ):
                announce.post_active_chat(connection, session, now)


def _only(said: Sequence[Said | HostError]) -> Said:
    """Return the one result, or raise it."""
    [result] = said
    if isinstance(result, HostError):
        raise result
    return result


def _open_with(connection: Connection, session_id: int, token: str) -> None:
    changes = {"consumer_token_hash": hash_token(token)}
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(**changes))


def finish(
    connection: Connection, session: Session, by: str, now: datetime, *, fail_reason: str = "nothing"
) -> Session:
    """End a chat, or cancel it if no agent has it; tell its agent's adapters.

    Args:
        connection: In a writing transaction that holds the lock `ROUTING`.
        session: An open chat.
        by: `end_user`, `agent`, `system`.
        now: The current time.
        fail_reason: Why it ends before its consumer got what they wanted.
    """
    action = "cancel" if session.status in {"queued", "assigned"} else "end"
    return leaving.end_session(connection, session, action, by=by, now=now, fail_reason=fail_reason)
