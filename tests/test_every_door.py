"""Bad input at every door: nothing answers 500, nobody else's socket closes, and no row hides others.

3,000 inputs here; a hundred thousand in the drill (`PATCHBAY_DRILL_INPUTS` for another number).
"""

import json
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey
from simple_websocket import ConnectionClosed
from sqlalchemy import func, select

from host.commands import settings as commands
from host.company import company_key
from host.crm.auth import oauth_grants
from host.crm.http.answer import Answer
from host.crm.response import hits
from host.crm.settings.auth import OAuth2Auth
from host.crm.settings.endpoint import Endpoint
from host.db.tables import intents
from host.errors import CrmAnswerError
from tests.adapter_pages.live import Adapter, LiveHost
from tests.serving import served

INPUTS = 1_000
LOOK_EVERY = 250
CALL_EVERY = 5
"""Of the CRM's answers so many are read; each last one answers a new chat."""
SECRET = "a secret of thirty-two characters"
EVIL = ["\ud800", "a\ud83d", "\x00", "\x1b[2J", "\x85", "\r\nX: 1", "\u202e", "9" * 30, "x" * 20_000, "{NAME}", "'", ""]
RAW = [
    "[" * 50_000,
    '{"a":' * 20_000,
    "1e999",
    "-1e999",
    "9" * 30,
    "9" * 5_000,
    "NaN",
    "Infinity",
    "12.5",
    "true",
    '{"a": 1, "a": 2}',
    '"\\ud800"',
    '"\\u0000"',
    "<html>",
    "",
    "\ufeff{}",
]
TEXTS = st.sampled_from(EVIL) | st.text(st.characters(exclude_categories=()), max_size=20)
NUMBERS = st.sampled_from([2**53, 2**53 + 1, 2**63, 10**30, -(2**64), float("inf"), float("nan"), 1e300, 0, -1, 1.5])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
TIMES = st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2999-12-31T00:00:00Z", "x"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "queue": st.just("Developers / James") | VALUES,
        "menu_id": VALUES,
        "lang": VALUES,
        "end_user": st.dictionaries(st.sampled_from(["name", "email", "phone", "identifier"]), VALUES) | VALUES,
        "custom_data": st.dictionaries(TEXTS, VALUES, max_size=3) | VALUES,
        "custom_data_jwt": VALUES,
        "campaign": VALUES,
        "custom_sip_headers": VALUES,
        "session_variable": VALUES,
        "ticket_id": VALUES,
        "scheduled_at": TIMES | VALUES,
        "agent_email": VALUES,
        "text": VALUES,
        "by": VALUES,
    },
)
WRITTEN = st.sampled_from(RAW) | FIELDS.map(json.dumps) | VALUES.map(json.dumps)
FORMS = st.fixed_dictionaries(
    {"queue": st.just("Developers / James")},
    optional=dict.fromkeys(("name", "phone", "email", "custom_data_jwt", "form_key"), TEXTS)
    | {"custom_data": WRITTEN | TEXTS},
)
ACTS = st.fixed_dictionaries(
    {"op": st.sampled_from(["act", "ack", "late", "used"]) | VALUES, "id": st.just("a1") | VALUES},
    optional={
        "name": st.sampled_from(["message", "status", "focus", "choose", "end", "it_exists"]) | VALUES,
        "args": st.dictionaries(st.sampled_from(["text", "session_id", "status", "step", "id"]), VALUES) | VALUES,
    },
)
QUERIES = st.dictionaries(st.sampled_from(["page", "queue", "status", "created_at[from]"]), TEXTS)
PATHS = ("/consumer/chats", "/sign-in/code", "POST /chats", "POST /calls", "POST /chats/2/message", "POST /chats/2/end")
SOCKETS = ("agent socket", "consumer socket")
ANSWERS = ("signed", "settings", "crm", "oauth")
AT_ONCE = 2 + len(PATHS) + 2 * len(SOCKETS) + 2 * len(ANSWERS)
"""Inputs of one example: making them takes longer than bringing them, so each comes to every door."""


