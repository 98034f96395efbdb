"""Calls and chats under any sequence of actions: whatever people do, in whatever order, the invariants hold."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

from host.db.engine import Database
from host.db.tables import claims, sessions, users
from host.db.tables import participants as rows
from host.errors import HostError
from host.events import tabs
from host.events.tabs import Tab
from host.orchestration.agents import Agents
from host.orchestration.session_actions import SessionActions
from host.queues import tree
from host.sessions import participants, repository, wrap_up
from host.sessions.calls import NewCall
from host.sessions.chats import NewChat
from host.sessions.inactivity import Inactivity
from host.sessions.model import Session
from host.sessions.transfers import Target
from host.users import directory
from tests.databases import lay_tables
from tests.host.sessions.invariants import broken, unshown
from tests.host.world import World

QUEUES = ("Developers / James", "Sales")
PICK = st.integers(0, 11)
TICK_S = 10


class LaterVoice:
    """Audio that is connected some time after it was asked for."""

    connects_at_once = False

    def follow(self, call_id: int) -> None: ...

    def send_digits(self, call_id: int, digits: str) -> None: ...


class CallCentre(RuleBasedStateMachine):
    """Three agents, two queues, and whatever may happen there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'patchbay.db'}")
        lay_tables(self.database)
        self.world = World(self.database)
        self.clock = self.world.clock
        with self.database.write() as connection:
            queue = tree.upsert(connection, ("Developers", "James"))
            sales = tree.upsert(connection, ("Sales",), settings={"max_wrap_up_s": 0})
            q = directory.upsert(connection, "q@example.com", name="Q", roles=["agent"]).id
            self.agents = [self.world.james, self.world.eve, q]
            self.m = directory.upsert(connection, "m@example.com", name="M", roles=["supervisor"]).id
            tree.set_agents(connection, queue.id, self.agents)
            tree.set_agents(connection, sales.id, self.agents[1:])
            connection.execute(update(users).values(max_chats=2))
        self.queues = [queue.id, sales.id]
        self.tabs: dict[Tab, None] = {}
        self.number = 0

    @initialize(is_slow=st.booleans())
    def choose_audio(self, is_slow: bool) -> None:
        voice = LaterVoice() if is_slow else None
        self.actions = SessionActions.build(self.database, self.clock, self.world.outbox, voice=voice)
        self.people = Agents(self.database, self.clock, "process", self.actions)
        self.inactivity = Inactivity(self.world.outbox)
        for agent_id in self.agents:
            for adapter in ("call", "chat"):
                self.open_adapter(agent_id, adapter)
            self.people.set_status(agent_id, "Available")

    def teardown(self) -> None:
        with self.database.read() as connection:
            problems = unshown(connection, self.clock.now())
        self.database.close()
        self.folder.cleanup()
        assert problems == []

    def open_adapter(self, agent_id: int, adapter: str) -> None:
        self.number += 1
        tab = Tab(f"socket-{self.number}", agent_id, adapter, "tab-one1")
        self.tabs = {each: None for each in self.tabs if each.slot != tab.slot} | {tab: None}
        self.people.arrive(tab)

    def session(self, pick: int) -> Session | None:
        """One of the last sessions, open ones first."""
        with self.database.read() as connection:
            found = repository.where(connection, sessions.c.id > 0)[-8:]
        found.sort(key=lambda each: each.has_ended)
        return found[pick % len(found)] if found else None

    def someone(self, session: Session, pick: int) -> int:
        """Somebody who has to do with a session, or, more seldom, anybody."""
        with self.database.read() as connection:
            parts = participants.of_session(connection, session.id)
        near = [session.offered_to, session.agent_id]
        near += [each.user_id for each in parts if each.status in participants.OPEN]
        meant = list(dict.fromkeys(each for each in near if each is not None))
        return meant[pick % len(meant)] if meant and pick < 10 else self.agents[pick % 3]

    def attempt(self, act: Callable[..., object], *given: Any, **more: Any) -> None:
        """Do something that may be refused; a refusal is an error of ours, and changes nothing."""
        with suppress(HostError):
            act(*given, **more)

    @rule(queue=st.sampled_from(QUEUES), pick=PICK)
    def start_call(self, queue: str, pick: int) -> None:
        later = self.clock.now() + timedelta(seconds=30) if pick == 0 else None
        self.actions.calls.start(NewCall(queue=queue, phone=f"+1222333{pick:04}", scheduled_at=later))

    @rule(queue=st.sampled_from(QUEUES), pick=PICK)
    def start_chat(self, queue: str, pick: int) -> None:
        email = "agent2@example.com" if pick == 0 else None
        self.actions.chats.start(NewChat(queue=queue, agent_email=email))

    @rule(agent=st.integers(0, 2))
    def dial(self, agent: int) -> None:
        new = NewCall(type="voice_outbound", phone="+12223334444")
        self.attempt(self.actions.calls.dial, self.agents[agent], new)

    @rule(pick=PICK, who=PICK)
    def answer(self, pick: int, who: int) -> None:
        if session := self.session(pick):
            self.attempt(self.actions.offers.answer, session.id, self.someone(session, who))

    @rule()
    def answer_all(self) -> None:
        """Everybody answers what rings."""
        with self.database.read() as connection:
            offered = repository.where(connection, sessions.c.offered_to.is_not(None))
            invited = participants.where(connection, rows.c.status == "invited")
        for session in offered:
            self.attempt(self.actions.offers.answer, session.id, session.offered_to)
        for each in invited:
            self.attempt(self.actions.offers.answer, each.session_id, each.user_id)

    @rule(pick=PICK, who=PICK)
    def decline(self, pick: int, who: int) -> None:
        if session := self.session(pick):
            self.attempt(self.actions.offers.decline, session.id, self.someone(session, who))

    @rule(pick=PICK, who=PICK, is_on=st.booleans())
    def hold(self, pick: int, who: int, is_on: bool) -> None:
        if session := self.session(pick):
            act = self.actions.controls.hold if is_on else self.actions.controls.resume
            self.attempt(act, session.id, self.someone(session, who))

    @rule(pick=PICK, who=PICK, is_on=st.booleans())
    def mute(self, pick: int, who: int, is_on: bool) -> None:
        if session := self.session(pick):
            self.attempt(self.actions.controls.set_muted, session.id, self.someone(session, who), muted=is_on)

    @rule(pick=PICK, who=PICK, to=PICK, is_warm=st.booleans())
    def transfer(self, pick: int, who: int, to: int, is_warm: bool) -> None:
        if session := self.session(pick):
            target = Target("agent", self.agents[to % 3]) if to < 6 else Target("queue", self.queues[to % 2])
            agent_id = self.someone(session, who)
            self.attempt(self.actions.transfers.transfer, session.id, agent_id, target, is_warm=is_warm)

    @rule(pick=PICK, who=PICK)
    def cancel_transfer(self, pick: int, who: int) -> None:
        if session := self.session(pick):
            self.attempt(self.actions.transfers.cancel, session.id, self.someone(session, who))

    @rule(pick=PICK, who=PICK, to=st.integers(0, 3))
    def add_party(self, pick: int, who: int, to: int) -> None:
        if session := self.session(pick):
            party = (
                {"agent_id": None, "phone": "+12223335555"} if to == 3 else {"agent_id": self.agents[to], "phone": None}
            )
            self.attempt(self.actions.controls.add_party, session.id, self.someone(session, who), **party)

    @rule(pick=PICK, who=PICK, part=PICK)
    def remove_party(self, pick: int, who: int, part: int) -> None:
        if session := self.session(pick):
            with self.database.read() as connection:
                parts = participants.of_session(connection, session.id)
            party = parts[part % len(parts)].id
            self.attempt(self.actions.controls.remove_party, session.id, self.someone(session, who), party)

    @rule(pick=PICK, who=PICK)
    def dismiss(self, pick: int, who: int) -> None:
        if session := self.session(pick):
            self.attempt(self.actions.chats.dismiss, session.id, self.someone(session, who))

    @rule(pick=PICK, who=PICK, by_agent=st.booleans())
    def resume_chat(self, pick: int, who: int, by_agent: bool) -> None:
        if (session := self.session(pick)) and session.channel == "chat":
            self.attempt(self.actions.chats.resume, session.id, self.someone(session, who) if by_agent else None)

    @rule(pick=PICK, who=PICK, by_agent=st.booleans())
    def write(self, pick: int, who: int, by_agent: bool) -> None:
        self.number += 1
        session, client_id = self.session(pick), f"m{self.number}"
        if session and by_agent:
            self.attempt(self.actions.chats.say, session.id, self.someone(session, who), "Hi!", client_id)
        elif session and session.channel == "chat":
            self.attempt(self.actions.chats.write, session.id, "Hello?", client_id)

    @rule(pick=PICK, who=PICK)
    def focus(self, pick: int, who: int) -> None:
        if session := self.session(pick):
            self.attempt(self.actions.chats.focus, session.id, self.someone(session, who))

    @rule(pick=PICK, who=PICK, by=st.sampled_from(["agent", "end_user", "system"]))
    def end(self, pick: int, who: int, by: str) -> None:
        if session := self.session(pick):
            act = self.actions.calls.end if session.channel == "call" else self.actions.chats.end
            agent_id = self.someone(session, who) if by == "agent" else None
            self.attempt(act, session.id, by=by, agent_id=agent_id)

    @rule()
    def call_the_menu(self) -> None:
        self.actions.calls.start(NewCall(phone="+12223336666", in_menu=True))

    @rule(pick=PICK, queue=st.sampled_from(QUEUES))
    def choose_queue(self, pick: int, queue: str) -> None:
        if session := self.session(pick):
            self.attempt(self.actions.before_agents.choose_queue, session.id, queue, None)

    @rule(pick=PICK, status=st.sampled_from(["recording", "received"]))
    def leave_voicemail(self, pick: int, status: str) -> None:
        if session := self.session(pick):
            self.attempt(self.actions.before_agents.note_voicemail, session.id, status)

    @rule(pick=PICK, is_there=st.booleans())
    def supervise(self, pick: int, is_there: bool) -> None:
        if session := self.session(pick):
            self.attempt(
                self.actions.supervision.join if is_there else self.actions.supervision.leave, session.id, self.m
            )

    @rule(pick=PICK, to=PICK)
    def reassign(self, pick: int, to: int) -> None:
        if session := self.session(pick):
            target = Target("agent", self.agents[to % 3]) if to < 6 else Target("queue", self.queues[to % 2])
            self.attempt(self.actions.supervision.reassign, session.id, target)

    @rule(pick=PICK)
    def connect_audio(self, pick: int) -> None:
        if (session := self.session(pick)) and session.channel == "call":
            self.attempt(self.actions.calls.on_connected, session.id)

    @rule(agent=st.integers(0, 2), notes=st.sampled_from(["", "Solved"]))
    def wrap_up(self, agent: int, notes: str) -> None:
        with self.database.read() as connection:
            mine = wrap_up.open_of_agent(connection, self.agents[agent])
        for each in mine[:1]:
            self.actions.wrap_ups.finish(each.session_id, each.agent_id, None, notes)

    @rule(agent=st.integers(0, 2), new=st.sampled_from(["Available", "Available", "Break", "Offline"]))
    def set_status(self, agent: int, new: str) -> None:
        self.people.set_status(self.agents[agent], new)

    @rule(agent=st.integers(0, 2), adapter=st.sampled_from(["call", "chat"]))
    def arrive(self, agent: int, adapter: str) -> None:
        self.open_adapter(self.agents[agent], adapter)

    @rule(agent=st.integers(0, 2))
    def go(self, agent: int) -> None:
        """An agent closes their browser."""
        for tab in [each for each in self.tabs if each.agent_id == self.agents[agent]]:
            self.people.leave(tab)
            del self.tabs[tab]

    @rule()
    def show_offers(self) -> None:
        """All adapters say that they show what rings."""
        with self.database.write() as connection:
            connection.execute(update(claims).values(acked_at=self.clock.now()))

    @rule(seconds=st.sampled_from([1, 4, 15, 40, 70, 700]))
    def pass_time(self, seconds: int) -> None:
        """The worker does its rounds meanwhile."""
        left = seconds
        while left > 0:
            step = min(left, TICK_S if left <= 70 else left - 70)
            self.clock.forward(timedelta(seconds=step))
            left -= step
            self.work()

    def work(self) -> None:
        now = self.clock.now()
        with self.database.write() as connection:
            tabs.keep_alive(connection, "process", now)
            self.actions.run_timers(connection, now)
            self.people.mark_unresponsive(connection)
            self.actions.route(connection, now)
        with self.database.write() as connection:
            self.inactivity.run(connection, now)

    @invariant()
    def holds(self) -> None:
        with self.database.read() as connection:
            assert broken(connection, self.clock.now()) == []


def run(examples: int, steps: int, phases: tuple[Phase, ...] = (Phase.generate,)) -> None:
    """Let people do so many steps in each of some call centres; without `Phase.shrink` a failure is told as it came."""
    run_state_machine_as_test(
        CallCentre,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            phases=phases,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whatever_people_do_the_invariants_hold() -> None:
    run(examples=6, steps=40)


@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_whatever_people_do_for_long_the_invariants_hold() -> None:
    run(examples=150, steps=120, phases=(Phase.generate, Phase.shrink))
