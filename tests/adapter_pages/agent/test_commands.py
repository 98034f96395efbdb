"""What agents can do from their adapters, and that nobody can do anything to another agent's session."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import select

from adapter_pages.agent import commands
from adapter_pages.agent.commands import COMMANDS
from adapter_pages.agent.page_commands import TYPES
from host.config import Config
from host.db.tables import journal, messages, participants, sessions, transfers, wrap_ups
from host.events import tabs
from host.events.tabs import Tab
from host.queues import tree
from host.services import Services, build
from host.sessions import repository, wrap_up
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.sessions.model import Session
from host.settings.document.sections import Command as Granted
from host.users import directory, status
from tests.clock import FrozenClock
from tests.databases import lay_tables

STORED = (sessions, participants, transfers, wrap_ups, messages, journal)
OF_NO_SESSION = ("status", "dial", "page_command")
SITE = "https://crm.example"
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "message": {"text": "Hello"},
    "read": {"delivered": 1, "seen": 1},
    "keypad": {"digits": "12#"},
    "transfer": {"to": "queue", "target": 2},
    "add_party": {"phone_number": "+1 222 333 5555"},
    "remove_party": {"participant_id": 1},
    "wrap_up": {"notes": "mine"},
    "wrap_up_draft": {"notes": "mine"},
    "set_record": {"record_id": "7"},
    "look_up_again": {"step": "account"},
    "choose": {"step": "account", "id": "7"},
    "it_exists": {"step": "account", "id": "7"},
    "send_again": {"step": "account"},
}


class Floor:
    """Two agents with both adapters open, and a session of James."""

    def __init__(self, services: Services) -> None:
        self.services, self._count = services, 0
        with services.database.write() as connection:
            queue = tree.upsert(connection, ("Developers", "James"), settings={"dispositions": ["Solved"]})
            self.james, self.eve = (
                directory.upsert(connection, email, name=email, roles=["agent"]).id
                for email in ("agent@example.com", "agent2@example.com")
            )
            tree.set_agents(connection, queue.id, [self.james])
            now = services.clock.now()
            for agent_id in (self.james, self.eve):
                status.set_status(connection, agent_id, "Available", now)
                for adapter in ("call", "chat"):
                    tab = Tab(f"{agent_id}-{adapter}", agent_id, adapter, f"tab-of-{agent_id}")
                    tabs.open_tabs(connection, {tab: now}, "process", now)

    def act(self, actor: int, name: str, /, *, id: str | None = None, **args: Any) -> dict[str, Any] | None:
        """Run a command; return its error, or None."""
        self._count += 1
        message = {"id": id or f"act-{self._count}", "name": name, "args": args}
        return commands.perform(self.services, actor, message).get("error")

    def call(self) -> int:
        new = NewCall(queue="Developers / James", phone="+12223334444")
        call, _ = self.services.calls.start(new)
        assert self.act(self.james, "answer", session_id=call.id) is None
        return call.id

    def chat(self) -> int:
        chat, _ = self.services.chats.start(NewChat(queue="Developers / James", name="Ada"))
        assert self.act(self.james, "answer", session_id=chat.id) is None
        return chat.id

    def get(self, session_id: int) -> Session:
        with self.services.database.read() as connection:
            return repository.get(connection, session_id)

    def status(self, agent_id: int) -> str:
        with self.services.database.read() as connection:
            user = directory.by_id(connection, agent_id)
        assert user is not None
        return user.status

    def stored(self) -> list[list[tuple[Any, ...]]]:
        """Return all that is stored about sessions."""
        with self.services.database.read() as connection:
            return [[tuple(row) for row in connection.execute(select(table))] for table in STORED]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    services = build(Config.from_env({}, data=tmp_path), clock=FrozenClock())
    lay_tables(services.database)
    services.settings.import_file({"embedding": {"allowed_origins": [SITE], "commands": {SITE: [*get_args(Granted)]}}})
    yield Floor(services)
    services.stop()


@pytest.mark.parametrize("which", ["call", "chat", "offered call", "ended call"])
def test_no_agent_can_do_anything_to_another_ones_session(floor: Floor, which: str) -> None:
    session_id = floor.chat() if which == "chat" else _call(floor, which)
    before = floor.stored()
    of_pages = [("page_command", _posted(each, session_id)) for each in TYPES if each not in ("Dial", "Set_Status")]
    own = [(name, NEEDED.get(name, {})) for name in sorted(set(COMMANDS) - set(OF_NO_SESSION))]
    for name, args in [*own, *of_pages]:
        error = floor.act(floor.eve, name, session_id=session_id, **args)
        assert floor.stored() == before, name
        if "decline" not in (name, str(args.get("type")).lower()):  # there is nothing to decline
            assert error is not None, name
            assert error["error"] in {"not_allowed", "not_found", "transition"}, name


def _posted(command: str, session_id: int) -> dict[str, Any]:
    """Return what an adapter sends when the page around it has posted a command."""
    data = {"call_id": session_id, "chat_id": session_id, "text": "Hello", "record_id": "7"}
    return {"origin": SITE, "type": command, "data": data}


def _call(floor: Floor, which: str) -> int:
    if which == "offered call":
        call, _ = floor.services.calls.start(NewCall(queue="Developers / James", phone="+12223334444"))
        assert floor.get(call.id).offered_to == floor.james
        return call.id
    session_id = floor.call()
    if which == "ended call":
        assert floor.act(floor.james, "end", session_id=session_id) is None
    return session_id


def test_a_repeated_command_changes_nothing(floor: Floor) -> None:
    session_id = floor.call()
    for name in ("hold", "mute", "pause_recording", "resume", "unmute", "resume_recording", "add_party", "end"):
        args = {"session_id": session_id, **NEEDED.get(name, {})}
        assert floor.act(floor.james, name, id=name, **args) is None
        before = floor.stored()
        assert floor.act(floor.james, name, id=name, **args) is None
        assert floor.stored() == before, name


def test_end_ends_calls_and_chats(floor: Floor) -> None:
    for session_id in (floor.call(), floor.chat()):
        assert floor.act(floor.james, "end", session_id=session_id) is None
        assert floor.get(session_id).status == "finished"


def test_dials_once_however_the_number_is_written(floor: Floor) -> None:
    for _ in range(2):
        assert floor.act(floor.james, "dial", id="dial-1", phone_number="(222) 333-4444", account_id="7") is None
    with floor.services.database.read() as connection:
        [call] = repository.where(connection, sessions.c.channel == "call")
        consumer = repository.end_user(connection, call.end_user_id)
    assert (call.type, call.status, call.account_id) == ("voice_outbound", "connected", "7")
    assert consumer.phone == "+12223334444"
    assert floor.status(floor.james) == "In-call"


@pytest.mark.parametrize("number", ["abc", "", "12", None, 42, "1" * 300, "+1 222 333 44445"])
def test_refuses_what_is_no_phone_number(floor: Floor, number: object) -> None:
    error = floor.act(floor.james, "dial", phone_number=number)
    assert error is not None
    assert error["error"] == "fields"
    assert "phone_number" in error["message"]


def test_adds_and_removes_a_party(floor: Floor) -> None:
    session_id = floor.call()
    assert floor.act(floor.james, "add_party", session_id=session_id, agent_id=floor.eve) is None
    with floor.services.database.read() as connection:
        [invited] = connection.execute(select(participants).where(participants.c.status == "invited")).all()
    assert floor.act(floor.james, "remove_party", session_id=session_id, participant_id=invited.id) is None
    error = floor.act(floor.james, "add_party", session_id=session_id)
    assert error is not None
    assert "agent_id" in error["message"]


def test_a_wrap_up_keeps_the_draft_and_sets_the_next_status(floor: Floor) -> None:
    session_id = floor.call()
    floor.act(floor.james, "end", session_id=session_id)
    assert floor.status(floor.james) == "Wrap-up"
    assert floor.act(floor.james, "wrap_up_draft", session_id=session_id, notes="Called about") is None
    error = floor.act(floor.james, "wrap_up", session_id=session_id, disposition="Other", status="Break")
    assert error is not None
    assert floor.status(floor.james) == "Wrap-up"
    args: dict[str, Any] = {"session_id": session_id, "disposition": "Solved", "notes": "Called about it"}
    assert floor.act(floor.james, "wrap_up", status="Break", **args) is None
    with floor.services.database.read() as connection:
        finished = wrap_up.newest(connection, session_id, floor.james)
    assert finished is not None
    assert (finished.disposition, finished.notes) == ("Solved", "Called about it")
    assert floor.status(floor.james) == "Break"


def test_a_status_that_the_system_sets_cannot_be_the_next(floor: Floor) -> None:
    session_id = floor.call()
    floor.act(floor.james, "end", session_id=session_id)
    error = floor.act(floor.james, "wrap_up", session_id=session_id, status="In-call")
    assert error is not None
    assert "status" in error["message"]