def inputs_of(form: dict[str, str], query: dict[str, str], act: str, written: str) -> Iterator[tuple[str, Any]]:
    """Yield door and input, for every door."""
    inside = dict.fromkeys(("id", "name", "access_token", "expires_in", "custom_data", "crm", "exp"), "@")
    around = json.dumps(inside).replace('"@"', written)
    yield "form", form
    yield "GET", query
    yield from ((path, written) for path in PATHS)
    yield from ((door, text) for door in SOCKETS for text in (act, written))
    yield from ((door, text) for door in ANSWERS for text in (around, written))


OAUTH = OAuth2Auth.model_validate(
    {
        "method": "oauth2",
        "authorization_url": "https://crm.example/authorize",
        "token_url": "https://crm.example/token",
        "client_id": "patchbay",
        "client_secret": "a secret",
    }
)


class Crm(BaseHTTPRequestHandler):
    """Answers whatever is generated just now."""

    body = b"{}"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = Crm.body
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None: ...


class Doors:
    """A host, who attacks it, and two who must not notice."""

    def __init__(self, host: LiveHost, bystander: Adapter, crm_port: int) -> None:
        self.host = host
        self.bystander = bystander
        self.client = host.app.test_client()
        self.seen: Counter[str] = Counter()
        self.closed = 0
        self._said = 0
        self._sockets: dict[str, Adapter] = {}
        self._auth = (company_key(host.services.config).key, company_key(host.services.config).secret)
        host.app.config["WTF_CSRF_ENABLED"] = False
        host.services.settings.import_file(_settings(crm_port))
        self.watched = host.chat(host.james, email="watched@example.com")
        self.own = host.chat(host.eve, answered=False, email="evil@example.com")
        self.victim = host.connect("/consumer/socket")
        self.victim.say(op="hello", ticket=host.consumer_ticket(self.watched))
        self.victim.await_op("state")

    def knock(self, door: str, given: Any) -> None:
        """Bring one input to one door."""
        self.seen[door] += 1
        special: dict[str, Callable[[Any], None]] = {
            "signed": self._signed,
            "settings": self._settings,
            "crm": self._crm,
            "oauth": self._oauth,
        }
        if door in special:
            special[door](given)
        elif door.endswith("socket"):
            self._socket(door, given)
        else:
            self._http(door, given)
        if sum(self.seen.values()) % LOOK_EVERY == 0:
            self.look()

    def look(self) -> None:
        """See that everybody else goes on: each page, each list, each socket."""
        self._said += 1
        said = f"hello {self._said}"
        self.host.services.chats.write(self.watched, said, None)
        self.bystander.wait(lambda: said in str(self.bystander.ops("append")[-3:]), "the agent beside it hears")
        self.victim.wait(lambda: said in str(self.victim.ops("append")[-3:]), "the consumer beside it hears")
        assert (self.bystander.closed, self.victim.closed) == (None, None)
        for path in ("/chats", "/calls"):
            rows = self.client.get(f"/api/v1{path}?sort_direction=DESC&per_page=100", auth=self._auth)
            assert rows.status_code == 200, rows.text
            assert not [row for row in json.loads(rows.text) if "error" in row], "a row that can't be shown"

    def _http(self, door: str, given: Any) -> None:
        if door == "form":
            response = self.client.post("/consumer/chats", data=_encodable(given))
        elif door == "GET":
            response = self.client.get("/api/v1/chats", query_string=_encodable(given), auth=self._auth)
        elif door.startswith("POST"):
            text = given.encode("utf-8", "surrogatepass")
            response = self.client.post(
                f"/api/v1{door[5:]}", data=text, content_type="application/json", auth=self._auth
            )
        else:
            text, own = given.encode("utf-8", "surrogatepass"), {"Origin": self.host.origin}
            response = self.client.post(door, data=text, content_type="application/json", headers=own)
        assert response.status_code < 500, (door, given, response.text)

    def _socket(self, door: str, given: str) -> None:
        page = self._sockets.get(door)
        if page is None or page.closed is not None:
            page = self._sockets[door] = self._connected(door)
        with suppress(ConnectionClosed, OSError):
            page._client.send(given.encode("utf-8", "replace").decode())
        page.hear(0)
        if not page._client.connected:
            self.closed += 1
            page.closed = page.closed or 1006

    def _connected(self, door: str) -> Adapter:
        page = self.host.connect(f"/{door.split(maxsplit=1)[0]}/socket")
        if door.startswith("agent"):
            page.say(op="hello", ticket=self.host.ticket(self.host.eve), adapter="chat", tab="tab-evil", seq=0)
        else:
            page.say(op="hello", ticket=self.host.consumer_ticket(self.own))
        return page

    def _signed(self, given: str) -> None:
        text = jws.serialize_compact(
            {"alg": "HS256"}, given.encode("utf-8", "surrogatepass"), OctKey.import_key(SECRET)
        )
        self._http("form", {"queue": "Developers / James", "custom_data_jwt": text})

    def _settings(self, given: str) -> None:
        problems, _ = commands.lint_text(given)
        "".join(problems).encode()

    def _crm(self, given: str) -> None:
        Crm.body = given.encode("utf-8", "surrogatepass")
        with suppress(CrmAnswerError):
            hits.read(Endpoint(url="http://crm.example/"), Answer(200, {}, Crm.body, 1))
        if self.seen["crm"] % CALL_EVERY:
            return
        self.host.services.runner.run_session(self.host.chat(self.host.james, answered=False))

    def _oauth(self, given: str) -> None:
        answer = Answer(200, {}, given.encode("utf-8", "surrogatepass"), 1)
        granted = oauth_grants.read(OAUTH, answer)
        assert "\n" not in getattr(granted, "access_token", "")


