"""Budgets of consumers, agents and addresses, in the whole application and its sockets."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from host.db.tables import messages, sessions
from host.refusals import refusals
from host.sessions.chats import NewChat
from tests.adapter_pages.live import SETTINGS, Adapter, LiveHost
from tests.adapter_pages.test_sockets import hello

HTTPS = "https://localhost"
PAGE = {"Accept": "text/html"}
BUDGETS = {
    "chats_per_browser": 2,
    "chats_per_address": 4,
    "messages_per_minute": 3,
    "bytes_per_minute": 100,
    "agent_acts_per_minute": 2,
    "tickets_per_minute": 2,
    "consumer_sockets": 4,
    "sockets_per_agent": 2,
}


def test_a_browser_begins_so_many_chats_and_is_told_when_it_may_go_on(host: LiveHost) -> None:
    browser = a_browser(host)
    assert [begin(browser, name).status_code for name in ("Ada", "Bea")] == [303, 303]
    before = refusals.counts().get("chats_per_browser", 0)

    refused = begin(browser, "Cleo")

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "600"
    assert "Too many chats were started in this browser. Wait 10 minutes, then try again." in refused.text
    assert 'value="Cleo"' in refused.text
    assert count(host, sessions) == 2
    assert refusals.counts()["chats_per_browser"] == before + 1
    host.later(601)
    assert begin(browser, "Cleo").status_code == 303


def test_a_form_that_is_sent_again_is_no_new_chat(host: LiveHost) -> None:
    browser = a_browser(host)
    form = a_form(browser, "Ada")
    for _ in range(4):
        assert browser.post("/consumer/chats", data=form, base_url=HTTPS, headers=PAGE).status_code == 303
    assert count(host, sessions) == 1


def test_browsers_of_one_address_share_a_budget_and_others_have_their_own(host: LiveHost) -> None:
    answers = [begin(a_browser(host), f"Ada {number}").status_code for number in range(5)]
    assert answers == [303, 303, 303, 303, 429]
    assert begin(a_browser(host, "192.0.2.9"), "Bea").status_code == 303
    assert begin(a_browser(host, "2001:db8::1"), "Cleo").status_code == 303


def test_programs_get_a_refusal_as_json(host: LiveHost) -> None:
    browser = a_browser(host)
    answers = [
        browser.post(
            "/consumer/chats",
            json={"queue": "Developers / James", "name": str(number)},
            base_url=HTTPS,
            headers={"X-CSRF-Token": a_form(browser, "x")["csrf_token"]},
        )
        for number in range(3)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].json is not None
    assert answers[-1].json["error"] == "too_many"
    assert answers[-1].headers["Retry-After"] == "600"


@pytest.mark.parametrize(
    ("blocked", "given", "address"),
    [
        ({"addresses": ["192.0.2.0/24"]}, {}, "192.0.2.9"),
        ({"addresses": ["192.0.2.9"]}, {}, "::ffff:192.0.2.9"),
        ({"addresses": ["2001:db8::/32"]}, {}, "2001:db8:5::1"),
        ({"emails": ["Ada@Example.com"]}, {"email": "ada@example.com"}, "127.0.0.1"),
        ({"emails": ["@example.com"]}, {"email": "bea@EXAMPLE.com"}, "127.0.0.1"),
        ({"phones": ["+1 222 333 4444"]}, {"phone": "(222) 333-4444"}, "127.0.0.1"),
        ({"phones": ["222.333.4444"]}, {"phone": "+12223334444"}, "127.0.0.1"),
    ],
)
def test_the_blocked_start_no_chat(
    host: LiveHost, blocked: dict[str, Any], given: dict[str, str], address: str
) -> None:
    form = a_form(a_browser(host), "Ada")
    host.services.settings.import_file({**SETTINGS, "budgets": {"blocked": blocked}})
    browser = a_browser(host)
    form = a_form(browser, "Ada")
    browser.environ_base["REMOTE_ADDR"] = address

    refused = browser.post("/consumer/chats", data={**form, **given}, base_url=HTTPS, headers=PAGE)

    assert refused.status_code == 403
    assert "You can&#39;t chat with us from here" in refused.text
    assert count(host, sessions) == 0


def test_others_than_the_blocked_do_start_one(host: LiveHost) -> None:
    blocked = {"addresses": ["192.0.2.0/24"], "emails": ["@example.com"], "phones": ["+12223334444"]}
    host.services.settings.import_file({**SETTINGS, "budgets": {"blocked": blocked}})
    browser = a_browser(host)
    form = {**a_form(browser, "Ada"), "email": "ada@other.example", "phone": "+12223334445"}
    assert browser.post("/consumer/chats", data=form, base_url=HTTPS, headers=PAGE).status_code == 303


def test_a_consumer_writes_so_many_messages_a_minute(host: LiveHost) -> None:
    page = consumer(host, session_id := a_chat(host))
    answers = [page.act("message", text=f"line {number}") for number in range(5)]
    assert ["error" in answer for answer in answers] == [False, False, False, True, True]
    assert answers[-1]["error"]["error"] == "too_many"
    assert answers[-1]["error"]["retryable"]
    assert count(host, messages, messages.c.session_id == session_id) == 3
    assert "error" not in consumer(host, a_chat(host, "bea@example.com")).act("message", text="mine")


def test_a_consumer_writes_so_many_bytes_a_minute(host: LiveHost) -> None:
    page = consumer(host, a_chat(host))
    assert "error" not in page.act("message", text="ü" * 40)
    assert page.act("message", text="ü" * 11)["error"]["message"].startswith("That was too much text at once.")
    assert "error" not in page.act("message", text="ü" * 10)


def test_an_agent_does_so_much_a_minute(host: LiveHost) -> None:
    with host.adapter(host.james) as page:
        answers = [page.act("status", status=status) for status in ("Break", "Available", "Break")]
    assert ["error" in answer for answer in answers] == [False, False, True]


def test_of_too_many_pages_of_a_chat_the_oldest_closes(host: LiveHost) -> None:
    session_id = a_chat(host)
    pages = [consumer(host, session_id) for _ in range(4)]
    assert pages[0].await_close() == 4429
    for page in pages[1:]:
        assert "error" not in page.act("message", text="here")


def test_of_too_many_adapters_of_an_agent_the_oldest_closes(host: LiveHost) -> None:
    pages = []
    for number in range(3):
        pages.append(hello(host, host.ticket(host.james), tab=f"tab-{number}-xx"))
        pages[-1].await_op("state")
    assert pages[0].await_close() == 4429
    assert "error" not in pages[2].act("status", status="Break")


def test_consumers_leave_room_for_agents(host: LiveHost) -> None:
    chats = [a_chat(host, f"{number}@example.com") for number in range(5)]
    for session_id in chats[:4]:
        consumer(host, session_id)
    one_more = hello(host, host.consumer_ticket(chats[4]), "/consumer/socket")
    assert one_more.await_close() == 1013
    with host.adapter(host.james) as page:
        assert "error" not in page.act("status", status="Break")


def test_a_page_asks_for_so_many_connections(host: LiveHost) -> None:
    browser = a_browser(host)
    begin(browser, "Ada")
    headers = {"X-CSRF-Token": a_token(browser)}
    answers = [browser.post("/consumer/ticket", base_url=HTTPS, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_a_chat_becomes_so_long_by_page_or_gateway(host: LiveHost) -> None:
    host.services.settings.import_file({**SETTINGS, "budgets": {"messages_per_chat": 2, "bytes_per_chat": 20}})
    session_id, other = a_chat(host), a_chat(host, "bea@example.com")
    gateway = host.app.test_client()
    for text in ("one", "two", "three"):
        answer = gateway.post(f"/api/v1/chats/{session_id}/message", json={"text": text}, auth=key(host))
    assert answer.status_code == 429
    assert consumer(host, session_id).act("message", text="four")["error"]["error"] == "too_many"
    answer = gateway.post(f"/api/v1/chats/{other}/message", json={"text": "x" * 21}, auth=key(host))
    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["message"].startswith("There is too much text in this chat")
    assert count(host, messages) == 2


def test_a_key_begins_so_many_sessions_a_minute(host: LiveHost) -> None:
    host.services.settings.import_file({**SETTINGS, "budgets": {"chats_per_key": 2}})
    gateway = host.app.test_client()
    chat = {"chat_type": "messaging_web", "queue": "Developers / James", "end_user": {"name": "Ada"}}
    answers = [gateway.post("/api/v1/chats", json=chat, auth=key(host)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]


def a_browser(host: LiveHost, address: str = "127.0.0.1") -> FlaskClient:
    browser = host.app.test_client()
    browser.environ_base["REMOTE_ADDR"] = address
    return browser


def a_form(browser: FlaskClient, name: str) -> dict[str, str]:
    browser.post("/consumer/new", data={"csrf_token": a_token(browser)}, base_url=HTTPS, headers=PAGE)
    page = browser.get("/consumer/", base_url=HTTPS, headers=PAGE).text
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found, page
    return {"csrf_token": a_token(browser), "form_key": found[1], "queue": "Developers / James", "name": name}


def a_token(browser: FlaskClient) -> str:
    page = browser.get("/consumer/", base_url=HTTPS, headers=PAGE).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def begin(browser: FlaskClient, name: str) -> TestResponse:
    return browser.post("/consumer/chats", data=a_form(browser, name), base_url=HTTPS, headers=PAGE)


def a_chat(host: LiveHost, email: str = "ada@example.com") -> int:
    return host.services.chats.start(NewChat(queue="Developers / James", name="Ada", email=email))[0].id


def consumer(host: LiveHost, session_id: int) -> Adapter:
    page = hello(host, host.consumer_ticket(session_id), "/consumer/socket")
    page.await_op("state")
    return page


def key(host: LiveHost) -> tuple[str, str]:
    from host.company import company_key

    ours = company_key(host.services.config)
    return ours.key, ours.secret


def count(host: LiveHost, table: Any, where: Any = True) -> int:
    with host.services.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table).where(where)).scalar_one())


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LiveHost]:
    made = LiveHost(tmp_path)
    made.services.settings.import_file({**SETTINGS, "budgets": BUDGETS})
    yield made
    made.stop()
