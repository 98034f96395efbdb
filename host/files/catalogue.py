"""The names of session files, and the folders that they are stored in.

Source: docs/reference/files.md, Names; docs/reference/files.md, Folders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from host.file_kinds import FileKind
from host.sessions.model import Session
from host.wire.session_types import BY_KEY


@dataclass(frozen=True)
class Entry:
    """How files of one kind are named."""

    folder: str
    ending: str
    """Unless the file has another one."""
    part: str = ""
    """`photo`: several files of the kind may belong to a session, so their names have this word and an id."""


CATALOGUE: Mapping[FileKind, Entry] = {
    "call_recordings": Entry("ujet-voice-recordings", "mp3"),
    "voicemails": Entry("ujet-voicemails", "mp3"),
    "photos": Entry("ujet-media", "jpg", "photo"),
    "videos": Entry("ujet-media", "mp4", "video"),
    "chat_transcripts": Entry("ujet-chat-transcripts", "txt"),
    "session_metadata": Entry("ujet-metadata", "json"),
}


def folder(kind: FileKind) -> str:
    """Return the folder of a kind: `ujet-media`."""
    return CATALOGUE[kind].folder


def file_name(session: Session, kind: FileKind, file_id: int | str | None = None, ending: str | None = None) -> str:
    """Return the name of a file.

    Args:
        session: Of the file.
        kind: Of the file.
        file_id: Of a photo or video.
        ending: Without the dot; None: the usual one of the kind.

    Returns:
        `call-103646.mp3`, `chat-103646-photo-7.jpg`.
    """
    entry = CATALOGUE[kind]
    which = f"-{entry.part}-{file_id}" if entry.part else ""
    return f"{session.channel}-{session.id}{which}.{ending or entry.ending}"


def object_path(folder_path: str, session: Session, kind: FileKind, name: str) -> str:
    """Return where a file is stored.

    Args:
        folder_path: Of the settings; may hold {DATE} (in UTC, of the session's end), {SESSION_ID}, {SESSION_TYPE}.
        session: Of the file.
        kind: Of the file.
        name: Of the file.

    Returns:
        `archive/2026-05-01/ujet-metadata/chat-12.json`; it begins with `/` where the folder path does.
    """
    values = {
        "{DATE}": f"{session.ends_at or session.created_at:%Y-%m-%d}",
        "{SESSION_ID}": str(session.id),
        "{SESSION_TYPE}": BY_KEY[session.type].name_v2,
    }
    for variable, value in values.items():
        folder_path = folder_path.replace(variable, value)
    parts = [part for part in folder_path.split("/") if part not in {"", "."}]
    path = PurePosixPath("/" if folder_path.startswith("/") else "", *parts, folder(kind), name)
    return path.as_posix()
