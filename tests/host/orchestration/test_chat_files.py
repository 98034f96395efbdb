"""Photos and videos of consumers as files of their session."""

import hashlib
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from host.errors import FieldsError
from host.files import session_files
from host.files.session_files import SessionFile
from host.orchestration.chat_files import ChatFiles
from host.sessions.chats import NewChat
from tests.host.media.pictures import picture, video
from tests.host.world import World


@pytest.fixture
def files(world: World, tmp_path: Path) -> ChatFiles:
    return ChatFiles(world.database, world.clock, tmp_path)


@pytest.fixture
def chat(world: World) -> int:
    world.arrive(world.james)
    chat = world.chats.start(NewChat(queue="Developers / James"))[0].id
    world.offers.answer(chat, world.james)
    return chat


def of_session(world: World, chat: int) -> list[SessionFile]:
    with world.database.read() as connection:
        return session_files.of_session(connection, chat)


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.parent != folder]


@pytest.mark.parametrize(
    ("name", "content", "kind", "ending", "media_type"),
    [
        ("Holiday.png", picture("PNG"), "photos", "photo-1.jpg", "image/jpeg"),
        ("IMG_1.JPEG", picture("JPEG"), "photos", "photo-1.jpg", "image/jpeg"),
        ("../film.mp4", video(), "videos", "video-1.mp4", "video/mp4"),
        ("film.m4v", video(brand=b"M4V "), "videos", "video-1.mp4", "video/mp4"),
        ("IMG_1.MOV", video(brand=b"qt  "), "videos", "video-1.mov", "video/quicktime"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_a_consumers_medium_is_a_file_of_its_session(
    world: World,
    files: ChatFiles,
    chat: int,
    tmp_path: Path,
    name: str,
    content: bytes,
    kind: str,
    ending: str,
    media_type: str,
) -> None:
    stored = files.store(name, BytesIO(content), of_consumer=True)
    world.chats.write(chat, stored.name, "c1", file=stored)
    [file] = of_session(world, chat)
    assert (file.kind, file.name, file.file_id, file.media_type) == (kind, f"chat-{chat}-{ending}", "1", media_type)
    assert file.content_path is not None
    kept = (tmp_path / file.content_path).read_bytes()
    assert (len(kept), hashlib.sha256(kept).hexdigest()) == (file.size_bytes, file.sha256)
    assert kept.startswith(b"\xff\xd8\xff") if kind == "photos" else kept == content
    assert len(left(tmp_path)) == 2


def test_documents_and_an_agents_images_are_none(world: World, files: ChatFiles, chat: int) -> None:
    document = files.store("notes.txt", BytesIO(b"x"), of_consumer=True)
    world.chats.write(chat, document.name, "c1", file=document)
    image = files.store("plan.png", BytesIO(picture()), of_consumer=False)
    world.chats.say(chat, world.james, image.name, "a1", file=image)
    assert of_session(world, chat) == []


def test_what_gets_no_message_leaves_nothing(world: World, files: ChatFiles, chat: int, tmp_path: Path) -> None:
    first = files.store("a.png", BytesIO(picture()), of_consumer=True)
    world.chats.write(chat, first.name, "c1", file=first)
    again = files.store("a.png", BytesIO(picture()), of_consumer=True)
    assert not world.chats.write(chat, again.name, "c1", file=again).is_new
    files.drop(again)
    with pytest.raises(FieldsError):
        files.store("a.png", BytesIO(b"\x89PNG\r\n\x1a\n and no more"), of_consumer=True)
    assert len(left(tmp_path)) == 2
    assert len(of_session(world, chat)) == 1


def test_each_medium_has_its_own_number(world: World, files: ChatFiles, chat: int) -> None:
    for number, name in enumerate(("a.png", "b.mp4", "c.png")):
        stored = files.store(name, BytesIO(video() if "mp4" in name else picture()), of_consumer=True)
        world.chats.write(chat, stored.name, f"c{number}", file=stored)
    names = [each.name for each in of_session(world, chat)]
    assert names == [f"chat-{chat}-photo-1.jpg", f"chat-{chat}-video-2.mp4", f"chat-{chat}-photo-3.jpg"]


def test_what_a_killed_process_has_left_goes_after_an_hour(
    world: World, files: ChatFiles, chat: int, tmp_path: Path
) -> None:
    kept = files.store("a.png", BytesIO(picture()), of_consumer=False)
    world.chats.write(chat, kept.name, "c1", file=kept)
    lost = files.store("b.txt", BytesIO(b"x"), of_consumer=False)
    fresh = files.store("c.txt", BytesIO(b"x"), of_consumer=False)
    folder = tmp_path / "attachments"
    (folder / f"{'0' * 32}.partial").write_bytes(b"x")
    for path in folder.iterdir():
        if path.name != fresh.key:
            os.utime(path, (0, 0))
    assert files.sweep() == 2
    assert {path.name for path in folder.iterdir()} == {kept.key, fresh.key}
    assert not (folder / lost.key).exists()
    os.utime(folder / fresh.key, (0, 0))
    assert files.sweep() == 0
    world.clock.forward(timedelta(hours=6))
    assert files.sweep() == 1


def test_without_a_folder_there_is_nothing_to_sweep(files: ChatFiles) -> None:
    assert files.sweep() == 0
