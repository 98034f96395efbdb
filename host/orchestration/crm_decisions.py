"""Decisions about a session's work in the CRM: look up again, choose a hit, "it exists", "send again", discard.

Source: docs/reference/generic-api.md, Several hits; docs/reference/generic-api.md, Create-once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection

from host.clock import Clock
from host.crm.agent_view import choices
from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.crm.session_facts import crm_identity
from host.crm.settings.crm import CrmSettings
from host.crm.steps.results import OnKnown
from host.crm.templates.quoting import as_text
from host.db.engine import Database
from host.errors import FieldsError, NotAllowedError, OtherCrmError, TransitionError
from host.orchestration import deliveries
from host.sessions import repository
from host.sessions.model import CrmId


class Decisions:
    """Each decision is one transaction; the work that it makes due starts at once."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        crm: Callable[[], CrmSettings],
        on_known: OnKnown,
        start_now: Callable[[int], None],
    ) -> None:
        """Keep the parts that decisions use.

        Args:
            database: Holds the work.
            clock: The time.
            crm: Returns the CRM's current settings.
            on_known: Called when an account or record becomes known.
            start_now: Starts a session's work.
        """
        self._crm = crm
        self._database = database
        self._clock = clock
        self._on_known = on_known
        self._start_now = start_now

    def look_up_again(self, session_id: int, agent_id: int | None, step: str, occurrence: str = "") -> None:
        """Let a step run again now: a look-up without a result, or a step that failed.

        Raises:
            NotAllowedError: It is another agent's session.
            NotFoundError: There is no such step.
        """
        with self._deciding(session_id, agent_id) as connection:
            intents.resume(connection, choices.find(connection, session_id, step, occurrence), self._clock.now())

    def choose(self, session_id: int, agent_id: int, step: str, crm_id: CrmId | None) -> None:
        """Use another of the accounts or records that were found, or create a new one.

        Args:
            session_id: 103646.
            agent_id: Whose session it is.
            step: `account`, `record`.
            crm_id: The chosen hit; None: create a new one.

        Raises:
            FieldsError: It isn't one of the choices.
            NotAllowedError: It is another agent's session.
            NotFoundError: There is no such step.
            TransitionError: The look-up is running, or the session has ended.
        """
        with self._deciding(session_id, agent_id) as connection:
            session = repository.get(connection, session_id)
            if session.has_ended:
                raise TransitionError("choose for", session.status, [])
            intent = choices.find(connection, session_id, step)
            if crm_id is None:
                choices.create_new(connection, intent, self._clock.now(), self._on_known)
            else:
                choices.choose(connection, intent, _listed(intent, crm_id), self._clock.now(), self._on_known)

    def set_known(self, session_id: int, agent_id: int, step: str, crm_id: CrmId) -> None:
        """Use the account or record that the agent's page names, whether it was found or not.

        Raises:
            NotAllowedError: It is another agent's session.
            NotFoundError: There is no such step.
            TransitionError: The look-up is running.
        """
        with self._deciding(session_id, agent_id) as connection:
            intent = choices.find(connection, session_id, step)
            choices.choose(connection, intent, crm_id, self._clock.now(), self._on_known)

    def it_exists(
        self, session_id: int, agent_id: int | None, step: str, occurrence: str, crm_id: CrmId | None
    ) -> None:
        """Settle a step with an unknown outcome: it is in the CRM.

        Raises:
            FieldsError: An account or a record needs its id.
            NotAllowedError: It is another agent's session.
            NotFoundError: There is no such step.
            TransitionError: There is nothing to decide.
        """
        with self._deciding(session_id, agent_id) as connection:
            intent = choices.find(connection, session_id, step, occurrence)
            choices.it_exists(connection, intent, crm_id, self._clock.now(), self._on_known)

    def send_again(self, session_id: int, agent_id: int | None, step: str, occurrence: str) -> None:
        """Settle a step with an unknown outcome: it is not in the CRM, so it is sent again.

        Raises:
            NotAllowedError: It is another agent's session.
            NotFoundError: There is no such step.
            TransitionError: There is nothing to send again.
        """
        with self._deciding(session_id, agent_id) as connection:
            choices.send_again(connection, choices.find(connection, session_id, step, occurrence), self._clock.now())

    def discard(self, intent_id: int, user_id: int) -> list[Intent]:
        """Give up a step for good, and the steps that wait for it; also one of another CRM.

        Returns:
            What was discarded.

        Raises:
            NotFoundError: There is no such step.
            TransitionError: It is done, or running.
        """
        with self._database.write() as connection:
            intent = deliveries.find(connection, intent_id)
            repository.get(connection, intent.session_id)  # locks the session: no other decision at the same time
            return choices.discard(connection, intent, f"user {user_id}", self._clock.now())

    def discard_all(self, crm_key: str, user_id: int) -> list[Intent]:
        """Give up all work that waits for a CRM which the settings don't name; running steps stay.

        Returns:
            What was discarded.

        Raises:
            TransitionError: The settings name this CRM.
        """
        discarded: list[Intent] = []
        with self._database.read() as connection:
            if crm_identity.current(connection, self._crm()).owns(crm_key):
                raise TransitionError("discard all work of", "of the CRM that the settings name", ())
            waiting = deliveries.sessions_waiting_for(connection, crm_key)
        for session_id in waiting:
            with suppress(TransitionError), self._database.write() as connection:
                repository.get(connection, session_id)
                now = self._clock.now()
                discarded += choices.discard_session(connection, session_id, f"user {user_id}", now)
        return discarded

    @contextmanager
    def _deciding(self, session_id: int, agent_id: int | None) -> Iterator[Connection]:
        """Open the transaction of a decision. `agent_id` None: an admin or supervisor decides.

        Raises:
            NotAllowedError: It is another agent's session.
            OtherCrmError: It belongs to another CRM than the settings name.
        """
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            if agent_id is not None and agent_id not in {session.agent_id, session.offered_to}:
                raise NotAllowedError(f"Session {session_id} is not yours.")
            if session.crm_key is not None and not crm_identity.current(connection, self._crm()).owns(session.crm_key):
                raise OtherCrmError(crm_identity.label_of(session.crm_key))
            yield connection
        self._start_now(session_id)


def _listed(intent: Intent, crm_id: CrmId) -> CrmId:
    """Return the id as the CRM wrote it.

    Raises:
        FieldsError: It isn't one of the choices.
    """
    known: list[CrmId] = [choice.id for choice in intent.result.choices]
    for each in known:
        if as_text(each) == as_text(crm_id):
            return each
    allowed = ", ".join(map(as_text, known)) or "none: nothing was found to choose from"
    raise FieldsError({"id": f"found {crm_id!r}; allowed: {allowed}"})
