"""Post session events to the adapters of the session's agents, by way of the journal.

Source: docs/reference/events.md, Types.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from host.events import journal
from host.events.journal import Post
from host.queues import tree
from host.sessions import messages, participants, payloads
from host.sessions.model import Session
from host.users import directory
from host.wire.session_types import BY_KEY

INBOUND = "Chat_Inbound_Message"
OUTBOUND = "Chat_Outbound_Message"
CONNECTS = "Agent_Connects_to_Session"


class TransferParties(Protocol):
    """The two sides of a transfer."""

    @property
    def id(self) -> int:
        """See `host.sessions.transfer_rows`."""
        ...

    @property
    def from_agent_id(self) -> int | None:
        """See `host.sessions.transfer_rows`."""
        ...

    @property
    def to_agent_id(self) -> int | None:
        """See `host.sessions.transfer_rows`."""
        ...

    @property
    def from_queue_id(self) -> int | None:
        """See `host.sessions.transfer_rows`."""
        ...

    @property
    def to_queue_id(self) -> int | None:
        """See `host.sessions.transfer_rows`."""
        ...


def post_joined(
    connection: Connection, session: Session, agent_id: int, now: datetime, *, switched: bool = False
) -> None:
    """Post that the agent has taken or joined the session, and what the consumer of a chat wrote while waiting.

    Args:
        switched: Whether the chat replaces another one in front.
    """
    payload = _payload(connection, session, agent_id)
    if payload is None:
        return
    _post(connection, "New_Call" if session.channel == "call" else "New_Chat", session, [payload], now)
    _post(connection, CONNECTS, session, [payloads.fitting(payload, CONNECTS)], now)
    if session.channel == "call":
        return
    if switched:
        _post(connection, "Active_Chat", session, [payload], now)
    waiting = _written_while_waiting(connection, session.id)
    _post(connection, INBOUND, session, [{**payload, "message_id": message_id} for message_id in waiting], now)


def post_messages(connection: Connection, said: Sequence[tuple[Session, int]], sender: str, now: datetime) -> None:
    """Post messages of one side; their texts are put in when the events are sent.

    Args:
        connection: In a writing transaction.
        said: Chat and id of each message, in order.
        sender: `end_user`, `agent`.
        now: The current time.
    """
    agents = directory.by_ids(connection, {chat.agent_id for chat, _ in said if chat.agent_id is not None})
    queues = {queue.id: queue for queue in tree.all(connection)} if agents else {}
    known: dict[int, dict[str, Any]] = {}
    for chat, _ in said:
        if chat.id not in known and (agent := agents.get(chat.agent_id or 0)):
            known[chat.id] = payloads.of(chat, agent, queues.get(chat.queue_id or 0))
    posts = [
        Post((known[chat.id]["agent_id"], chat.channel), {**known[chat.id], "message_id": number}, session_id=chat.id)
        for chat, number in said
        if chat.id in known
    ]
    journal.post_all(connection, INBOUND if sender == "end_user" else OUTBOUND, posts, now=now)


def post_active_chat(connection: Connection, session: Session, now: datetime) -> None:
    """Post which chat's tab is in front."""
    if payload := _payload(connection, session, session.agent_id):
        _post(connection, "Active_Chat", session, [payload], now)


def post_dismissed_chat(connection: Connection, session: Session, now: datetime) -> None:
    """Post that the chat was dismissed."""
    if payload := _payload(connection, session, session.agent_id):
        _post(connection, "Dismissed_Chat", session, [payload], now)


def post_ended(connection: Connection, session: Session, agent_ids: Iterable[int], now: datetime) -> None:
    """Post that the session has ended, to the adapters of the agents who were in it."""
    event_type = "End_Call" if session.channel == "call" else "End_Chat"
    for agent_id in agent_ids:
        if payload := _payload(connection, session, agent_id):
            _post(connection, event_type, session, [payload], now)


def post_transfer(
    connection: Connection, session: Session, transfer: TransferParties, to: Iterable[int], now: datetime
) -> None:
    """Post a transfer to the adapters of agents, once to each; a side that isn't known yet is left out."""
    data = {
        session.crm_id_key: session.id,
        "session_type": BY_KEY[session.type].name,
        **payloads.side(connection, "from", transfer.from_agent_id, transfer.from_queue_id),
        **payloads.side(connection, "to", transfer.to_agent_id, transfer.to_queue_id),
        **payloads.passed_along(session, "Transfer"),
    }
    for agent_id in to:
        once = f"transfer:{transfer.id}:{agent_id}"
        _post_data(connection, "Transfer", session, agent_id, data=data, now=now, once=once)


def post_party(connection: Connection, session: Session, joined: Mapping[str, Any], now: datetime) -> None:
    """Post to all agents in the session that a party has joined.

    Args:
        joined: `{"type": "agent"}`, for a consumer with `end_user_id`.
    """
    for agent_id in participants.present_agents(connection, session.id):
        user = directory.by_id(connection, agent_id)
        if user is None:
            continue
        data = {
            session.crm_id_key: session.id,
            "session_type": BY_KEY[session.type].name,
            **payloads.agent(user),
            "participants": [joined],
            **payloads.passed_along(session, "Add_Party"),
        }
        _post_data(connection, "Add_Party", session, agent_id, data=data, now=now)


def post_virtual_agent(connection: Connection, session: Session, data: Mapping[str, Any], now: datetime) -> None:
    """Post to all agents in the session that a virtual task assistant has joined."""
    for agent_id in participants.present_agents(connection, session.id):
        _post_data(connection, "Task_VA_Joined", session, agent_id, data=data, now=now)


def wake(connection: Connection, session: Session, now: datetime, *, but: int | None = None) -> None:
    """Wake the adapters of all agents in the session, so that they show its new state.

    Args:
        but: An agent who is woken anyway.
    """
    for agent_id in participants.present_agents(connection, session.id):
        if agent_id != but:
            journal.append(connection, "desk_changed", now=now, session_id=session.id, agent_id=agent_id)


def _written_while_waiting(connection: Connection, session_id: int) -> list[int]:
    """Return the ids of the consumer's messages that no agent's adapter has posted yet."""
    agents = [each for each in participants.of_session(connection, session_id) if each.type in participants.AGENTS]
    since = max((each.ended_at for each in agents if each.ended_at is not None), default=None)
    found = messages.of_session(connection, session_id)
    return [each.id for each in found if each.sender == "end_user" and (since is None or each.at >= since)]


def _payload(connection: Connection, session: Session, agent_id: int | None) -> Mapping[str, Any] | None:
    """Return what most events of the session carry; `None` without an agent."""
    user = directory.by_id(connection, agent_id) if agent_id is not None else None
    return payloads.session(connection, session, user) if user else None


def _post(
    connection: Connection, event_type: str, session: Session, payloads: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Write one event for each payload, in their order, to the adapter of the payload's agent."""
    posts = [Post((payload["agent_id"], session.channel), payload, session_id=session.id) for payload in payloads]
    journal.post_all(connection, event_type, posts, now=now)


def _post_data(
    connection: Connection,
    event_type: str,
    session: Session,
    agent_id: int,
    *,
    data: Mapping[str, Any],
    now: datetime,
    once: str | None = None,
) -> None:
    post = Post((agent_id, session.channel), data, once, session_id=session.id)
    journal.post_all(connection, event_type, [post], now=now)
