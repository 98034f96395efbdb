"""Reads what is offered to an agent: sessions that wait, and invitations to sessions that go on.

Source: docs/reference/sessions.md, Participants; docs/reference/sessions.md, Queues and routing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from adapter_pages.agent.about import About
from host.db.tables import journal as facts
from host.db.tables import sessions
from host.events import journal
from host.sessions import invitations, participants, repository
from host.sessions.model import Session
from host.sessions.participants import Participant
from host.users import directory

TITLES = {"transfer": "Transfer from ", "party": "Added by "}
"""By the purpose of an invitation; the name of the agent who invites follows."""


@dataclass(frozen=True)
class Offer:
    """A session that the agent may answer, or join."""

    about: About
    title: str
    """`New call`, `Transfer from `."""
    inviter: str
    """The agent who invites; empty if the session waits for anybody."""
    waiting_since: datetime
    ends_at: datetime | None
    """When it goes to somebody else."""
    event_id: str | None
    """Id of the offer in the journal; the page acknowledges it once it shows the offer."""


def sessions_of(connection: Connection, agent_id: int, channel: str) -> list[Session]:
    """Return the sessions of a channel that the agent is offered or invited to, oldest first."""
    offered = (sessions.c.offered_to == agent_id) & (sessions.c.status == "assigned")
    invited = sessions.c.id.in_([each.session_id for each in invitations.of_agent(connection, agent_id)])
    return repository.where(connection, (sessions.c.channel == channel) & (offered | invited))


def read(connection: Connection, session: Session, agent_id: int, about: About) -> Offer:
    """Read one offer."""
    mine = participants.agent(connection, session.id, agent_id)
    if mine is not None:
        return _invitation(connection, mine, about)
    event = journal.newest(connection, session.id, "assigned")
    return Offer(
        about=about,
        title=f"New {session.channel}",
        inviter="",
        waiting_since=session.queued_at or session.created_at,
        ends_at=session.offer_ends_at,
        event_id=event.ulid if event else None,
    )


def _invitation(connection: Connection, mine: Participant, about: About) -> Offer:
    inviter = directory.by_id(connection, mine.invited_by) if mine.invited_by is not None else None
    is_mine = (facts.c.session_id == mine.session_id) & (facts.c.agent_id == mine.user_id)
    query = select(facts.c.ulid).where(is_mine, facts.c.name == invitations.INVITED).order_by(facts.c.id.desc())
    return Offer(
        about=about,
        title=TITLES.get(mine.purpose, "Invitation from "),
        inviter=inviter.name if inviter else "a gateway",
        waiting_since=mine.created_at,
        ends_at=mine.offer_ends_at,
        event_id=connection.execute(query.limit(1)).scalar_one_or_none(),
    )
