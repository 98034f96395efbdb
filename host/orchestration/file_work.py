"""Builds what makes, keeps and delivers the files of sessions, connected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from host.clock import Clock
from host.db.engine import Database
from host.deliveries.courier import Courier, Send
from host.deliveries.destinations import Destination
from host.deliveries.to_storage import Sent, Storages, ToStorage
from host.files import session_files
from host.files.content import ContentFolder
from host.files.session_files import SessionFile
from host.orchestration.after_session import AfterSession, Documents
from host.orchestration.file_keeping import FileKeeping
from host.orchestration.file_routes import FileRoutes
from host.settings.document.model import Settings
from host.storage.settings import ExternalStorage
from host.storage.storage import Storage


@dataclass(frozen=True)
class FileWork:
    """What makes, keeps and delivers the files of sessions."""

    content: ContentFolder
    routes: FileRoutes
    after_session: AfterSession
    to_storage: ToStorage
    courier: Courier
    keeping: FileKeeping

    @classmethod
    def build(  # noqa: PLR0913 - what it works with
        cls,
        database: Database,
        clock: Clock,
        data: Path,
        settings: Callable[[], Settings],
        documents: Documents,
        *,
        url_of: Callable[[SessionFile], str],
        delay: Callable[[], timedelta],
        send_mail: Callable[[int], Mapping[str, Any]],
        open_storage: Callable[[ExternalStorage], Storage],
    ) -> "FileWork":
        """Build it, and let it hear of files that are added.

        Args:
            database: Of the sessions.
            clock: For all times.
            data: The data folder.
            settings: Returns the current settings.
            documents: Makes the documents of a session.
            url_of: Returns the permanent address of a file.
            delay: Returns the time from the end of a session to its metadata.
            send_mail: Mails the outcome of a session; returns the receipt.
            open_storage: Opens the storage of the settings.
        """
        content = ContentFolder(data)
        routes = FileRoutes(clock, settings, url_of)
        after_session = AfterSession(database, clock, content, routes, documents, delay)
        session_files.listen(database, after_session.on_file)
        to_storage = ToStorage(database, content, Storages(lambda: settings().external_storage, open_storage))
        by_name: Mapping[Destination, Send] = {
            "storage": to_storage,
            "email": lambda delivery: Sent(1, send_mail(delivery.session_id)),
        }
        courier = Courier(database, clock, by_name, routes.on_arrived)
        keeping = FileKeeping(database, clock, content, routes, settings, delay)
        return cls(content, routes, after_session, to_storage, courier, keeping)
