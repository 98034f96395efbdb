"""Deletes content that nobody needs any more, and looks every night for files that should be there and are not.

Source: docs/reference/files.md, Content in the data folder; docs/reference/files.md, Reconciliation.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, exists, select

from host.clock import Clock
from host.crm.intents.intents import read as read_intent
from host.crm.intents.step_input import Upload
from host.db.engine import Database, advisory_lock
from host.db.tables import deliveries, intents, reconciliations, session_files, sessions
from host.deliveries.deliveries import DONE
from host.file_kinds import FileKind
from host.files import session_files as files
from host.files.content import ContentFolder
from host.files.session_files import SessionFile
from host.jobs import job_rows
from host.jobs.job_rows import AFTER_SESSION, TRANSCRIPT, Job
from host.orchestration import file_routes
from host.orchestration.file_routes import FileRoutes
from host.sessions import repository
from host.settings.document.model import Settings

AT_A_TIME = 200
AT_NIGHT = time(3)
"""In the time zone of the settings."""
LOOKS_BACK = timedelta(days=2)
LONG_AFTER = timedelta(hours=1)
"""So long after they were due, files must be there."""
LISTED = 100
LOCK = "reconciliation"


class FileKeeping:
    """Keeps the data folder clean and the files complete.

    Args:
        database: Holds the files.
        clock: The time.
        content: Keeps their content.
        routes: Plans where files go.
        settings: Returns the current settings.
        delay: Returns the time from the end of a session to its metadata.
    """

    def __init__(  # noqa: PLR0917 - its parts
        self,
        database: Database,
        clock: Clock,
        content: ContentFolder,
        routes: FileRoutes,
        settings: Callable[[], Settings],
        delay: Callable[[], timedelta],
    ) -> None:
        self._database = database
        self._clock = clock
        self._content = content
        self._routes = routes
        self._settings = settings
        self._delay = delay

    def clean_up(self) -> int:
        """Delete content that has arrived everywhere, and what killed processes have left; return the number of files.

        A kill before the deletion leaves content that no row names, which is swept later.
        """
        count, after_id = 0, 0
        while True:
            with self._database.write() as connection:
                arrived = _arrived(connection, after_id)
                for each in arrived:
                    files.lock(connection, each.id)  # nobody plans an upload of it meanwhile
                unneeded = [each for each in arrived if not _is_uploading(connection, each)]
                paths = [each.content_path for each in unneeded if files.drop_content(connection, each)]
            for path in filter(None, paths):
                self._content.delete(path)
            count += len(paths)
            if len(arrived) < AT_A_TIME:
                return count + self._content.sweep(self._named)
            after_id = arrived[-1].id

    def reconcile(self) -> list[str] | None:
        """Look once a night for what is missing, and have it made or sent.

        Returns:
            What was missing: `session 12: chat_transcripts`; None: it isn't time, or was done already.
        """
        now, settings = self._clock.now(), self._settings()
        local = now.astimezone(ZoneInfo(settings.time_zone))
        on_date = local.date().isoformat()
        if local.time() < AT_NIGHT:
            return None
        with self._database.read() as connection:
            if _is_done(connection, on_date):
                return None
        with self._database.write() as connection:
            advisory_lock(connection, LOCK)
            if _is_done(connection, on_date):
                return None
            missing = [*self._make_documents(connection, now), *self._send_files(connection, now, settings)]
            connection.execute(reconciliations.insert().values(on_date=on_date, at=now, missing=missing[:LISTED]))
        return missing

    def _make_documents(self, connection: Connection, now: datetime) -> Iterator[str]:
        """Plan the documents that are missing."""
        kinds: tuple[tuple[FileKind, str], ...] = (
            ("session_metadata", AFTER_SESSION),
            ("chat_transcripts", TRANSCRIPT),
        )
        for kind, job in kinds:
            has_file = exists().where(session_files.c.session_id == sessions.c.id, session_files.c.kind == kind)
            wanted = select(sessions.c.id).where(self._ended_recently(now), ~has_file)
            if kind == "chat_transcripts":
                wanted = wanted.where(sessions.c.channel == "chat")
            for session_id in connection.execute(wanted.order_by(sessions.c.id).limit(AT_A_TIME)).scalars().all():
                job_rows.plan(connection, [Job(job, session_id, now)])
                job_rows.repeat(connection, job, session_id, now)
                yield f"session {session_id}: {kind}"

    def _send_files(self, connection: Connection, now: datetime, settings: Settings) -> Iterator[str]:
        """Plan where files go that were never planned to go there."""
        recent = select(session_files).join(sessions, sessions.c.id == session_files.c.session_id)
        recent = recent.where(self._ended_recently(now)).order_by(session_files.c.id).limit(AT_A_TIME)
        storage, upload = settings.external_storage, settings.crm.endpoints.upload_file
        lost: dict[int, SessionFile] = {}
        if storage.enabled:
            is_planned = exists().where(deliveries.c.file_id == session_files.c.id)
            lost |= _found(connection, recent.where(session_files.c.kind.in_(storage.files), ~is_planned))
        if upload is not None and (storage.also_to_crm or not storage.enabled):
            about = session_files.c.kind.concat(":").concat(session_files.c.name)
            mine = (intents.c.session_id == session_files.c.session_id) & (intents.c.step == "upload")
            is_planned = exists().where(mine, intents.c.occurrence.startswith(about))
            has_content = session_files.c.content_path.is_not(None)
            found = _found(connection, recent.where(session_files.c.kind.in_(upload.files), has_content, ~is_planned))
            lost |= {file.id: file for file in found.values() if file_routes.goes_to_crm(settings, file)}
        for each in lost.values():
            session = repository.get(connection, each.session_id)
            file = files.lock(connection, each.id)  # its content may have been deleted since
            if self._routes.plan(connection, session, file):
                yield f"session {file.session_id}: {file.name}"

    def _ended_recently(self, now: datetime) -> ColumnElement[bool]:
        return sessions.c.ends_at.between(now - LOOKS_BACK, now - self._delay() - LONG_AFTER)

    def _named(self) -> set[str]:
        """Return the paths of all content that somebody needs: files, and uploads of their older versions."""
        with self._database.read() as connection:
            return files.content_paths(connection) | _uploading(connection)


def _arrived(connection: Connection, after_id: int) -> list[SessionFile]:
    """Return files whose content is in the data folder and, in the same version, in the external storage."""
    query = select(session_files).join(deliveries, deliveries.c.file_id == session_files.c.id)
    query = query.where(
        session_files.c.id > after_id,
        session_files.c.content_path.is_not(None),
        deliveries.c.state == DONE,
        deliveries.c.version == session_files.c.version,
    )
    return list(_found(connection, query.order_by(session_files.c.id).limit(AT_A_TIME)).values())


def _found(connection: Connection, query: Select[tuple[object, ...]]) -> dict[int, SessionFile]:
    found = [files.read(row) for row in connection.execute(query).mappings()]
    return {file.id: file for file in found}


def _is_uploading(connection: Connection, file: SessionFile) -> bool:
    return file.content_path in _uploading(connection, file.session_id)


def _uploading(connection: Connection, session_id: int | None = None) -> set[str]:
    """Return the paths of the files whose upload to the CRM isn't done."""
    query = select(intents).where(intents.c.step == "upload", intents.c.state != "done")
    if session_id is not None:
        query = query.where(intents.c.session_id == session_id)
    inputs = [read_intent(row).input for row in connection.execute(query).mappings()]
    return {each.path for each in inputs if isinstance(each, Upload)}


def _is_done(connection: Connection, on_date: str) -> bool:
    mine = reconciliations.c.on_date == on_date
    return connection.execute(select(reconciliations.c.at).where(mine)).first() is not None
