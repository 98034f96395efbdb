"""What the tests of deliveries share: a host with a CRM, a storage folder, and work that is run by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from host.db.engine import Database
from host.deliveries import deliveries
from host.deliveries.deliveries import Delivery
from host.files import session_files
from host.files.session_files import SessionFile
from host.jobs import job_rows
from host.storage.settings import ExternalStorage
from host.worker import job_steps
from tests.host.crm.conftest import crm
from tests.host.crm.crm_settings import updating
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Story, telling

__all__ = ["crm"]

QUARTER = timedelta(minutes=15)
STORAGE = ExternalStorage(enabled=True, folder_path="archive/{DATE}")


class Office:
    """A story whose jobs and deliveries run when a test says so."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.story.storage = STORAGE
        self.database, self.clock = story.database, story.clock
        self.process_id = "process"
        self.runner, self.files = story.runner, story.files
        self.actions = story.actions
        self.folder = story.folder / "files" / "archive" / "2026-05-01"

    def finished(self) -> int:
        """A chat that was answered and has ended; nothing was made of it yet."""
        session_id = self.story.answered()
        self.story.end(session_id)
        return session_id

    def run_jobs(self) -> list[str]:
        """Run the due jobs; return their kinds."""
        with self.database.write() as connection:
            due = job_rows.take(connection, self.clock.now(), 1000)
        steps = job_steps.all_jobs(self)  # type: ignore[arg-type] # agents and quiet chats have no jobs
        for job in due:
            for step in steps[job.kind]:
                step(job.session_id)
        return [job.kind for job in due]

    def take(self) -> list[Delivery]:
        with self.database.write() as connection:
            taken: list[Delivery] = []
            for name in self.files.routes.open_destinations():
                taken += deliveries.take(connection, name, self.clock.now(), 100)
            return taken

    def deliver(self) -> int:
        """Carry out everything that is due now; return the number of tries."""
        count = 0
        while taken := self.take():
            for each in taken:
                self.files.courier.deliver(each.id, each.run)
            count += len(taken)
        return count

    def everything(self, session_id: int) -> None:
        """Make all files of a session, and deliver them."""
        self.run_jobs()
        self.clock.forward(QUARTER)
        self.run_jobs()
        self.deliver()
        self.story.run(session_id)

    def of(self, session_id: int) -> dict[str, Delivery]:
        """A session's deliveries, by the name of their file."""
        with self.database.read() as connection:
            names = {file.id: file.name for file in session_files.of_session(connection, session_id)}
            found = deliveries.of_sessions(connection, [session_id])
        return {names[each.file_id] if each.file_id else each.subject: each for each in found}

    def files_of(self, session_id: int) -> dict[str, SessionFile]:
        with self.database.read() as connection:
            return {file.name: file for file in session_files.of_session(connection, session_id)}

    def stored(self) -> dict[str, bytes]:
        """Path in the storage's folder to content."""
        folder: Path = self.story.folder / "files"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def opening(database: Database, crm: FaultyCrm) -> Iterator[Office]:
    """Open an office with a CRM that takes all kinds of files."""
    with telling(database) as tell:
        settings = updating(crm, comment_on=[], update_on=[])
        upload = settings.endpoints.upload_file
        assert upload
        all_kinds = upload.model_copy(update={"files": STORAGE.files})
        endpoints = settings.endpoints.model_copy(update={"upload_file": all_kinds})
        yield Office(tell(settings.model_copy(update={"endpoints": endpoints})))


@pytest.fixture
def office(database: Database, crm: FaultyCrm) -> Iterator[Office]:
    with opening(database, crm) as opened:
        yield opened
