"""What callers do before an agent has their call: the menu, voicemail, and calls that come to nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from host.crm.session_facts import context
from host.crm.session_facts.crm_identity import CrmIdentity
from host.db.tables import journal
from host.errors import FieldsError, NotFoundError, TransitionError
from host.queues import tree
from host.sessions import participants, payloads, repository
from host.sessions.calls import FAIL_REASONS, Failure, NewCall
from host.sessions.chats import NewChat
from host.sessions.model import Session
from host.wire.events import EVENTS
from host.wire.session_types import BY_KEY
from tests.host.world import World

QUEUE = "Developers / James"


def start(world: World, **given: object) -> Session:
    return world.calls.start(NewCall(**({"phone": "+12223334444"} | given)))[0]  # type: ignore[arg-type]


def facts(world: World, session_id: int) -> list[str]:
    mine = (journal.c.session_id == session_id) & journal.c.seq.is_(None)
    with world.database.read() as connection:
        return list(connection.execute(select(journal.c.name).where(mine).order_by(journal.c.id)).scalars())


def test_a_caller_chooses_a_queue_in_the_menu(world: World) -> None:
    call = start(world, in_menu=True)
    assert (call.status, call.queued_at, call.queue_id) == ("selecting", None, None)
    world.clock.forward(timedelta(seconds=20))
    world.arrive(world.james, adapter="call")
    for _ in range(2):
        world.actions.before_agents.choose_queue(call.id, QUEUE, None)
    with world.database.read() as connection:
        session = repository.get(connection, call.id)
    assert (session.status, session.offered_to, session.queued_at) == ("assigned", world.james, world.clock.now())
    assert world.outbox.told.count(("queue_selected", call.id)) == 1
    assert facts(world, call.id) == ["selecting", "queued", "assigned"]


def test_a_closed_queue_deflects_who_chooses_it(world: World) -> None:
    with world.database.write() as connection:
        queue = tree.upsert(connection, ("Closed",), settings={"business_hours": {}})
    call = start(world, in_menu=True)
    assert world.actions.before_agents.choose_queue(call.id, None, queue.id).status == "deflected"


def test_only_the_menu_leads_to_a_choice(world: World) -> None:
    with world.database.write() as connection:
        tree.upsert(connection, ("Sales",))
    choose = world.actions.before_agents.choose_queue
    with pytest.raises(FieldsError, match="give queue or menu_id"):
        choose(start(world, in_menu=True).id, None, None)
    with pytest.raises(TransitionError):
        choose(start(world, queue=QUEUE).id, "Sales", None)
    with pytest.raises(FieldsError, match="in_menu"):
        start(world, in_menu=True, queue=QUEUE)
    with pytest.raises(NotFoundError):
        choose(world.chats.start(NewChat(queue=QUEUE))[0].id, QUEUE, None)


def test_who_hangs_up_in_the_menu_has_abandoned_it(world: World) -> None:
    ended = world.calls.end(start(world, in_menu=True).id, by="end_user")
    assert (ended.status, ended.fail_reason) == ("failed", "eu_in_menu_abandoned")


@pytest.mark.parametrize("is_offered", [False, True])
def test_a_caller_leaves_a_voicemail(world: World, *, is_offered: bool) -> None:
    if is_offered:
        world.arrive(world.james, adapter="call")
    call, note = start(world, queue=QUEUE), world.actions.before_agents.note_voicemail
    assert [note(call.id, "recording").status for _ in range(2)] == ["voicemail"] * 2
    received = [note(call.id, "received") for _ in range(2)][-1]
    assert (received.status, received.fail_reason, received.offered_to) == ("voicemail_received", "nothing", None)
    assert received.ends_at == world.clock.now()
    assert world.outbox.told.count(("ended", call.id)) == 1
    with world.database.read() as connection:
        crm = CrmIdentity("crm.example", "crm.example")
        assert context.load(connection, call.id, now=world.clock.now(), crm=crm).lookup_type == "Voicemail"
        assert not [each for each in participants.of_session(connection, call.id) if each.status in participants.OPEN]
    if is_offered:
        assert world.status(world.james) == "Available"


def test_a_caller_with_an_agent_leaves_no_voicemail(world: World) -> None:
    world.arrive(world.james, adapter="call")
    call = start(world, queue=QUEUE)
    world.offers.answer(call.id, world.james)
    with pytest.raises(TransitionError):
        world.actions.before_agents.note_voicemail(call.id, "recording")


@pytest.mark.parametrize("reason", FAIL_REASONS)
def test_a_gateway_says_why_a_call_came_to_nothing(world: World, reason: str) -> None:
    ended = world.calls.end(start(world, queue=QUEUE).id, by="system", failure=Failure(reason, "486 Busy here"))
    assert (ended.status, ended.fail_reason, ended.details["fail_details"]) == ("failed", reason, "486 Busy here")


def test_a_call_that_was_connected_has_no_fail_reason(world: World) -> None:
    world.arrive(world.james, adapter="call")
    call = start(world, queue=QUEUE)
    world.offers.answer(call.id, world.james)
    with pytest.raises(FieldsError, match="fail_reason"):
        world.calls.end(call.id, by="system", failure=Failure("eu_busy", "486 Busy here"))


@pytest.mark.parametrize("type", ["voice_callback_web", "voice_campaign", "voice_scheduled_web", "voice_outbound_api"])
def test_callbacks_and_campaigns_are_answered_as_any_call(world: World, type: str) -> None:
    world.arrive(world.james, adapter="call")
    call = start(world, queue=QUEUE, type=type, details={"campaign_id": 7, "campaign_name": "Spring"})
    world.offers.answer(call.id, world.james)
    mine = (journal.c.session_id == call.id) & (journal.c.name == "New_Call")
    with world.database.read() as connection:
        data = connection.execute(select(journal.c.data).where(mine)).scalar_one()
    assert (data["session_type"], data["campaign_id"], data["campaign_name"]) == (BY_KEY[type].name, 7, "Spring")


@pytest.mark.parametrize("name", [name for name, event in EVENTS.items() if "session_type" in event.keys])
def test_events_carry_what_a_gateway_gives(world: World, name: str) -> None:
    details = {
        "campaign_id": 7,
        "campaign_name": "Spring",
        "custom_sip_headers": {"X-Caller": "1"},
        "va_data_parameters": {"order": 12},
        "session_variable": {"lang": "de"},
        "virtual_agent_id": "va-1",
    }
    call = start(world, queue=QUEUE, details=details)
    assert payloads.passed_along(call, name) == {key: each for key, each in details.items() if key in EVENTS[name].keys}
    is_call_event = "call_id" in EVENTS[name].keys
    assert ("custom_sip_headers" in EVENTS[name].keys) == is_call_event
    assert {"va_data_parameters", "session_variable"} <= set(EVENTS[name].keys)
