"""The docs' pictures, taken of the real product: `make pictures`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from e2e.conftest import FLAGS, PATIENCE_MS, SYSTEM_CHROMIUM
from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.pages.sign_in import SignInPage
from e2e.product import Product

PICTURES = Path(__file__).parent / "pictures"
NAME, PHONE = "Felix Leiter", "+12125550101"


def main() -> int:
    """Tell a short story and take pictures on the way."""
    expect.set_options(timeout=PATIENCE_MS)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="patchbay-pictures-") as folder, sync_playwright() as playwright:
        product = Product(Path(folder))
        product.prepare()
        product.crm.start()
        executable = Path(playwright.chromium.executable_path)
        path = None if executable.exists() else str(SYSTEM_CHROMIUM)
        browser = playwright.chromium.launch(args=FLAGS, executable_path=path)
        try:
            product.start()
            _story(browser, product)
        finally:
            browser.close()
            product.kill()
            product.crm.stop()
    return 0


def _story(browser: Browser, product: Product) -> None:
    shell = ShellPage(_context(browser, product, 1280, 800).new_page())
    shell.sign_in("agent@example.com")
    shell.chat.set_status("Available")
    consumer = ConsumerPage(_context(browser, product, 420, 640).new_page())
    consumer.start_chat(NAME, PHONE, "felix@example.com")
    shell.chat.answer()
    shell.expect_record_of(NAME, PHONE)
    consumer.send("Is this James? I can't reach the casino.")
    shell.chat.send("Bond, James Bond. I am on my way.")
    expect(consumer.lines()).to_have_count(2)
    _take(shell.page, "shell")
    _take(consumer.page, "consumer")
    shell.chat.frame.get_by_role("button", name="Why?").first.click()
    _take(shell.page, "why")

    _calls(browser, product)

    product.crm.fault("500", method="POST", path="/api/accounts")
    another = ConsumerPage(_context(browser, product, 420, 640).new_page())
    another.start_chat("Vesper Lynd", "+12125550102")
    page = _context(browser, product, 960, 720).new_page()
    page.goto("/")
    SignInPage(page).sign_in("supervisor@example.com")
    expect(page.get_by_text("Tried again by itself")).to_be_visible()
    _take(page, "deliveries")


def _calls(browser: Browser, product: Product) -> None:
    page = _context(browser, product, 290, 600).new_page()
    page.goto("/agent/?type=call&from=custom")
    SignInPage(page).sign_in("agent2@example.com")
    page.get_by_role("combobox", name="Status").select_option("Available")
    product.start_call(
        call_type="voice_inbound_ivr",
        queue="Support / Web",
        agent_email="agent2@example.com",
        end_user={"name": NAME, "phone": PHONE},
        custom_data={"order": {"label": "Order", "value": "4711"}},
    )
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_role("link", name="Open record")).to_be_visible()
    _take(page, "call")
    page.get_by_role("button", name="End call").click()
    page.get_by_role("textbox", name="Notes").fill("Asked about order 4711.")
    _take(page, "wrap-up")
    page.get_by_role("button", name="Finish wrap-up").click()
    page.close()


def _context(browser: Browser, product: Product, width: int, height: int) -> BrowserContext:
    return browser.new_context(
        base_url=product.url, viewport={"width": width, "height": height}, color_scheme="light", reduced_motion="reduce"
    )


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(300)  # fonts and frames are painted
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    sys.exit(main())
