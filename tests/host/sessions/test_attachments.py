from dataclasses import replace

import pytest

from host.errors import FieldsError, NotFoundError, RepeatedKeyError
from host.sessions import attachments, messages
from host.sessions.attachment_files import Medium, StoredFile
from host.sessions.chats import NewChat
from tests.host.world import World


def stored(number: int = 1) -> StoredFile:
    return StoredFile(f"{number:032}", "photo.png", "png", 108)


def test_a_file_is_a_message_with_its_name(world: World) -> None:
    world.arrive(world.james)
    chat = world.chats.start(NewChat(queue="Developers / James"))[0].id
    world.offers.answer(chat, world.james)
    said = world.chats.say(chat, world.james, "photo.png", "a1", file=stored())
    again = world.chats.say(chat, world.james, "photo.png", "a1", file=stored(2))
    assert (said.is_new, again.is_new, again.message.text) == (True, False, "photo.png")
    with pytest.raises(RepeatedKeyError):
        world.chats.say(chat, world.james, "other.png", "a1", file=stored(3))
    with world.database.read() as connection:
        found = attachments.of_messages(connection, [said.message.id])
        assert found[said.message.id].key == stored().key
        assert attachments.by_id(connection, found[said.message.id].id) == found[said.message.id]
        with pytest.raises(NotFoundError):
            attachments.by_id(connection, 99)
    assert world.events(world.james)[-1] == "Chat_Outbound_Message"


def test_a_chat_has_only_so_many_files(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_IN_A_CHAT", 2)
    chat = world.chats.start(NewChat(queue="Developers / James"))[0].id
    for number in range(2):
        world.chats.write(chat, "photo.png", f"c{number}", file=stored(number))
    with pytest.raises(FieldsError, match="2 files"):
        world.chats.write(chat, "photo.png", "c3", file=stored(3))


def test_the_files_of_a_chat_have_only_so_much_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_BYTES_IN_A_CHAT", 200)
    chat = world.chats.start(NewChat(queue="Developers / James"))[0].id
    world.chats.write(chat, "photo.png", "c1", file=stored(1))
    with pytest.raises(FieldsError, match="would have more than"):
        world.chats.write(chat, "photo.png", "c2", file=stored(2))
    with world.database.read() as connection:
        assert len(messages.of_session(connection, chat, 0)) == 1


def test_a_consumers_medium_is_told_in_the_transaction_of_its_message(world: World) -> None:
    told: list[tuple[int, Medium]] = []
    attachments.listen(world.database, lambda _, attachment, medium: told.append((attachment.session_id, medium)))
    chat = world.chats.start(NewChat(queue="Developers / James"))[0].id
    medium = Medium("photos", "image/jpeg", 5, "abc", "content/x")
    for _ in range(2):
        world.chats.write(chat, "photo.png", "c1", file=replace(stored(1), medium=medium))
    world.chats.write(chat, "notes.txt", "c2", file=stored(2))
    assert told == [(chat, medium)]
