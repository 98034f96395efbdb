"""Content that nobody needs any more, and files that are missing."""

import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from host.db.tables import deliveries, intents, jobs, reconciliations, session_files
from host.deliveries import report
from host.deliveries.deliveries import discard
from host.deliveries.deliveries import of_sessions as deliveries_of
from host.storage.settings import LocalFolder
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.deliveries.conftest import Office, crm, office

__all__ = ["crm", "office"]

NIGHT = timedelta(hours=18)
"""From ten in the morning to four."""


def content(office: Office) -> list[str]:
    folder = office.story.folder / "content"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def forget(office: Office, *tables: Any) -> None:
    """Delete rows, as no kill can: something that should never happen."""
    with office.database.write() as connection:
        for table in tables:
            connection.execute(delete(table))


def test_content_that_has_arrived_everywhere_is_deleted(office: Office) -> None:
    office.everything(office.finished())
    assert len(content(office)) == 2
    assert office.files.keeping.clean_up() == 2
    assert content(office) == []
    assert office.files.keeping.clean_up() == 0


def test_content_that_the_crm_does_not_have_yet_stays(office: Office, crm: FaultyCrm) -> None:
    session_id = office.finished()
    office.run_jobs()
    office.deliver()
    assert office.files.keeping.clean_up() == 0
    office.story.run(session_id)
    assert office.files.keeping.clean_up() == 1


def test_content_of_files_that_go_nowhere_stays(office: Office) -> None:
    office.story.storage = office.story.storage.model_copy(update={"enabled": False})
    office.everything(office.finished())
    office.files.keeping.clean_up()
    assert len(content(office)) == 2


def test_an_older_version_stays_until_the_crm_has_it(office: Office) -> None:
    session_id = office.finished()
    office.run_jobs()
    with office.database.read() as connection:
        path = connection.execute(select(session_files.c.content_path)).scalar_one()
    with office.database.write() as connection:
        connection.execute(session_files.update().values(content_path=None))
    os.utime(office.story.folder / str(path), (1000, 1000))
    office.files.keeping.clean_up()
    assert len(content(office)) == 1
    office.story.run(session_id)
    office.files.keeping.clean_up()
    assert content(office) == []


def test_what_a_kill_has_left_is_swept(office: Office) -> None:
    office.files.content.store_bytes(b"without a row")
    [name] = content(office)
    (office.story.folder / "content" / "0a.partial").write_bytes(b"half")
    for each in (name, "0a.partial"):
        os.utime(office.story.folder / "content" / each, (1000, 1000))
    office.files.keeping.clean_up()
    assert content(office) == []


def test_folders_are_not_swept(office: Office) -> None:
    office.story.storage = office.story.storage.model_copy(update={"local": LocalFolder(folder="content")})
    office.everything(office.finished())
    for path in (office.story.folder / "content").iterdir():
        os.utime(path, (1000, 1000))
    office.files.keeping.clean_up()
    assert [path.name for path in (office.story.folder / "content").iterdir()] == ["archive"]


def test_nothing_is_missing(office: Office) -> None:
    office.everything(office.finished())
    assert office.files.keeping.reconcile() == [], "already after three in the morning"
    assert office.files.keeping.reconcile() is None
    office.clock.forward(NIGHT)
    assert office.files.keeping.reconcile() == []
    with office.database.read() as connection:
        last = report.report(connection).reconciliation
        assert connection.execute(select(reconciliations.c.on_date)).scalars().all() == ["2026-05-01", "2026-05-02"]
    assert last
    assert (last.at, last.missing) == (office.clock.now(), [])


def test_before_three_nothing_is_looked_for(office: Office) -> None:
    office.files.keeping.reconcile()
    office.clock.forward(timedelta(hours=16, minutes=59))
    assert office.files.keeping.reconcile() is None


@pytest.mark.parametrize("lost", [(jobs,), ()])
def test_documents_that_are_missing_are_made(office: Office, lost: tuple[Any, ...]) -> None:
    session_id = office.finished()
    with office.database.write() as connection:
        connection.execute(jobs.update().values(enqueued_at=office.clock.now()))  # the engine has lost them
    forget(office, *lost)
    office.clock.forward(NIGHT)
    missing = [f"session {session_id}: session_metadata", f"session {session_id}: chat_transcripts"]
    assert office.files.keeping.reconcile() == missing
    assert sorted(office.run_jobs()) == ["after_session", "transcript"]
    office.deliver()
    assert len(office.stored()) == 2


def test_files_that_were_never_sent_are_sent(office: Office, crm: FaultyCrm) -> None:
    session_id = office.finished()
    office.run_jobs()
    office.clock.forward(timedelta(minutes=15))
    office.run_jobs()
    with office.database.write() as connection:
        connection.execute(delete(intents).where(intents.c.step == "upload"))
    forget(office, deliveries)
    office.clock.forward(NIGHT)
    missing = [f"session {session_id}: chat-{session_id}.txt", f"session {session_id}: chat-{session_id}.json"]
    assert office.files.keeping.reconcile() == missing
    office.deliver()
    office.story.run(session_id)
    assert len(office.stored()) == len(crm.rows["files"]) == 2


def test_sessions_that_have_just_ended_and_old_ones_are_left_alone(office: Office) -> None:
    office.finished()
    assert office.files.keeping.reconcile() == []
    office.clock.forward(timedelta(days=3))
    assert office.files.keeping.reconcile() == []


def test_what_was_discarded_is_not_sent_again(office: Office) -> None:
    session_id = office.finished()
    office.run_jobs()
    with office.database.write() as connection:
        for each in deliveries_of(connection, [session_id]):
            assert discard(connection, each.id) == 1
        assert report.report(connection).waiting == 0
    office.clock.forward(timedelta(minutes=15))
    office.everything(session_id)
    office.clock.forward(NIGHT)
    assert office.files.keeping.reconcile() == []
    assert [each.state for each in office.of(session_id).values()] == ["given_up", "done"]


def test_what_waits_for_the_storage_alone_is_not_missing_at_the_crm(office: Office) -> None:
    office.story.storage = office.story.storage.model_copy(update={"also_to_crm": False})
    office.finished()
    office.run_jobs()
    office.clock.forward(timedelta(minutes=15))
    office.run_jobs()
    office.clock.forward(NIGHT)
    assert office.files.keeping.reconcile() == []
