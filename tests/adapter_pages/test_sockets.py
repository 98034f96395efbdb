"""Reasons for which sockets are refused or closed."""

import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from simple_websocket import ConnectionClosed

from adapter_pages.agent.commands import COMMANDS
from adapter_pages.agent.socket import AgentSockets
from host.sessions import messages, repository
from host.users import sign_ins
from host.web.sockets.page_socket import MAX_BYTES
from tests.adapter_pages.live import SETTINGS, Adapter, LiveHost
from tests.host.web import people

SIGNED_OUT = 4401


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LiveHost]:
    made = LiveHost(tmp_path)
    yield made
    made.stop()


def hello(host: LiveHost, ticket: object, path: str = "/agent/socket", **more: Any) -> Adapter:
    page = host.connect(path)
    page.say(**{"op": "hello", "ticket": ticket, "adapter": "chat", "tab": "tab-one1", "seq": 0, **more})
    return page


@pytest.mark.parametrize("path", ["/agent/socket", "/consumer/socket"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "http://127.0.0.1:1", "http://127.0.0.1"])
def test_a_page_of_another_origin_opens_no_socket(host: LiveHost, path: str, origin: str | None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=5)
    asking = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
    connection.request("GET", path, headers=asking if origin is None else {**asking, "Origin": origin})
    assert connection.getresponse().status == 403
    connection.close()


@pytest.mark.parametrize("path", ["/agent/socket", "/consumer/socket"])
@pytest.mark.parametrize("ticket", [None, "", 7, "made up", {"$ne": ""}])
def test_without_a_valid_ticket_nobody_gets_in(host: LiveHost, path: str, ticket: object) -> None:
    page = hello(host, ticket, path)
    assert page.await_close() in {SIGNED_OUT, 1008}
    assert page.heard == []


def test_a_ticket_is_good_once(host: LiveHost) -> None:
    ticket = host.ticket(host.james)
    first = hello(host, ticket)
    first.await_op("state")
    assert hello(host, ticket).await_close() == SIGNED_OUT
    first.close()


def test_of_two_who_hand_in_the_same_ticket_at_once_one_gets_in(host: LiveHost) -> None:
    ticket = host.ticket(host.james)
    let_in = AgentSockets(host.services)._redeem([ticket, "made up", ticket])
    assert [bearer and bearer.user_id for bearer in let_in] == [host.james, None, None]


def test_a_ticket_is_good_for_thirty_seconds(host: LiveHost) -> None:
    ticket = host.ticket(host.james)
    host.later(30)
    assert hello(host, ticket).await_close() == SIGNED_OUT


def test_a_consumers_ticket_opens_no_adapter_and_an_agents_no_chat(host: LiveHost) -> None:
    session_id = host.chat(host.james, answered=False)
    assert hello(host, host.consumer_ticket(session_id)).await_close() == SIGNED_OUT
    assert hello(host, host.ticket(host.james), "/consumer/socket").await_close() == SIGNED_OUT


def test_what_comes_before_hello_is_refused(host: LiveHost) -> None:
    page = host.connect()
    page.say(op="act", id="1", name="status", args={"status": "Offline"})
    assert page.await_close() == 1008


@pytest.mark.parametrize("op", ["hello", "alive", "post", "", None, ["act"]])
def test_an_unknown_word_closes(host: LiveHost, op: object) -> None:
    with host.adapter(host.james) as page:
        page.say(op=op)
        assert page.await_close() == 1008


def test_a_message_of_65_kib_closes_and_one_just_below_does_not(host: LiveHost) -> None:
    with host.adapter(host.james) as page:
        page.say(op="ack", id="x" * (MAX_BYTES - 100))
        assert page.act("status", status="Break")["op"] == "done"
        page.say(op="ack", id="x" * 65 * 1024)
        assert page.await_close() == 1009


