"""What the model finds in a simulation that went wrong."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from host.simulation import model, plan
from host.simulation.ledger import Ledger, Seen, SessionLog
from host.simulation.model import CrmFacts, Verdict

JAMES, EVE = 7, 8
CHAT = 101
ENDED_AT = datetime(2026, 5, 1, 10, tzinfo=UTC)


class Story:
    """A chat that James answers, in which both write, and that ends; everything was told."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.session: dict[str, Any] = {"id": CHAT, "status": "finished", "ends_at": ENDED_AT.isoformat()}
        self.agents: list[dict[str, Any]] = [{"email": "sim-1@example.com", "status": "Available"}]
        self.crm: CrmFacts = CrmFacts(1, 1, ["start", "end"])
        self._seq = 0
        [each] = plan.make(calls=0, chats=1, seed=1, over_s=1)
        self.log: SessionLog = self.ledger.begin(each)
        self.ledger.know(self.log, CHAT)
        self.log.answered[JAMES] += 1
        self.log.joins = 1
        self.log.written["Hi!"] = 0.0
        self.log.said.append("Hello!")
        for name in ("New_Chat", "Agent_Connects_to_Session"):
            self.tell(name)
        self.tell("Chat_Inbound_Message", message="Hi!")
        self.tell("CRM_Record_Pop")
        self.tell("Chat_Outbound_Message", message="Hello!")
        self.tell("End_Chat")

    def tell(self, name: str, agent_id: int = JAMES, *, session_id: int = CHAT, tabs: str = "A", **data: Any) -> Seen:
        self._seq += 1
        seen = Seen(f"id{self._seq}", name, agent_id, "chat", self._seq, session_id, data)
        for tab in tabs:
            self.ledger.see(seen, fresh_in=tab)
        self.ledger.ranges[agent_id, "chat"].append((self._seq - 1, self._seq))
        return seen

    def untell(self, name: str) -> None:
        self.ledger.events = {id: each for id, each in self.ledger.events.items() if each.type != name}

    def transfer(self, *, is_warm: bool = False) -> None:
        """James transfers the chat, and Eve answers it."""
        self.untell("End_Chat")
        self.log.transfers.append((JAMES, is_warm))
        self.log.left[JAMES] += 1
        self.log.answered[EVE] += 1
        self.tell("Transfer")
        for name in ("New_Chat", "Agent_Connects_to_Session", "Transfer", "CRM_Record_Pop", "End_Chat"):
            self.tell(name, EVE)

    def verdict(self) -> Verdict:
        return model.judge(self.ledger, {CHAT: self.session}, self.agents, {CHAT: self.crm})


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.mark.parametrize("change", [lambda _story: None, Story.transfer, lambda story: story.transfer(is_warm=True)])
def test_a_session_that_went_well_is_ok(story: Story, change: Callable[[Story], None]) -> None:
    change(story)

    verdict = story.verdict()

    assert verdict.problems == []
    assert verdict.is_ok
    assert {(count.lost, count.doubled) for count in verdict.events.values()} == {(0, 0)}


@pytest.mark.parametrize(
    "name", ["New_Chat", "Agent_Connects_to_Session", "End_Chat", "Chat_Inbound_Message", "Chat_Outbound_Message"]
)
def test_a_lost_event_is_found(story: Story, name: str) -> None:
    story.untell(name)

    verdict = story.verdict()

    assert not verdict.is_ok
    assert verdict.events[name].lost == 1


@pytest.mark.parametrize("name", ["New_Chat", "Agent_Connects_to_Session", "End_Chat", "Transfer"])
def test_an_event_too_many_is_found(story: Story, name: str) -> None:
    story.tell(name)

    assert story.verdict().events[name].doubled == 1


def test_a_message_that_came_twice_is_found(story: Story) -> None:
    story.tell("Chat_Inbound_Message", message="Hi!")

    assert story.verdict().events["Chat_Inbound_Message"].doubled == 1


def test_a_lost_transfer_is_found(story: Story) -> None:
    story.transfer()
    story.untell("Transfer")

    assert story.verdict().events["Transfer"].lost == 2


def test_who_gets_back_what_they_have_transferred_is_told_of_the_end(story: Story) -> None:
    story.untell("End_Chat")
    story.log.transfers.append((JAMES, False))
    story.log.left[JAMES] += 1
    story.log.answered[JAMES] += 1
    for name in ("Transfer", "New_Chat", "Agent_Connects_to_Session", "Transfer", "End_Chat"):
        story.tell(name)

    assert story.verdict().problems == []


