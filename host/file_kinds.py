"""The kinds of session files, as the settings name them.

Source: docs/reference/files.md, Names.
"""

from typing import Literal

FileKind = Literal["call_recordings", "chat_transcripts", "voicemails", "photos", "videos", "session_metadata"]

FILE_KINDS: tuple[FileKind, ...] = (
    "call_recordings",
    "chat_transcripts",
    "voicemails",
    "photos",
    "videos",
    "session_metadata",
)
