"""Plans work in the CRM and pops as a session goes on: the implementation of `host.sessions.outbox.Outbox`."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Connection

from host.clock import Clock
from host.crm.agent_view import account_change, choices
from host.crm.intents import intents, trace
from host.crm.intents.intents import Intent
from host.crm.session_facts import crm_identity
from host.crm.settings.crm import CrmSettings
from host.events import journal, pops
from host.orchestration import crm_events, crm_plan
from host.orchestration.crm_events import CrmEvent
from host.orchestration.event_text import POP
from host.sessions import participants, repository
from host.sessions.model import CrmId, Session

SHORT = 64
"""Ids shorter than this are used unchanged in the key of a pop."""


class AfterEnd(Protocol):
    """Plans the files that remain of a session."""

    def on_ended(self, connection: Connection, session: Session) -> None:
        """Handle the end of a session."""
        ...

    def on_changed(self, connection: Connection, session: Session) -> None:
        """Handle that something was added to a session, which may have ended."""
        ...


class CrmOutbox:
    """Plans what follows from a change, in the transaction of the change."""

    def __init__(
        self,
        clock: Clock,
        crm: Callable[[], CrmSettings],
        start_now: Callable[[int], None],
        after_session: AfterEnd,
    ) -> None:
        self._clock = clock
        self._crm = crm
        self._start_now = start_now
        self._after_session = after_session

    def on_created(self, connection: Connection, session: Session) -> None:
        """Bind the session to the CRM and plan its account and record; a given record is known already."""
        now = self._clock.now()
        crm_identity.bind(connection, session.id, crm_identity.current(connection, self._crm()).key)
        for step in crm_plan.on_created(self._crm()):
            given = session.record_id if step == "record" else session.account_id
            if given is not None:
                intents.plan_done(connection, session.id, step, given, now=now)
            else:
                intents.plan(connection, session.id, step, now=now)
        self.on_event(connection, session, "start")
        if session.queue_id is not None:
            self.on_event(connection, session, "queue_selected")
        if session.custom_data:
            self.on_event(connection, session, "custom_data")

    def on_offered(self, connection: Connection, session: Session) -> None:
        """Pop to the agent who is offered the session, if `pop_on` is `offer`."""
        if self._crm().pop_on == "offer" and session.offered_to is not None:
            self._pop(connection, session, session.offered_to)

    def on_connected(self, connection: Connection, session: Session, agent_id: int) -> None:
        """Pop to the agent who has taken or joined the session, and plan the event."""
        before = [each for each in participants.of_session(connection, session.id) if each.type in participants.AGENTS]
        count = len([each for each in before if each.connected_at is not None])
        self.on_event(connection, session, "connected", occurrence=f"connected:{count}" if count > 1 else "")
        self._pop(connection, session, agent_id)

    def on_known(self, connection: Connection, session_id: int) -> None:
        """Use an account or record that became known: move what follows to it, and pop it."""
        session = repository.get(connection, session_id)
        now = self._clock.now()
        account_change.follow_account(connection, session, self._crm(), now)
        session = repository.get(connection, session_id)
        crm_events.plan_steps_for_found_record(connection, self._crm(), session, now)
        if session.has_ended:
            choices.forget_labels(connection, session_id)
            self._after_session.on_changed(connection, session)  # the metadata names account and record
        elif agents := participants.present_agents(connection, session_id):
            for agent_id in agents:
                self._pop(connection, session, agent_id)
        else:
            self.on_offered(connection, session)

    def on_ended(self, connection: Connection, session: Session) -> None:
        """Plan the work after the session; mask the trace and delete the labels of the choices: both are personal."""
        self.on_event(connection, session, "end")
        self._after_session.on_ended(connection, session)
        trace.mask_session(connection, session.id)
        choices.forget_labels(connection, session.id)

    def on_event(
        self,
        connection: Connection,
        session: Session,
        event: str,
        *,
        occurrence: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Plan the comment and the update of an event, as the settings say.

        When somebody whose account was not found is verified, it is looked up again by who they are now.
        """
        if event == "verified":
            self._look_up_again(connection, session)
        happened = CrmEvent(event, occurrence, details or {})
        crm_events.plan_steps(connection, self._crm(), session, happened, self._clock.now())
        if event != "end":
            self._after_session.on_changed(connection, session)

    def start_now(self, session_id: int) -> None:
        """Start what is due now, without waiting for the worker."""
        self._start_now(session_id)

    def _look_up_again(self, connection: Connection, session: Session) -> None:
        """Look for the account of a session whose record stands under a temporary one."""
        steps = _steps(connection, session.id)
        if session.account_id is None and crm_plan.has_custom_url(steps) and self._owns(connection, session):
            intents.resume(connection, steps["account"], self._clock.now())

    def _owns(self, connection: Connection, session: Session) -> bool:
        """Tell whether a session belongs to the CRM that the settings name: elsewhere its ids mean other records."""
        return crm_identity.current(connection, self._crm()).owns(session.crm_key)

    def _pop(self, connection: Connection, session: Session, agent_id: int) -> None:
        """Write one pop for each agent and page, once it is settled which page that is."""
        if not self._owns(connection, session):
            return
        steps = _steps(connection, session.id)
        reason = crm_plan.pop_reason(self._crm(), session.account_id, session.record_id, steps)
        if reason is None:
            return
        now = self._clock.now()
        shown = {"record": session.record_id, "account": session.account_id}.get(reason, "")
        journal_id = journal.post(
            connection,
            POP,
            now=now,
            agent_id=agent_id,
            adapter=session.channel,
            session_id=session.id,
            data={
                session.crm_id_key: session.id,
                "reason": reason,
                "account_id": session.account_id,
                "record_id": None if reason == "account" else session.record_id,
            },
            once=f"pop:{session.id}:{agent_id}:{reason}:{_short(shown)}{_again(connection, session.id, agent_id)}",
        )
        if journal_id is not None:
            pops.add(connection, journal_id, agent_id, session.id)


def _steps(connection: Connection, session_id: int) -> dict[str, Intent]:
    """Return a session's steps `account` and `record`."""
    return {intent.step: intent for intent in intents.of_session(connection, session_id) if not intent.occurrence}


def _again(connection: Connection, session_id: int, agent_id: int) -> str:
    """Return the part of a pop's key for an agent who has come back to a session: they get a pop of their own."""
    times = participants.count_of_agent(connection, session_id, agent_id)
    return f":{times}" if times > 1 else ""


def _short(crm_id: CrmId | None) -> str:
    """Return an id for the key of a pop; a long one as its hash."""
    text = str(crm_id)
    return text if len(text) < SHORT else hashlib.sha256(text.encode()).hexdigest()
