"""Lets agents leave a session, and ends it: status, participants, events, wrap-up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from host.events import journal, pops
from host.sessions import announce, holding, participants, presence, repository, transfer_rows, wrap_up
from host.sessions.model import Session
from host.sessions.participants import AGENTS, Participant


def end_session(
    connection: Connection,
    session: Session,
    action: str,
    *,
    by: str,
    now: datetime,
    fail_reason: str = "nothing",
    data: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Session:
    """End a session for everybody.

    Args:
        action: `end`, `cancel`, `fail`, `deflect`: an action of the channel's machine.
        by: `end_user`, `agent`, `virtual_agent`, `system`.
        fail_reason: See docs/reference/sessions.md, Status.
        data: Further keys of the journal row.
        changes: Further columns to set.

    Raises:
        TransitionError: The session's status doesn't allow the action.
    """
    everybody = participants.of_session(connection, session.id)
    there = [each for each in everybody if each.type in AGENTS]
    if session.offered_to is not None:
        pops.drop(connection, session.id, session.offered_to)
    session = repository.move(
        connection,
        session,
        action,
        now=now,
        tell=session.agent_id or session.offered_to,
        data={"by": by, **(data or {})},
        changes={
            **(changes or {}),
            "disconnected_by": by,
            "fail_reason": fail_reason,
            "offered_to": None,
            "offer_ends_at": None,
            "kept_for": None,
        },
    )
    transfer_rows.fail(connection, session.id, "eu_abandoned" if by == "end_user" else "nothing", now)
    participants.end_all(connection, session, everybody, now)
    present = [each for each in there if each.status in participants.PRESENT]
    announce.post_ended(connection, session, dict.fromkeys(id for each in present if (id := each.user_id)), now)
    for each in present:
        _release(connection, session, each, now)
    for each in there:
        if each.status == "invited" and each.user_id is not None:
            pops.drop(connection, session.id, each.user_id)
            wake(connection, session, each.user_id, now)
    return session


def leave(
    connection: Connection, session: Session, participant: Participant, now: datetime, *, wraps_up: bool = True
) -> None:
    """Let one agent leave a session that goes on.

    Args:
        wraps_up: Whether they get a wrap-up.
    """
    participants.move(connection, participant, "leave" if participant.status == "connected" else "fail", now=now)
    _release(connection, session, participant, now, wraps_up=wraps_up)


def take_away(connection: Connection, session: Session, agent_id: int, now: datetime, reason: str) -> Session:
    """Take a session away from an agent who can't go on with it: it waits again, or another agent in it goes on.

    Args:
        connection: In a writing transaction that holds the lock `ROUTING`.
        session: In progress.
        agent_id: Its agent.
        now: The current time.
        reason: `no_room`, `agent_gone`, `reassigned`; for the journal.
    """
    mine = participants.agent(connection, session.id, agent_id)
    others = [
        each
        for each in participants.of_session(connection, session.id)
        if each.type in AGENTS and each.status in participants.PRESENT and each.user_id != agent_id
    ]
    following = next((each.user_id for each in others if each.type == "agent" and each.user_id is not None), None)
    if following is not None:
        session = repository.set_agent(connection, session, following, now)
        wake(connection, session, following, now)
    else:
        for each in participants.of_session(connection, session.id):
            if each.status == "invited" and each.user_id is not None:
                pops.drop(connection, session.id, each.user_id)
                participants.move(connection, each, "fail", now=now)
                wake(connection, session, each.user_id, now)
        transfer_rows.fail(connection, session.id, "transfer_expired", now)
        holding.resume(connection, session, now, agent_id=agent_id)
        facts = {"agent_id": agent_id, "reason": reason}
        session = repository.move(
            connection, session, "requeue", now=now, tell=agent_id, data=facts, changes={"agent_id": None}
        )
        for each in others:
            leave(connection, session, each, now)
    if mine is not None:
        leave(connection, session, mine, now, wraps_up=False)
    return session


def wake(connection: Connection, session: Session, agent_id: int, now: datetime) -> None:
    """Wake the adapters of one agent, so that they show what has become of the session."""
    journal.append(connection, "desk_changed", now=now, session_id=session.id, agent_id=agent_id)


def _release(
    connection: Connection, session: Session, participant: Participant, now: datetime, *, wraps_up: bool = True
) -> None:
    """Begin the agent's wrap-up, and set what they do now."""
    agent_id = participant.user_id
    if agent_id is None:
        return
    pops.drop(connection, session.id, agent_id)
    if participant.type == "agent" and wraps_up:
        wrap_up.begin(connection, session, agent_id, now)
    if session.channel == "call":
        presence.update_status(connection, agent_id, now)
        wake(connection, session, agent_id, now)
        return
    front = presence.leave_chat(connection, agent_id, session.id, now)
    if front is not None:
        announce.post_active_chat(connection, repository.get(connection, front), now)
