"""Pages that never connect: behind a proxy that doesn't pass on WebSockets, or without a server."""

import re

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.adapter_pages.browser import CHAT, Script, Watch, connected, sign_in_as_agent, wait_until

LOST = "Connection lost"


def test_a_socket_that_never_comes_up_says_what_to_look_at(page: Page, url: str, watch: Watch) -> None:
    handshakes: list[str] = []
    page.on("websocket", lambda socket: handshakes.append(socket.url))
    page.goto(url + CHAT)  # what serves here knows no WebSockets
    sign_in_as_agent(page)
    bar = page.locator("#connection")
    expect(bar).to_contain_text("No connection could be made")
    expect(bar).not_to_contain_text(LOST)
    expect(bar).to_contain_text("Tell your admin.")
    expect(bar.get_by_text("Upgrade")).to_be_hidden()
    bar.get_by_text("For the admin").click()
    expect(bar.get_by_text("Upgrade")).to_be_visible()

    wait_until(page, lambda: len(handshakes) > 3, "it still tries")
    expect(bar.get_by_text("Upgrade")).to_be_visible()  # nothing is folded up again under the reader's eyes
    Script(page, "/agent/socket")
    connected(page)
    expect(bar).to_be_hidden()


def test_it_is_said_after_the_third_failure_not_before(page: Page, url: str) -> None:
    sockets: list[WebSocketRoute] = []

    def close_the_first_two(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if len(sockets) < 3:
            socket.close()

    page.route_web_socket(re.compile("/agent/socket$"), close_the_first_two)
    page.goto(url + CHAT)
    sign_in_as_agent(page)
    wait_until(page, lambda: len(sockets) == 3, "the third try")
    expect(page.locator("#connection")).to_contain_text(LOST)
    sockets[2].close()
    expect(page.locator("#connection")).to_contain_text("No connection could be made")


def test_a_connection_that_was_there_is_lost_however_often_it_fails(
    adapter: Page, script: Script, watch: Watch
) -> None:
    adapter.route("**/agent/ticket", lambda route: route.abort())
    script.cut()
    bar = adapter.locator("#connection")
    wait_until(adapter, lambda: sum("ERR_FAILED" in each for each in watch.problems) >= 3, "tried in vain three times")
    expect(bar).to_contain_text(LOST)
    adapter.unroute("**/agent/ticket")
    expect(bar).to_contain_text("Reconnected")


def test_a_server_that_answers_no_more_is_named_as_such(page: Page, url: str, script: Script) -> None:
    page.route("**/agent/ticket", lambda route: route.fulfill(status=503))
    page.goto(url + CHAT)
    sign_in_as_agent(page)
    bar = page.locator("#connection")
    expect(bar).to_contain_text("No connection could be made")
    bar.get_by_text("For the admin").click()
    expect(bar).to_contain_text("the server doesn't answer any more")
    page.unroute("**/agent/ticket")
    connected(page)


def test_a_consumer_is_told_without_the_admins_words(page: Page, url: str, watch: Watch) -> None:
    page.goto(f"{url}/consumer/?name=Ada+Lovelace")
    page.get_by_role("button", name="Start chat").click()
    bar = page.locator("#connection")
    expect(bar).to_have_text("This chat can't connect just now. Still trying…")
    assert any("Upgrade" in problem for problem in watch.problems)  # in the console, for whoever runs the site
