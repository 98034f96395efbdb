from io import BytesIO
from pathlib import Path

import pytest

from host.errors import FieldsError, NotFoundError, RepeatedKeyError
from host.sessions import attachments
from host.sessions.attachments import AttachmentFiles, StoredFile
from host.sessions.chats import NewChat
from tests.host.world import World

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


@pytest.fixture
def files(tmp_path: Path) -> AttachmentFiles:
    return AttachmentFiles(tmp_path)


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_stored_under_a_random_name_that_only_we_read(files: AttachmentFiles, tmp_path: Path) -> None:
    stored = files.store("photo.PNG", BytesIO(PNG))
    assert (stored.name, stored.ending, stored.size_bytes) == ("photo.PNG", "png", len(PNG))
    [path] = kept(tmp_path)
    assert path == tmp_path / "attachments" / stored.key
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (PNG, 0o600)
    files.drop(stored.key)
    files.drop(stored.key)
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "_.._etc_passwd.txt"),
        ("C:\\fakepath\\a.txt", "C_fakepath_a.txt"),
        ("a\u202etxt.exe.txt", "a_txt.exe.txt"),
        (" ünïcode 😀.txt ", "ünïcode 😀.txt"),
        ("x" * 500 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_a_name_is_only_a_name(files: AttachmentFiles, name: str, shown: str) -> None:
    assert files.store(name, BytesIO(b"x")).name == shown


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("page.html", b"<script>", "can't be sent; files may end with: png"),
        ("image.svg", b"<svg>", "can't be sent"),
        ("noending", b"x", "can't be sent"),
        ("", b"x", "can't be sent"),
        ("photo.png", b"<script>alert(1)</script>", "its content is something else"),
        ("empty.txt", b"", "is empty"),
        ("large.txt", b"x" * (attachments.MAX_BYTES + 1), "at most 10 MB"),
    ],
)
def test_refuses_what_is_no_such_file(
    files: AttachmentFiles, tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    with pytest.raises(FieldsError, match=problem):
        files.store(name, BytesIO(content))
    assert kept(tmp_path) == []


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
