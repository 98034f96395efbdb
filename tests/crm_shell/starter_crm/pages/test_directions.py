"""Free text takes its own direction, and turns nothing around that stands beside it."""

from collections.abc import Mapping

import requests
from playwright.sync_api import Playwright, expect

from tests.adapter_pages.browser import FLAGS, executable
from tests.crm_shell.starter_crm.conftest import Served
from tests.reading_order import NASTY, out_of_order

PAGES = ("/records/{record}", "/accounts/{account}", "/", "/?q={text}")


def test_no_text_turns_a_page_around(served: Served, playwright: Playwright) -> None:
    browser = playwright.chromium.launch(executable_path=executable(playwright), args=FLAGS)
    page = browser.new_page()
    for text in NASTY:
        account, record = fill(served, text)
        for path in PAGES:
            page.goto(served.url + path.format(account=account, record=record, text=text))
            assert out_of_order(page) == [], (path, ascii(text))
    page.goto(f"{served.url}/records/{record}")
    expect(page.locator(".comment .body")).to_have_css("direction", "rtl")
    browser.close()


def fill(served: Served, text: str) -> tuple[int, int]:
    """Make an account, a record, a comment and a file that hold `text` wherever there is text."""
    details = {"name": f"{text} 4", "phone": f"{text} 1", "external_id": text, text: f"{text} 12"}
    account = post(served, "/api/accounts", details)["account"]["id"]
    about = {"account_id": account, "subject": f"{text} 7", "description": text, "priority": text, "feedback": text}
    record = post(served, "/api/records", about)["record"]["id"]
    post(served, f"/api/records/{record}/comments", {"body": f"{text} 12 and so on"})
    return account, record


def post(served: Served, path: str, body: Mapping[str, object]) -> dict[str, dict[str, int]]:
    answer = requests.post(served.url + path, json=body, headers=served.headers, timeout=60)
    answer.raise_for_status()
    found: dict[str, dict[str, int]] = answer.json()
    return found
