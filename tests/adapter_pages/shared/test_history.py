"""A page gets the end of a conversation, and earlier messages on request."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from adapter_pages.shared.messages import PAGE
from host.sessions import messages
from tests.adapter_pages.browser import FLAGS, executable
from tests.adapter_pages.live import LiveHost
from tests.adapter_pages.test_budgets import HTTPS, a_browser, begin, consumer
from tests.adapter_pages.test_budgets import PAGE as HTML
from tests.host.web.people import PASSWORD, csrf_token

LINES = 120


def test_a_consumers_page_gets_the_last_page_and_the_rest_in_pages(host: LiveHost) -> None:
    browser = a_browser(host)
    begin(browser, "Ada")
    numbers = said(host, 1)
    page = browser.get("/consumer/", base_url=HTTPS, headers=HTML).text

    assert shown(page) == numbers[-PAGE:]
    earlier = browser.get(way(page), base_url=HTTPS).text
    assert shown(earlier) == numbers[-2 * PAGE : -PAGE]
    first = browser.get(way(earlier), base_url=HTTPS).text
    assert shown(first) == numbers[: LINES - 2 * PAGE]
    assert "Earlier messages" not in first


def test_a_socket_tells_the_last_page_and_then_what_is_new(host: LiveHost) -> None:
    session_id = host.chat(host.james, answered=False)
    numbers = said(host, session_id)
    page = consumer(host, session_id)
    page.wait(lambda: len(page.ops("append")) == PAGE + 1, "a page")
    marker, first, *_ = (message["html"] for message in page.ops("append"))
    assert f'data-previous="message-{numbers[-PAGE - 1]}"' in marker
    assert shown(first) == numbers[-PAGE : -PAGE + 1]
    page.act("message", text="new")
    page.wait(lambda: len(page.ops("append")) == PAGE + 2, "what is new")


def test_an_agent_pages_through_their_own_chats_only(host: LiveHost) -> None:
    with host.adapter(host.james) as page:
        page.act("status", status="Available")
        session_id = host.chat(host.james)
        numbers = said(host, session_id)
        answers = []
        for email in ("agent@example.com", "agent2@example.com"):
            browser = host.app.test_client()
            browser.environ_base["wsgi.url_scheme"] = "https"
            form = {"csrf_token": csrf_token(browser), "email": email, "password": PASSWORD}
            browser.post("/sign-in", data=form, headers=HTML, base_url=HTTPS)
            answers.append(browser.get(f"/agent/sessions/{session_id}/messages?before={numbers[60]}", base_url=HTTPS))
    assert [answer.status_code for answer in answers] == [200, 404]
    assert shown(answers[0].text) == numbers[10:60]


def test_a_browser_loads_what_came_before_until_there_is_no_more(host: LiveHost, playwright: Playwright) -> None:
    chromium = playwright.chromium.launch(executable_path=executable(playwright), args=FLAGS)
    page = chromium.new_page()
    page.goto(f"{host.origin}/consumer/")
    page.fill("#consumer-name", "Ada")
    page.click("text=Start chat")
    expect(page.locator("#composer")).to_be_visible()
    numbers = said(host, 1)
    page.reload()

    more = page.locator("[data-earlier]")
    for count in (PAGE, 2 * PAGE, LINES):
        expect(page.locator(".line")).to_have_count(count)
        if count < LINES:
            more.click()

    expect(more).to_have_count(0)
    assert shown(page.locator("#conversation").inner_html()) == numbers
    chromium.close()


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "1e3", "²"])
def test_says_what_before_must_be(host: LiveHost, before: str) -> None:
    browser = a_browser(host)
    begin(browser, "Ada")
    answer = browser.get("/consumer/messages", query_string={"before": before}, base_url=HTTPS)
    assert answer.status_code == 422


def test_nobody_without_a_chat_gets_messages(host: LiveHost) -> None:
    assert a_browser(host).get("/consumer/messages?before=7", base_url=HTTPS).status_code == 401


def said(host: LiveHost, session_id: int) -> list[int]:
    with host.services.database.write() as connection:
        return [
            messages.add(
                connection,
                session_id,
                sender="end_user",
                text=f"line {number}",
                now=host.clock.now() + timedelta(seconds=number),
            )
            for number in range(LINES)
        ]


def shown(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="message-(\d+)"', html)]


def way(html: str) -> str:
    found = re.search(r'data-earlier="([^"]+)"', html)
    assert found, html
    return found[1]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LiveHost]:
    made = LiveHost(tmp_path)
    yield made
    made.stop()
