"""Fixtures: the starter CRM with a test client, and behind gunicorn."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm_shell.starter_crm.app import create_app
from crm_shell.starter_crm.context import EXTENSION

KEY = "key-of-the-tests"
SHELL = "http://127.0.0.1:8000"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    built = create_app(tmp_path, KEY, [SHELL], faults=True)
    yield built
    built.extensions[EXTENSION].database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that sends the API key."""
    client = app.test_client()
    client.environ_base["HTTP_X_API_KEY"] = KEY
    return client


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A client that sends no key."""
    return app.test_client()


@dataclass(frozen=True)
class Served:
    """A CRM behind gunicorn."""

    url: str
    process: subprocess.Popen[bytes]

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Api-Key": KEY}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = (
        "from pathlib import Path; from crm_shell.starter_crm.serve import serve; "
        f"serve(Path({str(tmp_path)!r}), {port}, {KEY!r}, [{SHELL!r}], faults=True)"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        try:
            _wait_for(port)
            yield Served(f"http://localhost:{port}", process)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int) -> None:
    ends_at = time.monotonic() + 60
    while True:
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > ends_at:
                raise
        else:
            return
