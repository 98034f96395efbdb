from typing import Any

import pytest
from sqlalchemy import select

from host.db.tables import journal, sessions
from host.errors import FieldsError, NotAllowedError, NotFoundError, RepeatedKeyError, TransitionError
from host.queues import tree
from host.sessions import messages, repository
from host.sessions.chats import NewChat
from host.sessions.talk import Draft, Said
from host.users import directory
from host.users.sign_ins import hash_token
from tests.host.world import World


def new_chat(**given: Any) -> NewChat:
    return NewChat(**{"queue": "Developers / James", "name": "Ann Other", "email": "ann@example.com"} | given)


def test_is_offered_to_an_agent_who_is_there(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    with world.database.read() as connection:
        offered = repository.get(connection, session.id)
    assert (offered.status, offered.offered_to) == ("assigned", world.james)
    assert world.outbox.told == [("created", session.id), ("offered", session.id), ("start_now", session.id)]


def test_the_token_is_kept_as_a_hash_only(world: World) -> None:
    session, token = world.chats.start(new_chat())
    with world.database.read() as connection:
        row = connection.execute(select(sessions)).one()
        assert repository.of_consumer(connection, hash_token(token)) is not None
    assert token not in str(tuple(row))
    assert session.status == "queued"


def test_an_unknown_queue_names_those_that_there_are(world: World) -> None:
    with pytest.raises(FieldsError, match="Developers / James"):
        world.chats.start(new_chat(queue="Nowhere"))


def test_answering_tells_the_adapters_and_what_was_written_while_waiting(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    world.chats.write(session.id, "Anybody there?", "m1")
    answered = world.offers.answer(session.id, world.james)
    assert (answered.status, answered.agent_id) == ("ongoing", world.james)
    assert world.events(world.james) == ["New_Chat", "Agent_Connects_to_Session", "Chat_Inbound_Message"]
    assert world.status(world.james) == "In-chat"


def test_answering_twice_is_answering_once(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    world.offers.answer(session.id, world.james)
    world.offers.answer(session.id, world.james)
    assert world.events(world.james).count("New_Chat") == 1


def test_nobody_answers_what_is_offered_to_another(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    with pytest.raises(NotAllowedError):
        world.offers.answer(session.id, world.eve)


def test_a_message_that_comes_twice_is_kept_once(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    world.offers.answer(session.id, world.james)
    for _ in range(3):
        world.chats.say(session.id, world.james, "Hi!", "a1")
        world.chats.write(session.id, "Hello", "c1")
    with world.database.read() as connection:
        said = [message.text for message in messages.of_session(connection, session.id)]
    assert said == ["Hi!", "Hello"]
    assert world.events(world.james)[2:] == ["Chat_Outbound_Message", "Chat_Inbound_Message"]


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001, None, 7])
def test_refuses_what_is_no_message(world: World, text: object) -> None:
    session, _ = world.chats.start(new_chat())
    with pytest.raises(FieldsError, match="text"):
        world.chats.write(session.id, text, "m1")


def test_another_agent_has_no_say(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    world.offers.answer(session.id, world.james)
    for attempt in (
        lambda: world.chats.say(session.id, world.eve, "Hi", "x"),
        lambda: world.chats.end(session.id, by="agent", agent_id=world.eve),
        lambda: world.chats.focus(session.id, world.eve),
    ):
        with pytest.raises(NotAllowedError):
            attempt()


def test_ending_twice_ends_once(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    world.offers.answer(session.id, world.james)
    ended = world.chats.end(session.id, by="end_user")
    world.chats.end(session.id, by="agent", agent_id=world.james)
    assert (ended.status, ended.disconnected_by) == ("finished", "end_user")
    assert world.events(world.james).count("End_Chat") == 1
    assert world.status(world.james) == "Wrap-up"
    with pytest.raises(TransitionError):
        world.chats.write(session.id, "Wait!", "late")


def test_a_consumer_who_leaves_the_queue_has_cancelled(world: World) -> None:
    session, _ = world.chats.start(new_chat())
    assert world.chats.end(session.id, by="end_user").status == "canceled"
    assert ("ended", session.id) in world.outbox.told


def test_a_declined_chat_goes_to_the_next_agent(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    world.arrive(world.eve)
    world.offers.decline(session.id, world.james)
    with world.database.read() as connection:
        assert repository.get(connection, session.id).offered_to == world.eve


def test_switching_chats_is_told_once(world: World) -> None:
    world.arrive(world.james)
    first, _ = world.chats.start(new_chat())
    second, _ = world.chats.start(new_chat(email="bob@example.com"))
    world.offers.answer(first.id, world.james)
    world.offers.answer(second.id, world.james)
    world.chats.focus(first.id, world.james)
    world.chats.focus(first.id, world.james)
    assert world.events(world.james).count("Active_Chat") == 2


def test_the_journal_holds_no_message_and_no_consumer(world: World) -> None:
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    world.offers.answer(session.id, world.james)
    world.chats.write(session.id, "my secret words", "m1")
    with world.database.read() as connection:
        rows = str(connection.execute(select(journal)).all())
    assert "secret words" not in rows
    assert "ann@example.com" not in rows


def test_the_same_consumer_is_the_same_end_user(world: World) -> None:
    one, _ = world.chats.start(new_chat())
    two, _ = world.chats.start(new_chat(name="Ann O."))
    stranger, _ = world.chats.start(new_chat(phone="+12223334444"))
    assert one.end_user_id == two.end_user_id != stranger.end_user_id


def test_anonymous_consumers_are_different_people(world: World) -> None:
    one, _ = world.chats.start(new_chat(email=None))
    two, _ = world.chats.start(new_chat(email=None))
    assert one.end_user_id != two.end_user_id


def test_the_same_key_is_the_same_chat_with_a_fresh_token(world: World) -> None:
    first = world.chats.start_once(new_chat(idempotency_key="consumer:1"))
    again = world.chats.start_once(new_chat(idempotency_key="consumer:1"))
    assert (again.session.id, first.is_new, again.is_new) == (first.session.id, True, False)
    with world.database.read() as connection:
        assert repository.of_consumer(connection, hash_token(again.token)) is not None
        assert repository.of_consumer(connection, hash_token(first.token)) is None
    assert world.outbox.told.count(("created", first.session.id)) == 1


def test_a_key_belongs_to_one_request(world: World) -> None:
    world.chats.start(new_chat(idempotency_key="api:1", request_hash="a"))
    with pytest.raises(RepeatedKeyError):
        world.chats.start(new_chat(idempotency_key="api:1", request_hash="b"))


def test_a_message_that_comes_again_after_the_end_is_still_the_same(world: World) -> None:
    session, _ = world.chats.start(new_chat())
    said = world.chats.write(session.id, "Hi!", "m1")
    world.chats.end(session.id, by="end_user")
    again = world.chats.write(session.id, "Hi!", "m1")
    assert (again.message, said.is_new, again.is_new) == (said.message, True, False)


def test_another_text_under_the_same_name_is_refused(world: World) -> None:
    session, _ = world.chats.start(new_chat())
    world.chats.write(session.id, "Hi!", "m1")
    with pytest.raises(RepeatedKeyError):
        world.chats.write(session.id, "Bye!", "m1")


def test_messages_without_a_name_are_new_each_time(world: World) -> None:
    session, _ = world.chats.start(new_chat())
    assert [world.chats.write(session.id, "Hi!", None).is_new for _ in range(2)] == [True, True]


def test_many_messages_are_stored_at_once_each_on_its_own(world: World) -> None:
    world.arrive(world.james)
    mine, _ = world.chats.start(NewChat(queue="Developers / James"))
    world.offers.answer(mine.id, world.james)
    other, _ = world.chats.start(NewChat(queue="Developers / James"))
    gone, _ = world.chats.start(NewChat(queue="Developers / James"))
    world.chats.end(gone.id, by="end_user")
    drafts = [Draft(each, f"{number}", f"m{number}") for number in range(40) for each in (mine.id, other.id)]
    drafts += [Draft(gone.id, "late"), Draft(999, "nobody"), Draft(mine.id, "0", "m0"), Draft(mine.id, "1", "m0")]
    said = world.chats.write_all(drafts)
    *new, late, nobody, same, wrong = said
    assert all(isinstance(each, Said) and each.is_new for each in new)
    assert [type(each) for each in (late, nobody, wrong)] == [TransitionError, NotFoundError, RepeatedKeyError]
    assert isinstance(same, Said)
    assert (same.is_new, same.message) == (False, new[0].message)  # type: ignore[union-attr] # checked above
    with world.database.read() as connection:
        for chat in (mine, other):
            assert [each.text for each in messages.of_session(connection, chat.id)] == [str(each) for each in range(40)]
    assert world.events(world.james).count("Chat_Inbound_Message") == 40


def test_a_chat_that_is_over_does_not_come_to_the_front(world: World) -> None:
    with world.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"), settings={"max_wrap_up_s": 0})
    world.arrive(world.james)
    session, _ = world.chats.start(new_chat())
    world.offers.answer(session.id, world.james)
    world.chats.end(session.id, by="end_user")
    world.chats.focus(session.id, world.james)
    with world.database.read() as connection:
        james = directory.by_id(connection, world.james)
    assert james is not None
    assert james.active_chat_id is None
