"""Decides where the files of a session that has ended go: the external storage, the CRM, or a link to the CRM.

Source: docs/reference/files.md, Where files go.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from host.clock import Clock
from host.crm.intents import intents
from host.crm.intents.step_input import Upload
from host.crm.session_facts.snapshots import snapshot_of
from host.deliveries import deliveries
from host.deliveries.deliveries import Delivery
from host.deliveries.destinations import Destination
from host.files import session_files
from host.files.session_files import SessionFile
from host.orchestration import crm_plan
from host.sessions import repository
from host.sessions.model import Session
from host.settings.document.model import Settings

LONGEST_OCCURRENCE = 110


class FileRoutes:
    """Plans where files go, in the transaction that adds or rewrites them.

    Args:
        clock: The time.
        settings: Returns the current settings.
        url_of: Returns the permanent address of a file.
    """

    def __init__(self, clock: Clock, settings: Callable[[], Settings], url_of: Callable[[SessionFile], str]) -> None:
        self._clock = clock
        self._settings = settings
        self._url_of = url_of

    def plan(self, connection: Connection, session: Session, file: SessionFile) -> bool:
        """Plan where a file of a session that has ended goes; planned twice, it goes there once.

        Returns:
            Whether it goes anywhere.
        """
        settings, now = self._settings(), self._clock.now()
        to_storage = goes_to_storage(settings, file)
        if to_storage:
            deliveries.plan_file(connection, file, now)
        if not goes_to_crm(settings, file) or file.content_path is None:
            return to_storage
        about = Upload(snapshot_of(session, "upload", now), file.content_path, file.name, file.media_type, file.kind)
        intents.plan(connection, session.id, "upload", occurrence(file), now=now, input=about)
        return True

    def open_destinations(self) -> list[Destination]:
        """Return the destinations that take something now; what is for others waits."""
        return ["storage", "email"] if self._settings().external_storage.enabled else ["email"]

    def on_arrived(self, connection: Connection, delivery: Delivery) -> None:
        """Plan the comment with the link to a file that is in the external storage only; once for all its versions."""
        if delivery.file_id is None:
            return
        settings, file = self._settings(), session_files.get(connection, delivery.file_id)
        if settings.external_storage.also_to_crm or not crm_plan.takes_links(settings.crm):
            return
        session = repository.get(connection, file.session_id)
        details = {"name": file.name, "url": self._url_of(file)}
        snapshot = snapshot_of(session, "upload", self._clock.now(), details)
        about = f"stored:{file.kind}:{file.name}"[:LONGEST_OCCURRENCE]
        intents.plan(connection, session.id, "comment", about, now=self._clock.now(), input=snapshot)


def goes_to_storage(settings: Settings, file: SessionFile) -> bool:
    """Tell whether a file goes to the external storage."""
    storage = settings.external_storage
    return storage.enabled and file.kind in storage.files


def goes_to_crm(settings: Settings, file: SessionFile) -> bool:
    """Tell whether a file is uploaded to the CRM."""
    storage = settings.external_storage
    return (storage.also_to_crm or not storage.enabled) and crm_plan.takes_files(settings.crm, file.kind)


def occurrence(file: SessionFile) -> str:
    """Return the occurrence of a file's upload: each version is one of its own."""
    version = f":{file.version}" if file.version > 1 else ""
    return f"{file.kind}:{file.name}"[:LONGEST_OCCURRENCE] + version
