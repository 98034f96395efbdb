"""Migrations."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from host.db import migrate
from host.db.engine import Database
from host.db.tables import metadata
from host.errors import ConfigError
from tests.postgresql import Cluster


def test_the_scripts_lead_to_the_tables_in_the_code(database: Database) -> None:
    migrate.upgrade(database)

    assert migrate.differences(database) == []


def test_an_empty_database_is_not_current_and_a_migrated_one_is(database: Database) -> None:
    assert not migrate.is_current(database)

    migrate.upgrade(database)

    assert migrate.is_current(database)


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate.upgrade(database)
    _insert_setting(database)

    migrate.upgrade(database)

    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pb_settings")) == 1


def test_processes_that_start_together_migrate_once(database: Database) -> None:
    spawn = multiprocessing.get_context("spawn")
    starters = [spawn.Process(target=_upgrade, args=(database.url,)) for _ in range(3)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join(30)

    assert [starter.exitcode for starter in starters] == [0, 0, 0]
    assert migrate.is_current(database)


def test_refuses_a_database_of_a_newer_version(database: Database) -> None:
    migrate.upgrade(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(ConfigError, match="newer version"):
        migrate.upgrade(database)


def test_leaves_the_tables_of_others_alone(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE workflow_status (id INTEGER)"))

    migrate.upgrade(database)

    assert migrate.differences(database) == []
    assert "workflow_status" in inspect(database.engine).get_table_names()


def test_references_are_kept_after_migrating(database: Database) -> None:
    migrate.upgrade(database)

    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(text("INSERT INTO pb_queue_agents VALUES (1, 1)"))


def test_all_tables_carry_the_prefix() -> None:
    assert [name for name in metadata.tables if not name.startswith("pb_")] == []


def _upgrade(url: str) -> None:
    migrate.upgrade(Database(url))


def _insert_setting(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("INSERT INTO pb_settings VALUES ('chat', '{}', '2026-05-01')"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty one, without tables."""
    cluster: Cluster | None = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    database = Database(cluster.empty("fresh") if cluster else f"sqlite:///{tmp_path / 'patchbay.db'}")
    yield database
    database.close()
    if cluster:
        cluster.drop(database.url)
