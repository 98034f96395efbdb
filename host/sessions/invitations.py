"""Invitations of agents to a session that goes on: a warm transfer, or a party that is added to a call.

An invitation is a participant with the status `invited`. It rings in the agent's adapter like any offer.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from host.db.tables import participants as rows
from host.events import journal, pops
from host.sessions import announce, holding, leaving, participants, presence, repository, transfer_rows, wrap_up
from host.sessions.model import Session
from host.sessions.participants import Participant

INVITED = "invited"
"""The name of an invitation in the journal, and a participant's status."""
REASONS = {"declined": "ag_canceled", "canceled": "ag_canceled"}
"""The participant's fail reason by why the invitation ended; `IGNORED` for all others."""
IGNORED = "ag_ignored"


def invite(
    connection: Connection, session: Session, agent_id: int, *, purpose: str, by: int | None, now: datetime
) -> Participant:
    """Invite an agent; their adapters ring for the offer time of the session's queue.

    Args:
        purpose: `transfer` or `party`.
        by: The agent who invites.
    """
    offer_time = timedelta(seconds=wrap_up.settings_of(connection, session).offer_time_s)
    invited = participants.add(
        connection,
        session.id,
        "agent",
        now=now,
        user_id=agent_id,
        status=INVITED,
        purpose=purpose,
        invited_by=by,
        offer_ends_at=now + offer_time,
    )
    facts = {"participant_id": invited.id, "purpose": purpose}
    event_id = journal.append(connection, INVITED, now=now, session_id=session.id, agent_id=agent_id, data=facts)
    if event_id is not None:
        pops.add(connection, event_id, agent_id, session.id)
    announce.wake(connection, session, now)
    return invited


def accept(connection: Connection, session: Session, invited: Participant, now: datetime) -> Session:
    """Let the invited agent join.

    With a transfer, the session becomes theirs: a chat's first agent leaves it at once, a call's when they choose to.
    """
    assert invited.user_id is not None  # noqa: S101 - only agents are invited
    participants.move(connection, invited, "connect", now=now)
    journal.append(connection, "joined", now=now, session_id=session.id, agent_id=invited.user_id)
    if invited.purpose == "transfer":
        session = _take_over(connection, session, invited.user_id, now)
    switched = False
    if session.channel == "chat":
        switched = presence.enter_chat(connection, invited.user_id, session.id, now)
    else:
        presence.update_status(connection, invited.user_id, now)
    announce.post_joined(connection, session, invited.user_id, now, switched=switched)
    if invited.purpose == "party":
        announce.post_party(connection, session, {"type": invited.type}, now)
    announce.wake(connection, session, now, but=invited.user_id)
    return session


def refuse(connection: Connection, session: Session, invited: Participant, reason: str, now: datetime) -> None:
    """End an invitation that was not accepted; a transfer comes back to the agent who has the session.

    Args:
        reason: `declined`, `missed`, `canceled`, `unresponsive`.
    """
    assert invited.user_id is not None  # noqa: S101 - only agents are invited
    pops.drop(connection, session.id, invited.user_id)
    fail_reason = REASONS.get(reason, IGNORED)
    participants.move(connection, invited, "fail", now=now, reason=reason, fail_reason=fail_reason)
    if invited.purpose == "transfer":
        status = "canceled" if reason == "canceled" else "failed"
        transfer_rows.fail(connection, session.id, fail_reason, now, status)
        holding.resume(connection, session, now, agent_id=session.agent_id)
    leaving.wake(connection, session, invited.user_id, now)
    announce.wake(connection, session, now)


def open_of_session(connection: Connection, session_id: int) -> list[Participant]:
    """Return the invitations of a session that nobody has answered."""
    return participants.where(connection, (rows.c.session_id == session_id) & (rows.c.status == INVITED))


def overdue(connection: Connection, now: datetime) -> list[Participant]:
    """Return the invitations whose time is over."""
    return participants.where(connection, (rows.c.status == INVITED) & (rows.c.offer_ends_at <= now))


def of_agent(connection: Connection, agent_id: int) -> list[Participant]:
    """Return the agent's open invitations."""
    return participants.where(connection, (rows.c.status == INVITED) & (rows.c.user_id == agent_id))


def _take_over(connection: Connection, session: Session, agent_id: int, now: datetime) -> Session:
    before = session.agent_id
    transfer = transfer_rows.pending(connection, session.id)
    to_queue_id = transfer.to_queue_id if transfer else None
    session = repository.set_agent(connection, session, agent_id, now, queue_id=to_queue_id)
    if transfer is not None:
        finished = transfer_rows.finish(connection, transfer, agent_id, now)
        facts = {"transfer_id": transfer.id}
        journal.append(connection, "transferred", now=now, session_id=session.id, agent_id=before, data=facts)
        parties = [agent_id] if before is None else [before, agent_id]
        announce.post_transfer(connection, session, finished, parties, now)
    holding.resume(connection, session, now, agent_id=agent_id)
    if session.channel == "chat" and before is not None:
        mine = participants.agent(connection, session.id, before)
        if mine is not None:
            leaving.leave(connection, session, mine, now)
    return session