def test_who_has_left_is_not_told_of_the_end(story: Story) -> None:
    story.transfer()
    story.tell("End_Chat")

    assert story.verdict().events["End_Chat"].doubled == 1


def test_an_answer_that_was_refused_may_have_counted(story: Story) -> None:
    story.log.answered.clear()
    story.log.unsure[JAMES] += 1

    assert story.verdict().is_ok


def test_the_host_s_own_word_about_participants_counts(story: Story) -> None:
    told = {"type": "agent", "user_id": EVE, "connected_at": "2026-05-01T10:00:00Z"}
    story.session["participants"] = [told]

    verdict = story.verdict()

    assert verdict.events["New_Chat"].lost == 1
    assert verdict.events["New_Chat"].doubled == 1


def test_a_replayed_event_counts_once(story: Story) -> None:
    again = next(each for each in story.ledger.events.values() if each.type == "New_Chat")
    story.ledger.see(again, fresh_in=None)

    assert story.verdict().is_ok


def test_a_pop_that_came_as_new_in_two_tabs_is_found(story: Story) -> None:
    story.untell("CRM_Record_Pop")
    story.tell("CRM_Record_Pop", tabs="AB")

    assert story.verdict().events["CRM_Record_Pop"].doubled == 1


def test_a_pop_may_come_again_when_its_tab_was_closed(story: Story) -> None:
    story.untell("CRM_Record_Pop")
    story.ledger.closed_tabs.add("A")
    story.tell("CRM_Record_Pop", tabs="AB")

    assert story.verdict().is_ok


def test_an_agent_without_an_adapter_is_not_told_of_the_end(story: Story) -> None:
    story.untell("End_Chat")
    story.untell("Chat_Inbound_Message")
    story.ledger.blind[JAMES].append((ENDED_AT - timedelta(seconds=1), ENDED_AT + timedelta(seconds=1)))

    assert story.verdict().is_ok


def test_a_pop_is_lost_when_an_agent_has_waited_for_it(story: Story) -> None:
    story.untell("CRM_Record_Pop")
    assert story.verdict().is_ok

    story.log.unpopped.add(JAMES)

    assert story.verdict().events["CRM_Record_Pop"].lost == 1


def test_one_id_for_two_events_is_found(story: Story) -> None:
    story.ledger.see(Seen("id1", "End_Chat", JAMES, "chat", 9, CHAT, {}), fresh_in="A")

    assert "the event id1" in story.verdict().problems[0]


def test_a_gap_in_a_stream_is_found(story: Story) -> None:
    story.ledger.ranges[JAMES, "chat"].append((9, 10))

    assert story.verdict().gaps == ["agent 7, chat adapter: nothing came of 7 to 9"]


def test_stuck_sessions_and_agents_are_found(story: Story) -> None:
    story.session["status"] = "ongoing"
    story.agents[0]["status"] = "Wrap-up"

    verdict = story.verdict()

    assert verdict.stuck_sessions == [CHAT]
    assert verdict.stuck_agents == ["sim-1@example.com: Wrap-up"]
    assert not verdict.is_ok


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (CrmFacts(2, 2, ["start", "end"]), "doubled"),
        (CrmFacts(1, 0, []), "lost"),
        (CrmFacts(1, 1, ["start", "start", "end"]), "doubled"),
    ],
)
def test_what_is_wrong_in_the_crm_is_found(story: Story, facts: CrmFacts, what: str) -> None:
    story.crm = facts

    verdict = story.verdict()

    assert not verdict.is_ok
    assert sum(getattr(count, what) for count in verdict.crm.values()) >= 1


def test_one_request_that_made_two_sessions_is_found(story: Story) -> None:
    story.ledger.know(story.log, 102)

    assert story.ledger.problems == ["one request made two sessions: 101 and 102"]


def test_a_session_is_known_once_its_request_was_answered() -> None:
    async def found_later() -> bool:
        ledger = Ledger()
        [each] = plan.make(calls=1, chats=0, seed=1, over_s=1)
        waiting = asyncio.create_task(ledger.of(CHAT))
        await asyncio.sleep(0)
        log = ledger.begin(each)
        ledger.know(log, CHAT)
        return await waiting is log

    assert asyncio.run(found_later())
