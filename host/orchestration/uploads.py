"""Takes a session's files and plans their upload to the CRM; copies wait in the data folder.

Source: docs/reference/generic-api.md, Uploads.
"""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ulid import ULID

from host.clock import Clock
from host.crm.intents import intents
from host.crm.intents.intents import Intent
from host.crm.intents.step_input import Upload
from host.crm.session_facts.snapshots import snapshot_of
from host.crm.settings.crm import CrmSettings
from host.crm.steps import upload_files
from host.db.engine import Database
from host.orchestration import crm_plan
from host.sessions import repository


@dataclass(frozen=True)
class NewFile:
    """A file of a session."""

    name: str
    """`call-103646.mp3`: also its name in the CRM."""
    type: str
    """`audio/mpeg`."""
    kind: str
    """`call_recordings`, one of `host.file_kinds.FileKind`."""
    open: Callable[[], BinaryIO]
    """Called once, to copy the file."""
    occurrence: str = ""
    """Unique among the uploads of its session; empty: kind and name."""


class Uploads:
    """Copies files and plans their upload."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        data: Path,
        crm: Callable[[], CrmSettings],
        start_now: Callable[[int], None],
    ) -> None:
        """Keep the parts that uploads use.

        Args:
            database: Holds the work.
            clock: The time.
            data: The data folder.
            crm: Returns the CRM's current settings.
            start_now: Starts a session's work.
        """
        self._database = database
        self._clock = clock
        self._data = data
        self._crm = crm
        self._start_now = start_now

    def send(self, session_id: int, file: NewFile) -> bool:
        """Copy a file and plan its upload; the same file again changes nothing.

        The upload waits for the session's record, like a comment.

        Returns:
            Whether files of this kind go to the CRM at all.

        Raises:
            NotFoundError: There is no such session.
            OSError: The file can't be read or copied.
        """
        if not crm_plan.takes_files(self._crm(), file.kind):
            return False
        occurrence = (file.occurrence or f"{file.kind}:{file.name}")[:110]
        with self._database.read() as connection:
            if intents.by_step(connection, session_id, "upload", occurrence) is not None:
                return True
        path = self._copy(file)
        with self._database.write() as connection:
            session = repository.get(connection, session_id)
            now = self._clock.now()
            about = Upload(snapshot_of(session, "upload", now), path, file.name, file.type, file.kind)
            intents.plan(connection, session_id, "upload", occurrence, now=now, input=about)
        self._start_now(session_id)
        return True

    def forget(self, discarded: Iterable[Intent]) -> None:
        """Delete the copies of files whose upload was discarded; other steps have none."""
        for intent in discarded:
            if isinstance(intent.input, Upload):
                upload_files.delete_copy(self._data, intent.input)

    def _copy(self, file: NewFile) -> str:
        """Copy the file under a new name, whole or not at all; return its path in the data folder."""
        path = Path(upload_files.COPIES) / str(ULID())
        whole = self._data / path
        whole.parent.mkdir(parents=True, exist_ok=True)
        part = whole.with_suffix(".part")
        with file.open() as source, part.open("wb") as target:
            shutil.copyfileobj(source, target)
        part.replace(whole)
        return path.as_posix()
