"""axe finds nothing serious in any state of the call adapter, at its own size and narrower, light and dark."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.conftest import NewContext
from e2e.pages.shell import ShellPage
from e2e.pages.sign_in import SignInPage
from e2e.product import Product
from e2e.test_accessibility import check

SIZES = [(290, 600), (320, 600), (160, 300)]
"""The suggested frame; a phone; that phone at 200 % zoom."""
SHOTS = os.environ.get("PATCHBAY_SCREENSHOTS")
FELIX = {"queue": "Developers / James", "end_user": {"name": "Felix Leiter", "phone": "+12125550461"}}


@pytest.fixture
def adapter(agent_context: BrowserContext, product: Product) -> Page:
    """The call adapter in a window of its own, with James Bond available, and a link to the CRM's search."""
    search = f"{product.crm.url}/accounts?phone={{ANI}}"
    product.change_settings(lambda document: document.update(lookup_urls={"phone": search}))
    page = agent_context.new_page()
    page.set_viewport_size({"width": 290, "height": 600})
    page.goto("/agent/?type=call&from=custom")
    SignInPage(page).sign_in("agent@example.com")
    page.get_by_role("combobox", name="Status").select_option("Available")
    return page


@pytest.fixture
def eve(new_context: NewContext, product: Product) -> Iterator[ShellPage]:
    """Eve Moneypenny, whom a call can be transferred to."""
    page = ShellPage(new_context(base_url=product.url).new_page())
    page.sign_in("agent2@example.com")
    page.call.status.select_option("Break")
    yield page
    page.page.close()


def look(page: Page, state: str) -> None:
    """Check one state in every size and colour."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            check(page.main_frame, f"{state}, {width} px, {scheme}")
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/call-{state}-{width}-{scheme}.png")
        overflow = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{state}, {width} px: the page is wider than the window"
    page.set_viewport_size({"width": 290, "height": 600})


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_every_state_of_the_call_adapter(adapter: Page, eve: ShellPage, product: Product) -> None:
    look(adapter, "idle")

    product.start_call(**FELIX)
    expect(adapter.get_by_role("button", name="Answer")).to_be_visible()
    look(adapter, "offer")
    expect(adapter.get_by_role("button", name="Answer")).to_be_visible()
    press(adapter, "Answer")
    expect(adapter.get_by_role("link", name="Open record")).to_be_visible()
    eve.call.status.select_option("Available")
    look(adapter, "connected")

    for name in ("Hold", "Mute", "Pause recording"):
        press(adapter, name)
    expect(adapter.get_by_role("button", name="Resume recording")).to_be_visible()
    look(adapter, "on-hold")

    for name, close in (("Keypad", "Close"), ("Transfer", "Cancel"), ("Add party", "Cancel")):
        press(adapter, name)
        dialog: Any = adapter.get_by_role("dialog")
        expect(dialog).to_be_visible()
        look(adapter, name.lower().replace(" ", "-"))
        press(adapter, close)
        expect(adapter.get_by_role("button", name=name, exact=True)).to_be_focused()

    press(adapter, "Add party")
    party = adapter.get_by_role("combobox", name="Party")
    party.select_option(label="Eve Moneypenny · Available")
    press(adapter, "Add")
    expect(adapter.get_by_role("list", name="Also in this call")).to_contain_text("Eve Moneypenny")
    look(adapter, "parties")

    press(adapter, "End call")
    expect(adapter.get_by_role("button", name="Finish wrap-up")).to_be_visible()
    look(adapter, "wrap-up")
    press(adapter, "Finish wrap-up")
    expect(adapter.get_by_role("group", name="Last calls")).to_contain_text("Felix Leiter")
    look(adapter, "last-calls")
