from datetime import timedelta

from sqlalchemy import update

from host.crm.session_facts import context
from host.crm.session_facts.crm_identity import CrmIdentity
from host.crm.session_facts.snapshots import Snapshot, snapshot_of
from host.crm.templates.references import Reference
from host.crm.templates.variables import Variables
from host.db.tables import ratings, sessions, users
from host.sessions import repository
from host.sessions.calls import NewCall
from tests.host.crm.world import World
from tests.host.world import World as Agents

CRM = CrmIdentity("crm.example", "crm.example")


def test_it_holds_what_is_known_of_a_session(world: World) -> None:
    session_id = world.session()
    with world.database.read() as connection:
        found = context.load(connection, session_id, now=world.now, crm=CRM, texts={"product_name": "Patchbay"})
    assert (found.name, found.phone, found.email) == ("James Bond", "+12223334444", "james.bond@agents.co")
    assert (found.session_type, found.lookup_type, found.channel) == ("Messaging (Web)", "Web", "chat")
    assert (found.queue_path, found.agent_email, found.account_id) == (("Developers",), "", None)


def test_the_agent_and_durations_come_with_the_answer(world: World) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        row = users.insert().values(email="agent@example.com", name="James Bond", agent_number="007", roles=["agent"])
        agent_id = connection.execute(row.returning(users.c.id)).scalar_one()
        values = {
            "agent_id": agent_id,
            "queued_at": world.now,
            "connected_at": world.now + timedelta(seconds=5),
            "ends_at": world.now + timedelta(seconds=65),
            "details": {"device_type": "Web", "outbound_number": None},
        }
        connection.execute(update(sessions).where(sessions.c.id == session_id).values(**values))
        found = context.load(connection, session_id, now=world.now, crm=CRM)
    assert (found.agent_email, found.agent_number) == ("agent@example.com", "007")
    assert (found.wait, found.duration, found.device_type) == (timedelta(seconds=5), timedelta(seconds=60), "Web")


def test_hold_and_wrap_up_are_as_they_were_at_the_event(world: World) -> None:
    agents = Agents(world.database)
    agents.arrive(agents.james, adapter="call")
    call = agents.calls.start(NewCall(queue="Developers / James"))[0].id
    agents.offers.answer(call, agents.james)
    agents.actions.controls.hold(call, agents.james)
    agents.clock.forward(timedelta(seconds=75))
    with world.database.read() as connection:
        during = snapshot_of(repository.get(connection, call), "csat", agents.clock.now())
    agents.clock.forward(timedelta(minutes=60))
    ended = agents.calls.end(call, by="end_user")
    agents.clock.forward(timedelta(seconds=9))
    agents.actions.wrap_ups.finish(call, agents.james, None, "")
    agents.clock.forward(timedelta(seconds=9))
    shown = []
    with world.database.read() as connection:
        for snapshot in (during, snapshot_of(ended, "end", agents.clock.now() - timedelta(seconds=18)), None):
            facts = context.load(connection, call, now=agents.clock.now(), crm=CRM, snapshot=snapshot)
            values = Variables(facts)
            shown.append([values(Reference(name)) for name in ("CALL_DURATION", "HOLD_TIME", "ACW_DURATION")])
    assert shown == [["01:15", "01:15", None], ["61:15", "61:15", None], ["61:15", "61:15", "00:09"]]


def test_a_rating_is_the_one_of_the_event(world: World) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        given = {"rating": 2, "feedback": "Slow", "survey": [], "changes": 2, "at": world.now}
        connection.execute(ratings.insert().values(session_id=session_id, **given))
        now = context.load(connection, session_id, now=world.now, crm=CRM)
        first = Snapshot("csat", world.now, "ongoing", details={"rating": 5, "feedback": None})
        then = context.load(connection, session_id, now=world.now, crm=CRM, snapshot=first)
    assert ((now.rating, now.feedback), (then.rating, then.feedback)) == ((2, "Slow"), (5, ""))
