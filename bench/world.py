"""Starts the product with the baseline pages, and browsers to measure in."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, BrowserType, Frame, Page, StorageState, sync_playwright

from bench import vendor
from bench.vendor import Vendor
from e2e.conftest import FLAGS, SYSTEM_CHROMIUM
from e2e.pages.sign_in import SignInPage
from e2e.product import Product

AGENT = "agent@example.com"


class BenchProduct(Product):
    """The product; its web process serves the baseline pages as well."""

    SERVE = ("bench.site",)
    STARTS_WITHIN_S = 90.0  # also on a busy machine


@dataclass(frozen=True)
class World:
    """The parts that a row uses."""

    product: Product
    vendor: Vendor
    """A server on another origin: another tenant's adapters, and a CRM's records."""
    chromium: BrowserType
    launch: Mapping[str, Any]
    folder: Path

    @contextmanager
    def browser(self) -> Iterator[Browser]:
        """Start a browser."""
        browser = self.chromium.launch(**self.launch)
        try:
            yield browser
        finally:
            browser.close()

    @contextmanager
    def profile(self) -> Iterator[BrowserContext]:
        """Start a browser with a profile on disk, whose caches last; James Bond is signed in."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            context = self.chromium.launch_persistent_context(folder, base_url=self.product.url, **self.launch)
            try:
                self.sign_in(context)
                yield context
            finally:
                context.close()

    @contextmanager
    def fresh(self, browser: Browser, state: StorageState | None = None) -> Iterator[BrowserContext]:
        """Open a context with empty caches."""
        context = browser.new_context(base_url=self.product.url, storage_state=state)
        try:
            yield context
        finally:
            context.close()

    def signed_in(self, browser: Browser) -> StorageState:
        """Sign James Bond in and return their cookies."""
        with self.fresh(browser) as context:
            self.sign_in(context)
            return context.storage_state()

    def sign_in(self, context: BrowserContext) -> None:
        """Sign James Bond in."""
        page = context.new_page()
        page.goto("/shell/")
        SignInPage(page).sign_in(AGENT)
        page.wait_for_url("**/shell/")
        page.close()


@contextmanager
def opened(*, vendors_adapters: bool = False) -> Iterator[World]:
    """Start everything in a temporary folder, and stop it at the end.

    Args:
        vendors_adapters: Let the shell frame the other origin's adapters instead of our own.
    """
    with (
        tempfile.TemporaryDirectory(prefix="patchbay-bench-") as folder,
        vendor.served() as other,
        _running(Path(folder), other, vendors_adapters=vendors_adapters) as product,
        sync_playwright() as playwright,
    ):
        launch: dict[str, Any] = {"args": FLAGS, "headless": True}
        if not Path(playwright.chromium.executable_path).exists():
            launch["executable_path"] = str(SYSTEM_CHROMIUM)
        yield World(product, other, playwright.chromium, launch, Path(folder))


@contextmanager
def _running(folder: Path, other: Vendor, *, vendors_adapters: bool) -> Iterator[Product]:
    product = BenchProduct(folder / "data")
    product.folder.mkdir()
    product.prepare()
    product.change_settings(lambda document: _add_vendor(document, other, vendors_adapters=vendors_adapters))
    product.crm.start()
    try:
        product.start()
        yield product
    finally:
        product.kill()
        product.crm.stop()


def _add_vendor(document: dict[str, Any], other: Vendor, *, vendors_adapters: bool) -> None:
    document["crm"]["page_hosts"].append(other.host)
    if vendors_adapters:
        document["adapter_source"]["base_url"] = other.url


def vendors_frame(page: Page, other: Vendor) -> Frame:
    """Return the chat adapter's frame, once it is there.

    Raises:
        LookupError: It isn't framed.
    """
    page.frame_locator('iframe[name="chat_adapter"]').get_by_text("posts on demand").wait_for()
    frame = page.frame(name="chat_adapter")
    if frame is None or not frame.url.startswith(other.url):
        raise LookupError(f"no adapter of {other.url} in {page.url}")
    return frame


@contextmanager
def page_of(context: BrowserContext, script: str = "") -> Iterator[Page]:
    """Open a page that runs `script` before any of its own, and close it."""
    page = context.new_page()
    if script:
        page.add_init_script(script)
    try:
        yield page
    finally:
        page.close()