def test_a_flood_closes_and_the_host_goes_on(host: LiveHost) -> None:
    with host.adapter(host.james) as flooding, host.adapter(host.eve) as other:
        with suppress(OSError, ConnectionClosed):
            for number in range(5000):
                flooding.say(op="act", id=f"a{number}", name="status", args={})
        assert flooding.await_close() in {1006, 1008}
        assert other.act("status", status="Break") == {"op": "done", "id": other.ops("done")[-1]["id"]}


@pytest.mark.parametrize("garbage", [b"\x81\xfe", b"\xff" * 64, b"\x81\x05hello", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_websocket_ends_the_connection(host: LiveHost, garbage: bytes) -> None:
    with host.adapter(host.james) as page:
        page._client.sock.sendall(garbage)
        with suppress(OSError):  # the server may have closed it already
            page._client.sock.shutdown(socket.SHUT_WR)
        page.wait(lambda: page.closed is not None, "closed")
        page.wait(lambda: host.services.hub.count() == 0, "its thread has ended")


def test_an_act_on_another_agents_session_is_refused_whatever_it_is(host: LiveHost) -> None:
    with host.adapter(host.james) as james:
        james.act("status", status="Available")
        session_id = host.chat(host.james)
        with host.adapter(host.eve, "tab-eve1") as eve:
            for name in COMMANDS.keys() - {"status"}:
                args = {"session_id": session_id, "text": "mine now", "step": "account", "delivered": 1, "seen": 1}
                answer = eve.act(name, **args)
                # Declining what isn't offered to you does nothing at all. The arguments that each command takes are
                # in tests/adapter_pages/agent/test_commands.py.
                refusals = {"not_allowed", "transition", "not_found", "fields"}
                assert name in {"decline", "set_record"} or answer["error"]["error"] in refusals, name
            assert "mine now" not in json.dumps(james.heard)
            james.hear(0.2)
        assert {message["op"] for message in eve.heard} <= {"state", "panels", "regions", "post", "passed", "done"}
        assert "Ada" not in json.dumps(eve.heard)
    with host.services.database.read() as connection:
        session = repository.get(connection, session_id)
        assert (session.agent_id, session.status) == (host.james, "ongoing")
        assert messages.of_session(connection, session_id) == []


@pytest.mark.parametrize(
    "args",
    [{}, {"session_id": "1"}, {"session_id": -1}, {"session_id": 10**9}, {"session_id": None}, {"session_id": True}],
)
def test_an_act_on_no_session_says_what_is_wrong(host: LiveHost, args: dict[str, Any]) -> None:
    with host.adapter(host.james) as page:
        for name in COMMANDS.keys() - {"status"}:
            answer = page.act(name, **args, step="account", text="x", record_id="7")
            assert answer.get("error", {}).get("message"), name


def ticket_of(browser: FlaskClient) -> str:
    given = browser.post("/agent/ticket", headers={"X-CSRF-Token": people.csrf_token(browser)}).json
    assert given
    return str(given["ticket"])


def test_signing_out_closes_the_sockets_of_that_browser_only(host: LiveHost) -> None:
    here, there = host.app.test_client(), host.app.test_client()
    people.sign_in(here)
    people.sign_in(there)
    with (
        host.adapter(host.james, "tab-here", ticket=ticket_of(here)) as first,
        host.adapter(host.james, "tab-here", ticket=ticket_of(here), adapter="call") as second,
        host.adapter(host.james, "tab-ther", ticket=ticket_of(there)) as other,
    ):
        people.post(here, "/sign-out")
        assert first.await_close() == SIGNED_OUT
        assert second.await_close() == SIGNED_OUT
        assert other.act("status", status="Break") == {"op": "done", "id": other.ops("done")[-1]["id"]}
        assert other.closed is None


def test_ending_another_browsers_sign_in_closes_its_sockets_only(host: LiveHost) -> None:
    here, there = host.app.test_client(), host.app.test_client()
    people.sign_in(there)
    host.later(60)
    people.sign_in(here)
    with (
        host.adapter(host.james, "tab-here", ticket=ticket_of(here)) as kept,
        host.adapter(host.james, "tab-ther", ticket=ticket_of(there)) as ended,
    ):
        names = re.findall(r"/sign-ins/(\w+)/end", here.get("/sign-ins", headers=people.PAGE).text)
        with there.session_transaction() as session:
            name = sign_ins.hash_token(session["token"])[: sign_ins.NAME_LENGTH]
        assert name in names
        assert people.post(here, f"/sign-ins/{name}/end").status_code == 303
        assert ended.await_close() == SIGNED_OUT
        assert "error" not in kept.act("status", status="Break")


def test_signing_out_everywhere_closes_all(host: LiveHost) -> None:
    here, there = host.app.test_client(), host.app.test_client()
    people.sign_in(here)
    people.sign_in(there)
    with (
        host.adapter(host.james, "tab-here", ticket=ticket_of(here)) as one,
        host.adapter(host.james, "tab-ther", ticket=ticket_of(there)) as other,
        host.adapter(host.eve) as eve,
    ):
        people.post(here, "/sign-out-everywhere")
        assert one.await_close() == SIGNED_OUT
        assert other.await_close() == SIGNED_OUT
        assert "error" not in eve.act("status", status="Break")


def test_who_is_no_agent_any_more_is_signed_out_at_once(host: LiveHost) -> None:
    with host.adapter(host.james) as page:
        user = {"email": "agent@example.com", "name": "James", "roles": ["admin"]}
        host.services.settings.import_file({**SETTINGS, "users": [user]})
        assert page.await_close() == SIGNED_OUT


def test_a_sign_in_that_has_run_out_closes_its_sockets(host: LiveHost) -> None:
    with host.adapter(host.james) as page:
        host.later(12 * 3600)
        page.say(op="act", id="1", name="status", args={"status": "Break"})  # its change wakes the socket
        assert page.await_close() == SIGNED_OUT


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (r'"\ud800"', "text"),
        (r'"a\u0000b"', "text"),
        ("1e999", "text"),
        ("9" * 30, "text"),
        ("[" * 40 + "]" * 40, "args"),
    ],
)
def test_an_act_that_holds_what_no_text_may_is_answered_and_the_connection_goes_on(
    host: LiveHost, text: str, field: str
) -> None:
    with host.adapter(host.james) as page:
        page._client.send(f'{{"op": "act", "id": "a1", "name": "message", "args": {{"text": {text}}}}}')
        told = page.await_op("done")
        assert (told["id"], told["error"]["error"]) == ("a1", "fields")
        assert field in told["error"]["message"]
        assert "error" not in page.act("status", status="Break")


