"""What the doctor says about storage, CRM, workers and clock; nothing but ok when all is well."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import insert
from ulid import ULID

from host.commands import surroundings
from host.commands.finding import Finding
from host.crm.settings.crm import CrmSettings
from host.db.engine import Database
from host.db.tables import heartbeats, journal
from host.storage.settings import ExternalStorage
from tests.serving import served


class NoTokens:
    def token(self, *, is_refused: bool = False) -> str:
        raise AssertionError("nobody asks")


class Silent(BaseHTTPRequestHandler):
    """Knows no method: answers 501 to all."""

    def log_message(self, *_: object) -> None:
        pass


def crm_at(port: int) -> CrmSettings:
    url = f"http://localhost:{port}/api/accounts"
    return CrmSettings.model_validate(
        {
            "type": "custom",
            "allowed_hosts": [f"localhost:{port}"],
            "allow_private_addresses": True,
            "endpoints": {"find_account_by_query": {"url": url, "parameters": [{"name": "q", "value": "{EMAIL}"}]}},
        }
    )


def test_a_storage_that_works_is_ok(tmp_path: Path) -> None:
    assert list(surroundings.storage(ExternalStorage(), tmp_path, NoTokens())) == [Finding("External storage (local)")]


def test_a_storage_that_is_off_is_not_asked(tmp_path: Path) -> None:
    assert list(surroundings.storage(ExternalStorage(enabled=False), tmp_path, NoTokens())) == []


def test_a_storage_that_fails_is_told_with_its_step(tmp_path: Path) -> None:
    sftp = {"host": "127.0.0.1", "port": 1, "username": "a", "password": "b"}
    settings = ExternalStorage.model_validate({"backend": "sftp", "sftp": sftp})
    [found] = surroundings.storage(settings, tmp_path, NoTokens())

    assert found.line().startswith("wrong  External storage (sftp): connect failed: no connection to 127.0.0.1")


def test_a_crm_that_answers_anything_is_ok() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    with served(server):
        [found] = surroundings.crm(crm_at(server.server_port))

    assert found == Finding(f"CRM at localhost:{server.server_port}")


def test_a_crm_that_does_not_answer_is_told() -> None:
    [found] = surroundings.crm(crm_at(1))

    assert found.line().startswith("wrong  CRM at localhost:1: no connection to localhost")


def test_without_a_crm_there_is_nothing_to_say() -> None:
    assert list(surroundings.crm(CrmSettings())) == []


@pytest.mark.parametrize(
    ("silent_s", "expected"),
    [(1, "ok     Worker"), (60, "wrong  Worker: it is silent for 6"), (None, "wrong  Worker: it was never")],
)
def test_a_worker_is_alive(database: Database, silent_s: int | None, expected: str) -> None:
    if silent_s is not None:
        at = datetime.now(UTC) - timedelta(seconds=silent_s)
        with database.write() as connection:
            connection.execute(insert(heartbeats).values(process_id="p", kind="worker", alive_at=at))
    [found] = surroundings.workers(database)

    assert found.line().startswith(expected)


@pytest.mark.parametrize(("ahead_s", "is_wrong"), [(-100, False), (0, False), (100, True)])
def test_a_clock_that_was_set_back_is_told(database: Database, ahead_s: int, is_wrong: bool) -> None:
    at = datetime.now(UTC) + timedelta(seconds=ahead_s)
    with database.write() as connection:
        connection.execute(insert(journal).values(ulid=str(ULID()), name="queued", at=at, data={}))
    [found] = surroundings.clock(database)

    assert found.is_wrong is is_wrong
    assert ("was set back" in found.advice) is is_wrong
