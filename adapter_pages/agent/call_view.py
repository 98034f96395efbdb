"""Reads the calls that an agent takes part in, and those that they wrap up, as the call adapter shows them.

Source: docs/reference/sessions.md, Participants.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from adapter_pages.agent import wrap_up_view
from adapter_pages.agent.about import About
from adapter_pages.agent.wrap_up_view import WrapUpView
from host.db.tables import end_users, sessions
from host.db.tables import participants as rows
from host.events import journal
from host.sessions import participants, repository, transfer_rows
from host.sessions.model import Session
from host.sessions.participants import OPEN, PRESENT, Participant
from host.sessions.wrap_up import WrapUp
from host.users import directory
from host.wire.session_types import BY_KEY

WORDS = {"invited": "ringing", "connecting": "connecting", "connected": "connected"}
"""The status of a party, in words."""


@dataclass(frozen=True)
class Party:
    """Somebody in the call besides its consumer and the agent."""

    participant_id: int
    name: str
    """Or the phone number."""
    words: str
    """One of `WORDS`."""
    can_be_removed: bool


@dataclass(frozen=True)
class Call:
    """A call on the agent's desk."""

    about: About
    state: str
    """`Connecting`, `Ringing`, `Connected`, `On hold`, `Wrap-up`."""
    since: datetime
    """When the state began."""
    known_since: int | None = None
    """The year in which the consumer called or wrote first, if that was before this call."""
    begun_at: datetime | None = None
    """When the agent was connected."""
    is_own: bool = True
    """Whether it is theirs; else they have joined it, and can only leave."""
    is_muted: bool = False
    is_recording_paused: bool = False
    parties: tuple[Party, ...] = ()
    transfer_to: str | None = None
    """Who is asked in a warm transfer that nobody has answered yet."""
    wrap_up: WrapUpView | None = None

    @property
    def is_live(self) -> bool:
        """Whether it goes on."""
        return self.wrap_up is None

    @property
    def is_connected(self) -> bool:
        """Whether consumer and agent are connected."""
        return self.state in {"Connected", "On hold"}


def sessions_of(connection: Connection, agent_id: int, wrapped_up: Collection[int]) -> list[Session]:
    """Return the calls that the agent takes part in now, then those that they wrap up; each oldest first.

    Args:
        connection: The desk's transaction.
        agent_id: The agent.
        wrapped_up: The calls that they wrap up.
    """
    here = (rows.c.user_id == agent_id) & rows.c.status.in_(PRESENT)
    mine = sessions.c.id.in_(select(rows.c.session_id).where(here))
    live = repository.where(connection, mine & (sessions.c.channel == "call"))
    ended = set(wrapped_up) - {session.id for session in live}
    return [*live, *(repository.where(connection, sessions.c.id.in_(ended)) if ended else ())]


def read(connection: Connection, session: Session, agent_id: int, about: About, wrap_ups: Mapping[int, WrapUp]) -> Call:
    """Read one call.

    Args:
        connection: The desk's transaction.
        session: The call.
        agent_id: The agent.
        about: Facts about the call.
        wrap_ups: The agent's unfinished wrap-ups, by session id.
    """
    everybody = participants.of_session(connection, session.id)
    mine = next((each for each in everybody if each.user_id == agent_id and each.status in PRESENT), None)
    if mine is None:
        view = wrap_up_view.read(connection, session, wrap_ups[session.id])
        known_since = _known_since(connection, session)
        return Call(about, "Wrap-up", view.started_at, known_since=known_since, wrap_up=view)
    state, since = _state(connection, session, mine, everybody)
    is_own = session.agent_id == agent_id
    others = [each for each in everybody if each.status in OPEN and each.type != "end_user" and each.id != mine.id]
    transfer_to = _transfer_to(connection, session, others)
    parties = [each for each in others if transfer_to is None or not _is_asked(each)]
    return Call(
        about=about,
        state=state,
        since=since,
        known_since=_known_since(connection, session),
        begun_at=mine.connected_at,
        is_own=is_own,
        is_muted=mine.is_muted,
        is_recording_paused=bool(session.details.get("is_recording_paused")),
        parties=tuple(_party(connection, each, can_be_removed=is_own) for each in parties),
        transfer_to=transfer_to if is_own else None,
    )


def _state(
    connection: Connection, session: Session, mine: Participant, everybody: list[Participant]
) -> tuple[str, datetime]:
    if session.status == "connecting" or mine.status == "connecting":
        word = "Ringing" if BY_KEY[session.type].is_outbound else "Connecting"
        return word, mine.created_at
    if any(each.is_on_hold for each in everybody if each.type == "end_user"):
        held = journal.newest(connection, session.id, "held")
        return "On hold", held.at if held else session.updated_at
    return "Connected", mine.connected_at or session.connected_at or mine.created_at


def _party(connection: Connection, participant: Participant, *, can_be_removed: bool) -> Party:
    user = directory.by_id(connection, participant.user_id) if participant.user_id is not None else None
    name = user.name if user else participant.name or participant.phone_number or "Somebody"
    return Party(participant.id, name, WORDS[participant.status], can_be_removed and participant.purpose != "transfer")


def _transfer_to(connection: Connection, session: Session, others: list[Participant]) -> str | None:
    transfer = transfer_rows.pending(connection, session.id)
    asked = next((each.user_id for each in others if _is_asked(each)), None)
    if transfer is None or asked is None:
        return None
    user = directory.by_id(connection, asked)
    return user.name if user else "another agent"


def _is_asked(participant: Participant) -> bool:
    """Tell whether a transfer rings at this agent."""
    return participant.status == "invited" and participant.purpose == "transfer"


def _known_since(connection: Connection, session: Session) -> int | None:
    query = select(end_users.c.created_at).where(end_users.c.id == session.end_user_id)
    first_at = connection.execute(query).scalar_one()
    return first_at.year if first_at < session.created_at else None
