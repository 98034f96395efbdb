"""The CRM for listeners: from a vendor's file through the airlock to our own server, on both interpreters."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.static.conftest import Place, Watch
from tests.static.test_airlock import CHAT, adapter, open_shell, post
from tests.static.test_vendors import STARTS_WITHIN_MS

LOOK_UP = """
from patchbay import CrmError, on

@on("New_Chat")
async def look_up(event, shell):
    account = await shell.crm.find_account(phone="+1 222")
    shell.notify(account["name"] + " has " + str(account["id"]))
    try:
        await shell.crm.add_comment(7, "seen")
    except CrmError as error:
        shell.log("refused", error.code + ", " + str(error.retryable) + ": " + error.message)
"""
LARGE_ID = 9007199254740991
TOLD = {"error": "crm_timeout", "message": "timed out after 5 s", "status": 504, "retryable": True}


@pytest.mark.parametrize("runtime", ["micropython", "pyodide"])
def test_a_listener_asks_the_crm(shell: Page, place: Place, watch: Watch, runtime: str) -> None:
    asked: list[Request] = []

    def answer(route: Route) -> None:
        asked.append(route.request)
        is_find = route.request.method == "GET"
        found = {"items": [{"id": LARGE_ID, "name": "James Bond"}]}
        route.fulfill(status=200 if is_find else 504, json=found if is_find else TOLD)

    shell.route("**/api/crm/**", answer)
    place.runtime, place.vendors = runtime, {"mine": LOOK_UP}
    shell.goto(f"{place.shell}/shell/")
    expect(shell.locator("#listener-state")).to_have_text("Listening", timeout=STARTS_WITHIN_MS[runtime])
    post(adapter(shell), {"type": "New_Chat", "data": CHAT})
    expect(shell.locator("#notice")).to_have_text(f"James Bond has {LARGE_ID}")
    expect(shell.get_by_role("log", name="Events")).to_contain_text("refused")
    shell.get_by_role("log", name="Events").get_by_text("refused").click()
    expect(shell.get_by_role("log", name="Events")).to_contain_text("crm_timeout, True: timed out after 5 s")
    assert [(one.method, one.url.removeprefix(place.shell)) for one in asked] == [
        ("GET", "/api/crm/accounts?phone=%2B1%20222"),
        ("POST", "/api/crm/records/7/comments"),
    ]
    assert {one.headers["x-csrf-token"] for one in asked} == {"page-token"}
    assert json.loads(asked[1].post_data or "") == {"text": "seen"}
    # The CRM's 504 stands in the console; so does a preload, when a busy machine takes longer than it waits.
    assert [problem for problem in watch.problems if "504" not in problem and "preload" not in problem] == []


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("GET", "/portal/settings/developer", "only /api/crm/"),
        ("GET", "/api/crm/../../portal", "only /api/crm/"),
        ("GET", "https://evil.example/api/crm/accounts", "only /api/crm/"),
        ("GET", "//evil.example/api/crm/accounts", "only /api/crm/"),
        ("DELETE", "/api/crm/accounts/1", "found the method DELETE"),
        ("GET", "http://[", "can't be reached"),
    ],
)
def test_nothing_but_the_crm_can_be_asked(shell: Page, place: Place, method: str, path: str, says: str) -> None:
    open_shell(shell, place)
    made: list[str] = []
    shell.on("request", lambda request: made.append(request.url))
    answer = fetched(shell, method, path)
    assert (answer["status"], answer["body"]["error"]) == (0, "unreachable")
    assert says in answer["body"]["message"]
    assert made == []


def test_a_server_that_cannot_be_reached_is_an_answer_too(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    shell.route("**/api/crm/**", lambda route: route.abort())
    assert fetched(shell, "GET", "/api/crm/accounts/1")["body"]["retryable"] is True


@pytest.mark.parametrize("body", ["<h1>Maintenance</h1>", '"' + "x" * 524_288 + '"'])
def test_an_answer_that_python_cannot_take_does_not_reach_it(shell: Page, place: Place, body: str) -> None:
    open_shell(shell, place)
    shell.route("**/api/crm/**", lambda route: route.fulfill(body=body))
    assert fetched(shell, "GET", "/api/crm/accounts/1")["status"] == 0


def fetched(page: Page, method: str, path: str) -> Any:
    return json.loads(page.evaluate("([method, path]) => window.bus.fetch(method, path, '')", [method, path]))
