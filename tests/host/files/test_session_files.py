"""Rows of session files."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from host.errors import NotFoundError
from host.files import session_files
from host.files.session_files import NewSessionFile, SessionFile
from host.sessions.chats import NewChat
from tests.host.world import World

NEW = NewSessionFile("photos", "chat-1-photo-7.jpg", "image/jpeg", 3, "a" * 64, "content/0a", "7")
REWRITTEN = replace(NEW, size_bytes=4, sha256="b" * 64, content_path="content/0b")


def start(world: World) -> int:
    session, _ = world.chats.start(NewChat(queue="Developers / James", name="Ada"))
    return session.id


def test_a_file_is_found_again(world: World) -> None:
    session_id = start(world)
    with world.database.write() as connection:
        file = session_files.add(connection, session_id, NEW, now=world.clock.now())
        assert session_files.of_session(connection, session_id) == [file]
        assert session_files.by_key(connection, file.key) == file
        assert session_files.get(connection, file.id) == file
        assert session_files.find(connection, session_id, "photos", NEW.name) == file
        assert session_files.find(connection, session_id, "videos", NEW.name) is None
        assert session_files.content_paths(connection) == {"content/0a"}
        with pytest.raises(NotFoundError):
            session_files.by_key(connection, "guess")
    assert file.version == 1
    assert (
        session_files.permanent_url("https://patchbay.example/", file) == f"https://patchbay.example/files/{file.key}"
    )


def test_a_rewrite_keeps_the_address(world: World) -> None:
    told: list[SessionFile] = []

    def listen(_connection: Connection, file: SessionFile) -> None:
        told.append(file)

    session_files.listen(world.database, listen)
    session_id = start(world)
    with world.database.write() as connection:
        first = session_files.add(connection, session_id, NEW, now=world.clock.now())
        world.clock.forward(timedelta(minutes=1))
        second = session_files.add(connection, session_id, REWRITTEN, now=world.clock.now())
        again = session_files.add(connection, session_id, REWRITTEN, now=world.clock.now())
    assert (second.id, second.key, second.version, second.sha256) == (first.id, first.key, 2, "b" * 64)
    assert (second.created_at, second.updated_at) == (first.created_at, world.clock.now())
    assert again == second
    assert told == [first, second]


def test_the_content_of_a_newer_version_stays(world: World) -> None:
    session_id = start(world)
    with world.database.write() as connection:
        first = session_files.add(connection, session_id, NEW, now=world.clock.now())
        second = session_files.add(connection, session_id, REWRITTEN, now=world.clock.now())
        assert not session_files.drop_content(connection, first)
        assert session_files.content_paths(connection) == {"content/0b"}
        assert session_files.drop_content(connection, second)
        assert session_files.content_paths(connection) == set()
