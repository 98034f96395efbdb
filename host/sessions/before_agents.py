"""What callers do before an agent has their call: they choose a queue in the menu, or leave a voicemail.

Source: docs/reference/sessions.md, Menus and voicemail.
"""

from typing import Literal

from host.clock import Clock
from host.db.engine import Database, advisory_lock, retry_on_deadlock
from host.errors import FieldsError, TransitionError
from host.sessions import access, leaving, offers, repository, starting
from host.sessions.deflecting import Deflector
from host.sessions.model import Session
from host.sessions.outbox import ROUTING, Outbox, Route

VoicemailStatus = Literal["recording", "received"]
RECORDING = "voicemail"
RECEIVED = ("voicemail_received", "voicemail_read")


class BeforeAgents:
    """The actions of callers, reported by a gateway."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox, *, route: Route, deflector: Deflector) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._route = route
        self._deflector = deflector

    @retry_on_deadlock
    def choose_queue(self, call_id: int, queue: str | None, menu_id: int | None) -> Session:
        """Put a call that is in the menu into a queue; the same choice again changes nothing.

        In a closed or full queue it is deflected at once.

        Args:
            call_id: The call.
            queue: Its path: `Developers / James`.
            menu_id: Its id, as an alternative.

        Raises:
            FieldsError: There is no such queue, or none is given.
            NotFoundError: There is no such call.
            TransitionError: The call is not in the menu.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            session = access.of_channel(connection, call_id, "call")
            chosen = starting.find_queue(connection, queue, menu_id)
            if chosen is None:
                raise FieldsError({"queue": "is missing; give queue or menu_id"})
            if session.status != "selecting" and session.queue_id == chosen.id:
                return session
            if session.status != "selecting":
                raise TransitionError("choose a queue for", session.status, [])
            now = self._clock.now()
            changes = {"queue_id": chosen.id, "queued_at": now}
            session = repository.move(connection, session, "queue", now=now, changes=changes)
            self._outbox.on_event(connection, session, "queue_selected")
            session = self._deflector.deflect(connection, session, now)
            self._route(connection, now)
        self._outbox.start_now(call_id)
        return session

    @retry_on_deadlock
    def note_voicemail(self, call_id: int, status: VoicemailStatus) -> Session:
        """Note that a caller records a voicemail, or that it has been received, which ends the call.

        The same report again changes nothing. Who is offered the call is not offered it any more.

        Raises:
            NotFoundError: There is no such call.
            TransitionError: An agent has the call, or it has ended.
        """
        with self._database.write() as connection:
            advisory_lock(connection, ROUTING)
            session = access.of_channel(connection, call_id, "call")
            if session.status in RECEIVED or (session.status == RECORDING and status == "recording"):
                return session
            now = self._clock.now()
            if session.status == "assigned":
                session = offers.withdraw(connection, session, "canceled", now)
            if session.status != RECORDING:
                session = repository.move(connection, session, "take a voicemail from", now=now)
            if status == "received":
                session = leaving.end_session(connection, session, "keep the voicemail of", by="end_user", now=now)
                self._outbox.on_ended(connection, session)
            self._route(connection, now)
        self._outbox.start_now(call_id)
        return session
