"""More pages may embed us than one header can name: the browser says which page it is."""

from functools import partial
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from e2e.foreign.site import ForeignSite
from e2e.pages.chat_adapter import ChatAdapter
from e2e.pages.sign_in import SignInPage
from e2e.product import Product
from e2e.waiting import eventually

OTHERS = [f"https://department-{number}.customer-relations.company.example" for number in range(150)]


@pytest.fixture(autouse=True)
def many(product: Product, site: ForeignSite) -> None:
    def change(document: dict[str, Any]) -> None:
        document["embedding"]["allowed_origins"] = [*OTHERS, site.url]

    product.change_settings(change)
    eventually(partial(_names, product.url, OTHERS[0]), what="the new settings")
    assert not _names(product.url, site.url)


def test_the_last_on_the_list_embeds_us_too_and_signs_in(page: Page, chat: ChatAdapter, site: ForeignSite) -> None:
    page.goto(f"{site.url}/strict/reference.html")
    SignInPage(chat.frame).sign_in("agent@example.com")
    expect(chat.status).to_be_visible()
    expect(page.frame_locator('iframe[name="call_adapter"]').get_by_role("combobox", name="Status")).to_be_visible()


def _names(url: str, origin: str) -> bool:
    policy = requests.get(f"{url}/agent/?type=chat", timeout=5).headers["Content-Security-Policy"]
    return origin in policy.split()