def _settings(crm_port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{crm_port}"
    endpoint = {"url": url, "method": "POST", "parameters": [{"name": "email", "value": "{EMAIL}"}]}
    crm = {
        "type": "custom",
        "allowed_hosts": [f"127.0.0.1:{crm_port}"],
        "page_hosts": [f"127.0.0.1:{crm_port}"],
        "allow_private_addresses": True,
        "account_lookup_url": f"{url}/accounts/{{ACCOUNT_ID}}",
        "record_lookup_url": f"{url}/records/{{RECORD_ID}}",
        "endpoints": {"find_account_by_query": endpoint, "create_account": endpoint, "create_record": endpoint},
    }
    return {"company_secret_jwt": SECRET, "crm": crm}


def _encodable(given: dict[str, str]) -> dict[str, str]:
    """A form's texts as a browser can send them: halves of characters only as JSON escapes."""
    return {name: value.encode("utf-8", "replace").decode() for name, value in given.items()}


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    crm = ThreadingHTTPServer(("127.0.0.1", 0), Crm)
    with served(crm):
        host = LiveHost(tmp_path)
        with host.adapter(host.james) as bystander:
            bystander.act("status", status="Available")
            yield Doors(host, bystander, crm.server_port)
        host.stop()


def drive(doors: Doors, inputs: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    @settings(
        max_examples=-(-inputs // AT_ONCE),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(FORMS, QUERIES, ACTS.map(json.dumps), WRITTEN)
    def run(form: dict[str, str], query: dict[str, str], act: str, written: str) -> None:
        for door, given_there in inputs_of(form, query, act, written):
            doors.knock(door, given_there)

    started = time.monotonic()
    run()
    doors.look()
    took_s = time.monotonic() - started
    with doors.host.services.database.read() as connection:
        counted = connection.execute(select(intents.c.state, func.count()).group_by(intents.c.state))
        states = {row[0]: row[1] for row in counted}
    print(f"{sum(doors.seen.values())} inputs in {took_s:.0f} s, {dict(doors.seen)}")
    print(f"own sockets closed: {doors.closed}; others': 0; answers of 500: 0; steps: {states}")
    assert "Traceback" not in caplog.text
    assert "unexpected error" not in caplog.text
    assert "an error of ours" not in caplog.text


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_bad_input_at_any_door_harms_nobody_else(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    drive(doors, INPUTS, caplog)


@pytest.mark.drill
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_bad_inputs_harm_nobody_else(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    drive(doors, int(os.environ.get("PATCHBAY_DRILL_INPUTS", "100000")), caplog)
