"""Builds the lists of the metadata document that name files: recordings, photos, videos.

Source: docs/reference/files.md, Lists in the metadata.
"""

from collections.abc import Callable, Sequence
from typing import Any

from host.files import catalogue
from host.files.session_files import SessionFile
from host.reports.session_metadata.model_lists import FileId, Photo, Recording, Video
from host.sessions.model import Session

UrlOf = Callable[[SessionFile], str | None]
"""Returns the address of a file that other systems may keep."""
RECORDINGS = ("call_recordings", "voicemails")


def file_parts(files: Sequence[SessionFile], url_of: UrlOf) -> dict[str, Any]:
    """Return the lists, by the document's keys."""
    return {
        "recordings": [_recording(each, url_of(each)) for each in files if each.kind in RECORDINGS],
        "photos": [
            Photo(id=_id(each), photo_type="photo", url=url_of(each)) for each in files if each.kind == "photos"
        ],
        "videos": [Video(id=_id(each), url=url_of(each)) for each in files if each.kind == "videos"],
    }


def transcript_name(session: Session) -> str | None:
    """Return the name of a chat's transcript; None as long as the chat goes on."""
    return catalogue.file_name(session, "chat_transcripts") if session.has_ended else None


def _recording(file: SessionFile, url: str | None) -> Recording:
    return Recording(
        id=_id(file),
        recording_type="voicemail" if file.kind == "voicemails" else "recording",
        started_at=None,
        ended_at=None,
        duration=None,
        url=url,
    )


def _id(file: SessionFile) -> FileId:
    """Return the file's own id, as its name has it; a file that is the only one of its kind has its row's id."""
    if not file.file_id:
        return file.id
    return int(file.file_id) if file.file_id.isascii() and file.file_id.isdigit() else file.file_id
