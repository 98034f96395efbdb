"""The database."""

import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from host.db.engine import Database, locked, retry_on_deadlock
from host.db.tables import queues
from host.queues import tree


def test_an_error_does_not_repeat_the_values(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'patchbay.db'}")

    with pytest.raises(OperationalError) as caught, database.read() as connection:
        connection.execute(text("SELECT :phone FROM nowhere"), {"phone": "+12125550101"})

    assert "+12125550101" not in str(caught.value)
    database.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite has one writer
def test_two_that_wait_for_each_other_both_get_through(database: Database) -> None:
    with database.write() as connection:
        ids = [tree.upsert(connection, (name,)).id for name in ("Sales", "Support")]
    both_hold_one, runs = threading.Barrier(2), []

    @retry_on_deadlock
    def lock_both(first: int, second: int) -> None:
        runs.append(first)
        with database.write() as connection:
            connection.execute(locked(connection, select(queues).where(queues.c.id == first)))
            if len(runs) <= 2:
                both_hold_one.wait(10)
            connection.execute(locked(connection, select(queues).where(queues.c.id == second)))

    threads = [threading.Thread(target=lock_both, args=order) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(set(runs)) == ids
    assert len(runs) >= 3  # one of them again; on a slow machine it may meet the other a second time


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_fails_otherwise_is_not_done_again(database: Database) -> None:
    runs: list[int] = []

    @retry_on_deadlock
    def fail() -> None:
        runs.append(1)
        with database.write() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 50"))
            connection.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises(OperationalError):
        fail()

    assert len(runs) == 1


@pytest.mark.parametrize("mode", [None, 0o644, 0o666])
def test_only_its_owner_reads_a_sqlite_file(tmp_path: Path, mode: int | None) -> None:
    file = tmp_path / "patchbay.db"
    if mode is not None:
        file.touch()
        file.chmod(mode)
    database = Database(f"sqlite:///{file}")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE pb_x (id)"))
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == dict.fromkeys(
        ("patchbay.db", "patchbay.db-wal", "patchbay.db-shm"), 0o600
    )
    database.close()
