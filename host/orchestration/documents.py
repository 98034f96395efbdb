"""Writes the documents of a session as files: metadata and transcript."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from host.clock import Clock
from host.reports import transcript
from host.reports.session_metadata import file
from host.reports.session_metadata.file_parts import UrlOf
from host.settings.document.model import Settings


class DocumentWriter:
    """Writes documents by the current settings.

    Args:
        settings: Returns the current settings.
        clock: The time.
        url_of: Returns the address of a file.
    """

    def __init__(self, settings: Callable[[], Settings], clock: Clock, url_of: UrlOf) -> None:
        self._settings = settings
        self._clock = clock
        self._url_of = url_of

    def metadata(self, connection: Connection, session_id: int) -> bytes:
        """Return the metadata of a session as JSON."""
        crm = self._settings().crm
        return file.render(connection, session_id, crm, url_of=self._url_of, now=self._clock.now())

    def transcript(self, connection: Connection, session_id: int) -> bytes:
        """Return the transcript of a chat, in the time zone of the settings."""
        return transcript.render(connection, session_id, ZoneInfo(self._settings().time_zone)).encode()
