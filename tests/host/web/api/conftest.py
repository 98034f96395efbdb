"""Fixtures: the whole application on a new database, and a gateway with the company key."""

import base64
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from host import services as wiring
from host.app import create_app
from host.config import Config
from host.queues import tree
from host.services import Services
from host.users import directory
from tests.clock import FrozenClock
from tests.databases import lay_tables

KEY, SECRET = "company-1", "a secret that nobody guesses"
JWT_SECRET = "another one, that signs custom data"


@dataclass(frozen=True)
class Answer:
    """A response."""

    status_code: int
    text: str
    json: Any
    headers: Headers


@dataclass
class Gateway:
    """A client that creates calls and chats."""

    client: FlaskClient
    services: Services
    clock: FrozenClock
    prefix: str = "/api/v1"

    def get(self, path: str, **query: Any) -> Answer:
        return self.send("GET", path, query_string=query or None)

    def post(self, path: str, body: object = None, *, key: str | None = None) -> Answer:
        headers = basic() | ({"Idempotency-Key": key} if key is not None else {})
        text = json.dumps({} if body is None else body)
        return self.send("POST", path, headers=headers, data=text, content_type="application/json")

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **request: Any) -> Answer:
        known = basic() if headers is None else headers
        response = self.client.open(self.prefix + path, method=method, headers=known, **request)
        return Answer(response.status_code, response.text, response.get_json(silent=True), response.headers)

    def start(self, path: str = "/calls", **body: Any) -> dict[str, Any]:
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        shape: dict[str, Any] = answer.json
        return shape


def basic(key: str = KEY, secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with application(tmp_path) as app:
        yield app


@contextmanager
def application(data: Path, **overrides: object) -> Iterator[Flask]:
    for name, content in _prepared().items():
        (data / name).write_bytes(content)
        (data / name).chmod(0o600)
    config = _config(data, **overrides)
    services = wiring.build(config, clock=FrozenClock())
    yield create_app(config, services)
    services.stop()


@cache
def _prepared() -> dict[str, bytes]:
    """Return the files of a data folder with the company's queues, agent and settings."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        config = _config(data)
        services = wiring.build(config, clock=FrozenClock())
        lay_tables(services.database)
        with services.database.write() as connection:
            queue = tree.upsert(connection, ("Developers", "James"))
            tree.upsert(connection, ("Sales",), lang="de")
            agent = directory.upsert(
                connection, "agent@example.com", name="James Bond", roles=["agent"], agent_number="007"
            )
            tree.set_agents(connection, queue.id, [agent.id])
        services.settings.import_file({"company_secret_jwt": JWT_SECRET})
        create_app(config, services)  # makes the key of the cookies
        services.stop()
        return {path.name: path.read_bytes() for path in data.iterdir()}


def _config(data: Path, **overrides: object) -> Config:
    environ = {"PATCHBAY_COMPANY_KEY": KEY, "PATCHBAY_COMPANY_SECRET": SECRET}
    return Config.from_env(environ, data=data, **overrides)


@pytest.fixture
def gateway(app: Flask) -> Gateway:
    return gateway_of(app)


def gateway_of(app: Flask) -> Gateway:
    services: Services = app.extensions["patchbay"]
    assert isinstance(services.clock, FrozenClock)
    return Gateway(app.test_client(), services, services.clock)
