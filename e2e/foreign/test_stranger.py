"""A site that is on no list frames nothing of ours: no page, no error, no redirect, no file."""

import json
import re

import pytest
import requests
from playwright.sync_api import Page, expect

from e2e.conftest import NewContext
from e2e.foreign.conftest import allow, frame_of
from e2e.foreign.site import ForeignSite
from e2e.pages.sign_in import SignInPage
from e2e.product import Product
from e2e.waiting import eventually

BLOCKED = "chrome-error://chromewebdata/"

PATHS = (
    "/",
    "/?next=/shell/",
    "/agent/?type=chat&from=custom",
    "/agent/?type=none",  # refused, 400
    "/agent",  # redirect to /agent/
    "/agent/none",  # 404
    "/agent/ticket",  # 405
    "/agent/sessions/1/trace",  # redirect to the sign-in
    "/shell/",  # as above
    "/shell",
    "/consumer/",
    "/consumer/none",
    "/consumer/?custom_data=broken",
    "/sign-in",  # 405
    "/sign-in/popup",  # 400
    "/sign-in/popup?nonce=0123456789abcdef",
    "/sign-in/code",
    "/portal/none",
    "/none",
    "/api/crm/none",
    "/healthz",
    "/readyz",
    "/embed.js",
    "/consumer.js",
    "/static/none.js",
    f"/?{'x' * 9000}",  # refused before the application
)


@pytest.fixture
def asset(product: Product) -> str:
    """One of our files."""
    found = re.search(r'"(/static/[^"]+base\.css)"', requests.get(product.url, timeout=5).text)
    assert found
    return found[1]


def test_a_stranger_frames_nothing(
    new_context: NewContext, product: Product, site: ForeignSite, stranger: ForeignSite, asset: str
) -> None:
    page = new_context().new_page()
    paths = [*PATHS, asset]
    stranger.pages["frames.html"] = _frames(paths)
    page.goto(f"{stranger.url}/lax/frames.html")

    urls = eventually(lambda: _settled(page, len(paths)), what="all frames have been answered")
    assert dict(zip(paths, urls, strict=True)) == dict.fromkeys(paths, BLOCKED)


def test_who_is_on_the_list_frames_adapters_and_consumer_page_and_nothing_else(
    new_context: NewContext, product: Product, site: ForeignSite
) -> None:
    page = new_context().new_page()
    shown = [
        "/agent/?type=chat&from=custom",
        "/agent/?type=none",
        "/agent/none",
        "/shell/",
        "/consumer/",
        "/consumer/none",
    ]
    refused = ["/portal/none", "/none", "/healthz", "/sign-in/popup?nonce=0123456789abcdef"]
    site.pages["frames.html"] = _frames([*shown, *refused])
    page.goto(f"{site.url}/lax/frames.html")

    urls = eventually(lambda: _settled(page, len(shown) + len(refused)), what="all frames have been answered")
    assert [url.startswith(product.url) for url in urls[: len(shown)]] == [True] * len(shown)
    assert urls[len(shown) :] == [BLOCKED] * len(refused)


def test_a_stranger_inside_an_allowed_page_frames_nothing_either(
    new_context: NewContext, site: ForeignSite, stranger: ForeignSite
) -> None:
    stranger.pages["inner.html"] = _frames(["/agent/?type=chat&from=custom"])
    site.pages["outer.html"] = (
        f'<!doctype html><title>outer</title><iframe src="{stranger.url}/lax/inner.html"></iframe>'
    )
    page = new_context().new_page()
    page.goto(f"{site.url}/lax/outer.html")
    expect(page.frame_locator("iframe").locator("iframe")).to_have_count(1)

    eventually(lambda: page.frames[-1].url == BLOCKED, what="blocked")


def test_a_record_that_the_crm_lets_nobody_around_us_frame_is_explained(
    new_context: NewContext, product: Product, site: ForeignSite
) -> None:
    """The CRM knows us, but not the page that embeds us: the browser asks about both."""
    with ForeignSite(product.url, product.crm.url).running() as unknown_to_crm:
        allow(product, unknown_to_crm.url)
        page = new_context().new_page()
        page.goto(f"{unknown_to_crm.url}/strict/shell.html")
        shell = page.frame_locator('iframe[name="patchbay_shell"]')
        SignInPage(shell).sign_in("agent@example.com")
        expect(shell.locator("#listener-state")).to_have_text("Listening", timeout=20_000)
        pop = {"type": "CRM_Record_Pop", "data": {"recordUrl": f"{product.crm.url}/accounts/1"}}
        frame_of(page, "type=chat").evaluate(
            "([text, to]) => parent.postMessage(text, to)", [json.dumps(pop), product.url]
        )

        panel = shell.get_by_role("tabpanel", name="accounts 1")
        expect(panel).to_contain_text(f"forbids it to {unknown_to_crm.url} (Content-Security-Policy: frame-ancestors)")
        expect(panel.get_by_role("button", name="Open in new tab")).to_be_visible()
        page.close()


def _frames(paths: list[str]) -> str:
    frames = "".join(f'<iframe src="https://patchbay.example{path}"></iframe>' for path in paths)
    return f"<!doctype html><title>frames</title>{frames}"


def _settled(page: Page, count: int) -> list[str]:
    """Return the frames' addresses in the page's order, once all have one."""
    handles = [handle.content_frame() for handle in page.query_selector_all("iframe")]
    urls = [frame.url for frame in handles if frame]
    return urls if len(urls) == count and all(url and url != "about:blank" for url in urls) else []
