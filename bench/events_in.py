"""Benchmark: consumers' messages per second that the platform API takes, one by one and in batches, on one core.

The whole application in this process, without a web server, on SQLite. Half of the chats have an agent, whose adapter
gets an event for each message. Baselines: a bare Flask view that reads and answers JSON, and a bare `executemany` that
inserts the messages' rows.
"""

import base64
import json
import sqlite3
import time
from collections.abc import Callable
from io import BytesIO
from itertools import count
from pathlib import Path

from flask import Flask, request
from sqlalchemy import update
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.run import Row, Series, Target, at_least, rounds
from host import services as wiring
from host.app import create_app
from host.config import Config
from host.db import migrate
from host.db.tables import sessions
from host.queues import tree
from host.services import Services
from host.sessions.chats import NewChat
from host.users import directory

KEY, SECRET = "company-1", "a secret that nobody guesses"
CHATS = 50
SINGLE = 100
"""Messages of a round that sends them one by one."""
BATCH = 500
ROUNDS = 15
PREFIX = "/api/v1"
AUTHORIZATION = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
Text = Callable[[], str]


def measure(folder: Path) -> list[Row]:
    """Take turns, so that a noisy minute affects product and baselines."""
    app, services = _product(folder)
    chat_ids, bare, rows = _chats(services), _bare_flask(), _bare_table(folder)
    numbers = count(1)

    def text() -> str:
        return f"message {next(numbers)}: when will my order arrive?"

    rates: dict[str, list[float]] = {name: [] for name in ("single", "flask", "batch", "executemany")}
    try:
        for _ in rounds(ROUNDS):
            rates["single"].append(_single(app, chat_ids, text))
            rates["flask"].append(_single(bare, chat_ids, text))
            rates["batch"].append(_batch(app, chat_ids, text))
            rates["executemany"].append(_executemany(rows, chat_ids, text))
    finally:
        rows.close()
        services.stop()
    return [
        _row("events in, one by one", rates, ("single", "flask"), None),
        _row("events in, batched", rates, ("batch", "executemany"), at_least(5_000)),
    ]


def _row(name: str, rates: dict[str, list[float]], pair: tuple[str, str], target: Target | None) -> Row:
    names = {"flask": "bare Flask POST", "executemany": "bare executemany"}
    product, baseline = (Series(names.get(each, each), rates[each]) for each in pair)
    return Row(name, product, baseline, target, "messages/s")


def _product(folder: Path) -> tuple[Flask, Services]:
    environ = {"PATCHBAY_COMPANY_KEY": KEY, "PATCHBAY_COMPANY_SECRET": SECRET}
    services = wiring.build(Config.from_env(environ, data=folder / "data"))
    migrate.upgrade(services.database)
    with services.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"))
        directory.upsert(connection, "agent@example.com", name="James Bond", roles=["agent"])
    return create_app(services.config, services), services


def _chats(services: Services) -> list[int]:
    started = [services.chats.start(NewChat(queue="Developers / James"))[0].id for _ in range(CHATS)]
    with services.database.write() as connection:
        taken = {"status": "ongoing", "agent_id": 1, "connected_at": services.clock.now()}
        connection.execute(update(sessions).where(sessions.c.id.in_(started[::2])).values(**taken))
    return started


def _bare_flask() -> Flask:
    app = Flask("bare")

    @app.post(f"{PREFIX}/chats/<int:session_id>/message")
    def write(session_id: int) -> tuple[dict[str, object], int]:
        return {"chat_id": session_id, "text": request.get_json()["text"]}, 201

    return app


def _bare_table(folder: Path) -> sqlite3.Connection:
    rows = sqlite3.connect(folder / "bare.db")
    rows.execute("PRAGMA journal_mode=WAL")
    rows.execute("PRAGMA synchronous=FULL")
    rows.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id INTEGER, text TEXT, at TEXT)")
    return rows


def _single(app: Flask, chat_ids: list[int], text: Text) -> float:
    environs = [
        _environ(f"{PREFIX}/chats/{chat_ids[number % CHATS]}/message", {"text": text()}) for number in range(SINGLE)
    ]
    started = time.perf_counter()
    for environ in environs:
        _, status, _ = run_wsgi_app(app.wsgi_app, environ, buffered=True)
        _expect(status, "201")
    return SINGLE / (time.perf_counter() - started)


def _batch(app: Flask, chat_ids: list[int], text: Text) -> float:
    operations = [
        {"method": "POST", "path": f"/chats/{chat_ids[number % CHATS]}/message", "body": {"text": text()}}
        for number in range(BATCH)
    ]
    environ = _environ(f"{PREFIX}/batch", {"operations": operations})
    started = time.perf_counter()
    parts, status, _ = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    took = time.perf_counter() - started
    _expect(status, "200")
    results = json.loads(b"".join(parts))["results"]
    if any(each["status"] != 201 for each in results):
        raise RuntimeError(f"a message was refused: {results[0]}")
    return BATCH / took


def _executemany(rows: sqlite3.Connection, chat_ids: list[int], text: Text) -> float:
    values = [(chat_ids[number % CHATS], text(), "2026-05-01 10:00:00") for number in range(BATCH)]
    started = time.perf_counter()
    with rows:
        rows.executemany("INSERT INTO messages (session_id, text, at) VALUES (?, ?, ?)", values)
    return BATCH / (time.perf_counter() - started)


def _environ(path: str, body: dict[str, object]) -> dict[str, object]:
    data = json.dumps(body).encode()
    builder = EnvironBuilder(
        path, method="POST", input_stream=BytesIO(data), content_length=len(data), content_type="application/json"
    )
    builder.headers["Authorization"] = AUTHORIZATION
    return builder.get_environ()


def _expect(status: str, wanted: str) -> None:
    if not status.startswith(wanted):
        raise RuntimeError(f"found the status {status}")
