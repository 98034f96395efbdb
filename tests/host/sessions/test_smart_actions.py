"""Smart actions: reports of gateways, verified sessions, and what the CRM is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from host.crm.session_facts import context
from host.crm.session_facts.crm_identity import CrmIdentity
from host.crm.session_facts.snapshots import snapshot_of
from host.crm.settings.crm import CrmSettings
from host.crm.templates.variables import Context
from host.errors import NotFoundError, TransitionError
from host.reports.failed_items import FailedItem
from host.reports.session_metadata.document import documents
from host.sessions import repository
from host.sessions.chats import NewChat
from host.sessions.smart_actions import SmartAction, SmartActions
from tests.host.world import World, file_url

VERIFY = SmartAction("sa-1", "verification", "requested")
TEXT = SmartAction("sa-2", "text_input", "succeeded", "Order 12")


@pytest.fixture
def actions(world: World) -> SmartActions:
    return SmartActions(world.database, world.clock, world.outbox)


@pytest.fixture
def chat(world: World) -> int:
    return world.chats.start(NewChat(queue="Developers / James", details={"person_from": "consumer"}))[0].id


def facts(world: World, session_id: int, back_s: int = 0) -> Context:
    """What the CRM is told of the session as it is now, or was at an event before."""
    at = world.clock.now() - timedelta(seconds=back_s)
    with world.database.read() as connection:
        snapshot = snapshot_of(repository.get(connection, session_id), "start", at) if back_s else None
        crm = CrmIdentity("crm.example", "crm.example")
        return context.load(connection, session_id, now=world.clock.now(), crm=crm, snapshot=snapshot)


def test_a_verification_that_succeeds_verifies_the_session(world: World, actions: SmartActions, chat: int) -> None:
    actions.report(chat, "chat", VERIFY)
    assert not facts(world, chat).is_verified
    for _ in range(2):
        actions.report(chat, "chat", replace(VERIFY, status="succeeded"))
    assert facts(world, chat).is_verified
    assert world.outbox.told.count(("verified", chat)) == 1
    with world.database.read() as connection:
        assert repository.get(connection, chat).details["person_from"] == "consumer"


@pytest.mark.parametrize("about", [replace(VERIFY, status="failed"), TEXT])
def test_nothing_else_verifies_it(world: World, actions: SmartActions, chat: int, about: SmartAction) -> None:
    actions.report(chat, "chat", about)
    assert not facts(world, chat).is_verified


def test_the_crm_is_told_what_was_known_at_the_event(world: World, actions: SmartActions, chat: int) -> None:
    world.clock.forward(timedelta(seconds=10))
    actions.report(chat, "chat", TEXT)
    world.clock.forward(timedelta(seconds=10))
    actions.report(chat, "chat", replace(VERIFY, status="succeeded"))
    told = [
        (known.smart_action_session_id, known.smart_action_verification, known.smart_action_text, known.is_verified)
        for known in (facts(world, chat, back_s) for back_s in (15, 5, 0))
    ]
    assert told == [("", "", "", False), ("sa-2", "", "Order 12", False), ("sa-1", "succeeded", "Order 12", True)]


def test_the_metadata_shows_each_as_it_was_reported_last(world: World, actions: SmartActions, chat: int) -> None:
    for about in (VERIFY, TEXT, replace(VERIFY, status="failed")):
        actions.report(chat, "chat", about)
    with world.database.read() as connection:
        [made] = documents(
            connection, [repository.get(connection, chat)], CrmSettings(), url_of=file_url, now=world.clock.now()
        )
    assert not isinstance(made, FailedItem)
    assert made.model_dump(mode="json")["smart_actions"] == [
        {"id": "sa-1", "type": "verification", "status": "failed", "value": None},
        {"id": "sa-2", "type": "text_input", "status": "succeeded", "value": "Order 12"},
    ]


def test_an_ended_session_takes_no_new_report(world: World, actions: SmartActions, chat: int) -> None:
    actions.report(chat, "chat", VERIFY)
    world.chats.end(chat, by="end_user")
    actions.report(chat, "chat", VERIFY)
    with pytest.raises(TransitionError):
        actions.report(chat, "chat", TEXT)
    with pytest.raises(NotFoundError):
        actions.report(chat, "call", TEXT)
