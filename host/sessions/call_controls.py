"""What an agent does during a call: hold, mute, keypad, pause the recording, add and remove parties.

Each action is one transaction; a repeated action changes nothing.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.errors import FieldsError, NotAllowedError, TransitionError
from host.events import journal
from host.sessions import access, announce, holding, invitations, leaving, participants, repository
from host.sessions.model import Session
from host.sessions.outbox import ROUTING
from host.sessions.transfers import IsFree
from host.users import directory
from host.voice.voice import Voice

_DIGITS = re.compile(r"[0-9*#]{1,32}")
MOST_PARTIES = 6
"""People in one call, the consumer included."""


class CallControls:
    """The actions of agents during a call."""

    def __init__(self, database: Database, clock: Clock, voice: Voice, is_free: IsFree) -> None:
        self._database = database
        self._clock = clock
        self._voice = voice
        self._is_free = is_free

    @retry_on_deadlock
    def hold(self, session_id: int, agent_id: int) -> None:
        """Put the consumer on hold.

        Raises:
            NotAllowedError: It is another agent's call.
            TransitionError: The call is not connected.
        """
        with self._changing(session_id, agent_id, "hold") as (connection, session, now):
            if holding.hold(connection, session, now, agent_id=agent_id):
                announce.wake(connection, session, now, but=agent_id)

    @retry_on_deadlock
    def resume(self, session_id: int, agent_id: int) -> None:
        """Take the consumer back from hold; raises as `hold`."""
        with self._changing(session_id, agent_id, "resume") as (connection, session, now):
            if holding.resume(connection, session, now, agent_id=agent_id):
                announce.wake(connection, session, now, but=agent_id)

    @retry_on_deadlock
    def set_muted(self, session_id: int, agent_id: int, *, muted: bool) -> None:
        """Mute or unmute the agent's own microphone; raises as `hold`."""
        with self._changing(session_id, agent_id, "mute") as (connection, _session, now):
            mine = participants.agent(connection, session_id, agent_id)
            if mine is not None and mine.is_muted != muted:
                participants.set_values(connection, mine.id, is_muted=muted)
                _note(connection, "muted" if muted else "unmuted", session_id, agent_id, now, participant_id=mine.id)

    @retry_on_deadlock
    def set_recording_paused(self, session_id: int, agent_id: int, *, paused: bool) -> None:
        """Pause the recording, for a card number say, or go on; raises as `hold`."""
        with self._changing(session_id, agent_id, "pause the recording of") as (connection, session, now):
            if bool(session.details.get("is_recording_paused")) != paused:
                repository.set_details(connection, session, {"is_recording_paused": paused}, now)
                _note(connection, "recording_paused" if paused else "recording_resumed", session_id, agent_id, now)
                announce.wake(connection, session, now, but=agent_id)

    def send_digits(self, session_id: int, agent_id: int, digits: object) -> None:
        """Send keypad digits to the other parties; they are stored nowhere, since they may be secret.

        Raises:
            FieldsError: It is not 1 to 32 of `0123456789*#`.
            NotAllowedError: It is another agent's call.
            TransitionError: The call is not connected.
        """
        if not isinstance(digits, str) or not _DIGITS.fullmatch(digits):
            raise FieldsError({"digits": "must be 1 to 32 of 0123456789*#"})
        with self._changing(session_id, agent_id, "press keys in"):
            pass
        self._voice.send_digits(session_id, digits)

    @retry_on_deadlock
    def add_party(self, session_id: int, by: int | None, *, agent_id: int | None, phone: str | None) -> None:
        """Add an agent, who is asked first, or a phone number to a call.

        Args:
            session_id: A connected call.
            by: The agent who adds; None: a gateway, on the platform API.
            agent_id: The agent to add.
            phone: The number to add; exactly one of the two is given.

        Raises:
            FieldsError: There is no such agent, or they are not free.
            NotAllowedError: It is another agent's call.
            TransitionError: The call is not connected, or has too many parties.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            now = self._clock.now()
            if by is None:
                session = access.of_channel(connection, session_id, "call")
            else:
                session = access.own(connection, session_id, by, "call")
            _check_connected(session, "add a party to")
            everybody = participants.of_session(connection, session_id)
            there = [each for each in everybody if each.status in participants.OPEN]
            if any(_is_same(each, agent_id, phone) for each in there):
                return
            if len(there) >= MOST_PARTIES:
                raise TransitionError("add a party to", f"full ({MOST_PARTIES} parties)", ["remove a party from"])
            if agent_id is not None:
                self._check_agent(connection, agent_id, now)
                invitations.invite(connection, session, agent_id, purpose="party", by=by, now=now)
            else:
                self._add_phone(connection, session, phone, now)
        self._voice.follow(session_id)

    @retry_on_deadlock
    def remove_party(self, session_id: int, agent_id: int, participant_id: int) -> None:
        """Remove a party that was added, or take an invitation back; the consumer and the call's agent stay.

        Raises:
            NotAllowedError: It is another agent's call, or the party is not an added one.
            NotFoundError: There is no such participant.
        """
        with self._changing(session_id, agent_id, "remove a party from") as (connection, session, now):
            party = participants.by_id(connection, session_id, participant_id)
            if session.agent_id != agent_id or party.type == "end_user" or party.user_id == session.agent_id:
                raise NotAllowedError("Only the agent of a call can remove a party that was added to it.")
            if party.status == invitations.INVITED:
                invitations.refuse(connection, session, party, "canceled", now)
            elif party.status in participants.PRESENT:
                leaving.leave(connection, session, party, now)
                announce.wake(connection, session, now)

    @contextmanager
    def _changing(self, session_id: int, agent_id: int, action: str) -> Iterator[tuple[Connection, Session, datetime]]:
        """Open the transaction of an action on an agent's connected call; tell what carries the audio after it."""
        with self._database.write() as connection:
            session = access.own(connection, session_id, agent_id, "call")
            _check_connected(session, action)
            if participants.agent(connection, session_id, agent_id) is None:
                raise NotAllowedError(f"You are not in call {session_id} any more.")
            yield connection, session, self._clock.now()
        self._voice.follow(session_id)

    def _check_agent(self, connection: Connection, agent_id: int, now: datetime) -> None:
        user = directory.by_id(connection, agent_id)
        if user is None or not user.is_active or "agent" not in user.roles:
            raise FieldsError({"agent_id": f"found {agent_id}; it must be one of our agents"})
        if not self._is_free(connection, "call", agent_id, now):
            raise FieldsError({"agent_id": f"{user.name} can't take a call now ({user.status})"})

    def _add_phone(self, connection: Connection, session: Session, phone: str | None, now: datetime) -> None:
        status = "connected" if self._voice.connects_at_once else "connecting"
        added = participants.add(
            connection, session.id, "external_agent", now=now, phone_number=phone, status=status, purpose="party"
        )
        facts: dict[str, Any] = {"participant_id": added.id}
        journal.append(connection, "party_added", now=now, session_id=session.id, agent_id=session.agent_id, data=facts)
        if status == "connected":
            announce.post_party(connection, session, {"type": added.type}, now)


def _check_connected(session: Session, action: str) -> None:
    if session.status != "connected":
        raise TransitionError(action, session.status, [])


def _is_same(participant: participants.Participant, agent_id: int | None, phone: str | None) -> bool:
    if agent_id is not None:
        return participant.user_id == agent_id
    return participant.type == "external_agent" and participant.phone_number == phone


def _note(connection: Connection, fact: str, session_id: int, agent_id: int, now: datetime, **data: Any) -> None:
    journal.append(connection, fact, now=now, session_id=session_id, agent_id=agent_id, data=data)
