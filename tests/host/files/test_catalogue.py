"""Names and folders of session files."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from host.file_kinds import FILE_KINDS, FileKind
from host.files import catalogue
from host.sessions.model import Session
from tests.host.files.sessions import a_session

CALL = a_session(103646, "call")
CHAT = a_session(12, "chat")


@pytest.mark.parametrize(
    ("session", "kind", "file_id", "ending", "name", "folder"),
    [
        (CALL, "call_recordings", None, None, "call-103646.mp3", "ujet-voice-recordings"),
        (CALL, "call_recordings", None, "wav", "call-103646.wav", "ujet-voice-recordings"),
        (CALL, "voicemails", None, None, "call-103646.mp3", "ujet-voicemails"),
        (CALL, "photos", 7, None, "call-103646-photo-7.jpg", "ujet-media"),
        (CHAT, "photos", 7, None, "chat-12-photo-7.jpg", "ujet-media"),
        (CALL, "videos", 8, None, "call-103646-video-8.mp4", "ujet-media"),
        (CHAT, "videos", 8, None, "chat-12-video-8.mp4", "ujet-media"),
        (CHAT, "chat_transcripts", None, None, "chat-12.txt", "ujet-chat-transcripts"),
        (CALL, "session_metadata", None, None, "call-103646.json", "ujet-metadata"),
        (CHAT, "session_metadata", None, None, "chat-12.json", "ujet-metadata"),
    ],
)
def test_names_and_folders(
    session: Session, kind: FileKind, file_id: int | None, ending: str | None, name: str, folder: str
) -> None:
    assert catalogue.file_name(session, kind, file_id, ending) == name
    assert catalogue.folder(kind) == folder


def test_each_kind_is_in_the_catalogue() -> None:
    assert set(catalogue.CATALOGUE) == set(FILE_KINDS)


@pytest.mark.parametrize(
    ("folder_path", "path"),
    [
        ("", "ujet-metadata/chat-12.json"),
        ("archive", "archive/ujet-metadata/chat-12.json"),
        ("archive/", "archive/ujet-metadata/chat-12.json"),
        ("//archive//2026/", "/archive/2026/ujet-metadata/chat-12.json"),
        ("/", "/ujet-metadata/chat-12.json"),
        ("{DATE}", "2026-05-01/ujet-metadata/chat-12.json"),
        ("a/{SESSION_TYPE}/{SESSION_ID}/", "a/Messaging (Web)/12/ujet-metadata/chat-12.json"),
        ("{OTHER}", "{OTHER}/ujet-metadata/chat-12.json"),
    ],
)
def test_paths(folder_path: str, path: str) -> None:
    assert catalogue.object_path(folder_path, CHAT, "session_metadata", "chat-12.json") == path


def test_the_date_is_the_day_of_the_end() -> None:
    ended = replace(CHAT, ends_at=datetime(2026, 5, 2, 0, 1, tzinfo=UTC))
    assert catalogue.object_path("{DATE}", ended, "photos", "x.jpg") == "2026-05-02/ujet-media/x.jpg"
