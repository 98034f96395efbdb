"""Logging."""

import json
import logging
from collections.abc import Iterator

import pytest

from host import logs


def test_a_record_is_one_line_even_with_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "web")

    logging.getLogger("host.crm").error("It failed\r\nforged", exc_info=ValueError("first\nsecond"))

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert " web ERROR host.crm: It failed\\r\\nforged\\nValueError: first\\nsecond" in lines[0]


def test_programs_get_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "worker", "json")

    logging.getLogger("host.jobs").error("the job %s has failed\n", "crm-7", exc_info=ValueError("first\nsecond"))

    [line] = capsys.readouterr().err.splitlines()
    record = json.loads(line)
    assert record.pop("at").endswith("+00:00")
    assert record == {
        "process": "worker",
        "level": "ERROR",
        "logger": "host.jobs",
        "message": "the job crm-7 has failed\n",
        "event": "the job %s has failed\n",
        "traceback": "ValueError: first\nsecond",
    }


def test_libraries_that_log_addresses_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG", "worker")

    logging.getLogger("urllib3.connectionpool").warning("Retrying: /api/accounts?phone=%2B12223334444")

    assert capsys.readouterr().err == ""


def test_what_a_client_sent_is_taken_out() -> None:
    record = logging.makeLogRecord({"msg": "Error handling request %s %s", "args": ("GET", "/?email=bond@example.com")})

    assert logs.without_request(record)

    assert record.getMessage() == "A request failed outside the application"


@pytest.fixture(autouse=True)
def _root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