@pytest.mark.parametrize("text", ["[" * 30_000, r'{"op": "\ud800"}', '{"op": "used", "op": "ack"}', '"x"'])
def test_what_is_no_message_closes_its_own_connection_only(host: LiveHost, text: str) -> None:
    with host.adapter(host.james) as page, host.adapter(host.eve, tab="tab-two2") as other:
        page._client.send(text)
        assert page.await_close() == 1008
        assert "error" not in other.act("status", status="Break")


def test_both_sides_see_who_writes_and_what_was_seen(host: LiveHost) -> None:
    with host.adapter(host.james) as james:
        james.act("status", status="Available")
        session_id = host.chat(host.james)
        consumer = host.connect("/consumer/socket")
        consumer.say(op="hello", ticket=host.consumer_ticket(session_id))
        consumer.await_op("state")
        consumer.act("typing")
        assert james.await_op("typing") == {"op": "typing", "session_id": session_id}
        james.act("typing", session_id=session_id)
        assert consumer.await_op("typing") == {"op": "typing", "session_id": session_id}
        james.act("message", session_id=session_id, text="Hello")
        shown = consumer.await_op("append")
        message_id = int(shown["id"].removeprefix("message-"))
        consumer.act("read", delivered=message_id, seen=message_id)

        def told(words: str) -> bool:
            return any(words in str(message["html"]) for message in james.ops("regions"))

        james.wait(lambda: told("Seen"), "seen")
        consumer.close()
        james.wait(lambda: told("Left the page"), "left")
