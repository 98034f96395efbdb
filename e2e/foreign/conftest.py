"""Fixtures: another company's site that embeds the product, and its visitors."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import BrowserContext, Frame, Page

from e2e.conftest import NewContext
from e2e.conftest import _running as running
from e2e.foreign.site import ForeignSite
from e2e.guard import Guard
from e2e.pages.chat_adapter import ChatAdapter
from e2e.product import Product
from e2e.waiting import eventually

SITES: dict[str, ForeignSite] = {}
"""Site by the product's address; the CRM must know the site before it starts."""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product whose CRM lets the foreign site frame its records."""
    made = Product(tmp_path_factory.mktemp("product"))
    with ForeignSite(made.url, made.crm.url).running() as site:
        made._environ["PATCHBAY_CRM_FRAME_ANCESTORS"] = f"{made.url},{site.url}"
        SITES[made.url] = site
        yield from running(made)


@pytest.fixture(scope="module")
def site(product: Product) -> ForeignSite:
    """A site that the admin has allowed to embed everything."""
    made = SITES[product.url]
    allow(product, made.url)
    return made


@pytest.fixture(scope="module")
def stranger(product: Product) -> Iterator[ForeignSite]:
    """A site that is on no list."""
    with ForeignSite(product.url, product.crm.url).running() as made:
        yield made


@pytest.fixture
def visitor(new_context: NewContext, product: Product, site: ForeignSite) -> Iterator[BrowserContext]:
    """A watched browser: requests go to the three hosts only, and no policy is violated."""
    context = new_context(viewport={"width": 1280, "height": 900})
    guard = Guard(context, {urlsplit(url).netloc for url in (product.url, product.crm.url, site.url)})
    yield context
    assert guard.problems == []


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    return visitor.new_page()


@pytest.fixture
def chat(page: Page) -> ChatAdapter:
    """The chat adapter in the page."""
    return ChatAdapter(page.frame_locator('iframe[src*="type=chat"]'))


def frame_of(page: Page, part: str) -> Frame:
    """Return the frame whose address contains `part`."""
    found = eventually(lambda: [each for each in page.frames if part in each.url], what=f"a frame with {part}")
    return found[0]


def allow(product: Product, origin: str) -> None:
    """Add a site to our lists, and wait until that takes effect."""

    def change(document: dict[str, Any]) -> None:
        embedding = document["embedding"]
        embedding["allowed_origins"] = [*embedding["allowed_origins"], origin]
        embedding["consumer_origins"] = [*embedding["consumer_origins"], origin]
        embedding["relay_events"] = True

    product.change_settings(change)
    for path in ("/agent/", "/consumer/"):
        eventually(partial(_is_allowed, product.url + path, origin), what="the new settings")


def _is_allowed(url: str, origin: str) -> bool:
    return origin in requests.get(url, timeout=5).headers["Content-Security-Policy"]
