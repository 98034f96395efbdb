"""Makes the files of a session that has ended, and plans where they go.

The transcript is made at once, the metadata `after_session_delay_s` after the end, and again whenever something is
added to the session later. Photos and videos that arrived during the session go out when it ends.

Source: docs/reference/files.md, When files are made.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.deliveries import deliveries
from host.file_kinds import FileKind
from host.files import catalogue, session_files
from host.files.content import ContentFolder
from host.files.session_files import NewSessionFile, SessionFile
from host.jobs import job_rows
from host.jobs.job_rows import AFTER_SESSION, TRANSCRIPT, Job
from host.orchestration.file_routes import FileRoutes
from host.sessions import repository
from host.sessions.model import Session

log = logging.getLogger(__name__)

Render = Callable[[Connection, int], bytes]
"""Returns the content of a session's document."""


@dataclass(frozen=True)
class Documents:
    """How the documents of a session are made."""

    transcript: Render
    metadata: Render
    wants_mail: Callable[[Connection, Session], bool]
    """Tells whether the session's outcome is mailed."""


class AfterSession:
    """What follows a session's end.

    Args:
        database: Holds the sessions.
        clock: The time.
        content: Keeps the files.
        routes: Plans where each file goes.
        documents: Makes the documents.
        delay: Returns the time from the end to the metadata.
    """

    def __init__(  # noqa: PLR0917 - its parts
        self,
        database: Database,
        clock: Clock,
        content: ContentFolder,
        routes: FileRoutes,
        documents: Documents,
        delay: Callable[[], timedelta],
    ) -> None:
        self._database = database
        self._clock = clock
        self._content = content
        self._routes = routes
        self._documents = documents
        self._delay = delay

    def on_ended(self, connection: Connection, session: Session) -> None:
        """Plan the documents of a session that ends, and where the files that it has already go."""
        now = self._clock.now()
        ended_at = session.ends_at or now
        jobs = [Job(TRANSCRIPT, session.id, now)] if session.channel == "chat" else []
        job_rows.plan(connection, [*jobs, Job(AFTER_SESSION, session.id, ended_at + self._delay())])
        for file in session_files.of_session(connection, session.id):
            self._routes.plan(connection, session, file)

    def on_changed(self, connection: Connection, session: Session) -> None:
        """Let the metadata be written again: something was added to a session that has ended."""
        if session.has_ended:
            job_rows.repeat(connection, AFTER_SESSION, session.id, self._clock.now())

    def on_file(self, connection: Connection, file: SessionFile) -> None:
        """Plan where a file that was added or rewritten goes; before the session's end nowhere yet."""
        session = repository.get(connection, file.session_id)
        if session.has_ended:
            self._routes.plan(connection, session, file)

    @retry_on_deadlock
    def write_transcript(self, session_id: int) -> None:
        """Write the transcript of a chat that has ended."""
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            self._write(connection, session, "chat_transcripts", "text/plain", self._documents.transcript)

    @retry_on_deadlock
    def write_metadata(self, session_id: int) -> None:
        """Write the metadata of a session that has ended, and plan the mail with its outcome.

        What is written again is not mailed again.
        """
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            name = catalogue.file_name(session, "session_metadata")
            is_first = session_files.find(connection, session_id, "session_metadata", name) is None
            self._write(connection, session, "session_metadata", "application/json", self._documents.metadata)
            if is_first and self._documents.wants_mail(connection, session):
                deliveries.plan_mail(connection, session_id, self._clock.now())

    def _write(self, connection: Connection, session: Session, kind: FileKind, media_type: str, render: Render) -> None:
        """Make and add a document, all in one transaction, so that an older state can't replace a newer one.

        The transaction holds the session's row. A kill leaves content without a row, which is swept.
        """
        try:
            stored = self._content.store_bytes(render(connection, session.id))
        except OSError as error:  # the engine stores no text of an error
            log.error("session %s: %s can't be written: %s", session.id, kind.replace("_", " "), error.strerror)  # noqa: TRY400
            raise
        name = catalogue.file_name(session, kind)
        new = NewSessionFile(kind, name, media_type, stored.size_bytes, stored.sha256, stored.path)
        session_files.add(connection, session.id, new, now=self._clock.now())
