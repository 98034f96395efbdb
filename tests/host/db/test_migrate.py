"""Migrations."""

import json
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from host.crm.session_facts.crm_identity import identity_of
from host.crm.settings.crm import CrmSettings
from host.db import migrate
from host.db.engine import Database
from host.db.tables import known_accounts, metadata
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("crm", "base_url"),
    [
        ({}, None),
        ({"type": "none", "endpoints": {"create_account": {"url": "https://api.crm.example/x"}}}, None),
        ({"type": "custom", "endpoints": {"create_account": {"url": "https://Bücher.Example.:443/x"}}}, None),
        ({"type": "custom", "endpoints": {"create_account": {"url": "http://localhost:8001/{ACCOUNT_ID}"}}}, None),
        (
            {
                "type": "custom",
                "endpoints": {
                    "create_account": {"url": "{BASE_URL}/x", "alternatives": []},
                    "add_comment": {"url": "https://{CUSTOM_DATA.tenant}.crm.example/x"},
                },
            },
            "https://acme.crm.example/services",
        ),
    ],
)
def test_what_is_known_belongs_to_the_crm_that_the_settings_name(
    database: Database, crm: dict[str, Any], base_url: str | None
) -> None:
    with migrate._exclusively(database) as connection:
        command.upgrade(migrate._config(connection), "0008")
    with database.write() as connection:
        for statement in BEFORE_CRMS_WERE_TOLD_APART:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO pb_settings VALUES ('crm', :crm, '2026-05-01')"), {"crm": json.dumps(crm)})
        connection.execute(text(OAUTH_ROW), {"base_url": base_url})

    migrate.upgrade(database)

    key = identity_of(CrmSettings.model_validate(crm), base_url or "").key
    with database.read() as connection:
        assert connection.execute(text("SELECT crm_key FROM pb_sessions")).scalars().all() == [key]
        assert connection.execute(text("SELECT crm_key FROM pb_intents")).scalars().all() == [key]
        known = connection.execute(select(known_accounts).order_by(known_accounts.c.end_user_id)).all()
    assert known == [(1, key, 12), (2, key, "a12")]
    assert migrate.differences(database) == []


BEFORE_CRMS_WERE_TOLD_APART = (
    "INSERT INTO pb_end_users (id, out_contact_id, created_at) VALUES (1, '12', '2026-05-01')",
    "INSERT INTO pb_end_users (id, out_contact_id, created_at) VALUES (2, '\"a12\"', '2026-05-01')",
    "INSERT INTO pb_end_users (id, out_contact_id, created_at) VALUES (3, 'null', '2026-05-01')",
    "INSERT INTO pb_end_users (id, created_at) VALUES (4, '2026-05-01')",
    """INSERT INTO pb_sessions
        (id, uuid, channel, type, status, fail_reason, lang, end_user_id, custom_data, details, created_at, updated_at)
        VALUES (1, 'u', 'chat', 'messaging_web', 'queued', '', 'en', 1, '{}', '{}', '2026-05-01', '2026-05-01')""",
    """INSERT INTO pb_intents
        (session_id, step, occurrence, marker, state, due_at, tries, input, created_at, updated_at)
        VALUES (1, 'account', '', 'M', 'due', '2026-05-01', 0, '{}', '2026-05-01', '2026-05-01')""",
)
OAUTH_ROW = (
    "INSERT INTO pb_oauth_tokens (name, fingerprint, state, base_url, version, updated_at)"
    " VALUES ('crm', 'f', 'connected', :base_url, 1, '2026-05-01')"
)


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
