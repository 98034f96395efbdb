"""Chats for benchmarks of the whole path: a consumer starts one, an agent answers at once."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import requests
from playwright.sync_api import BrowserContext, Frame, Request, expect

from bench.world import World, page_of
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.waiting import eventually
from host.company import FILE as COMPANY_FILE

QUEUE = "Developers / James"
PATIENCE_S = 30

# Resolves when an element appears, to the time of its paint and the position of its middle.
COME = """([selector]) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error(`no ${selector} within 30 s`)), 30000);
  const look = () => {
    const found = [...document.querySelectorAll(selector)].find((each) => each.checkVisibility());
    if (!found) return;
    seen.disconnect();
    requestAnimationFrame(() => {
      const at = performance.timeOrigin + performance.now();
      const [inner, outer] = [found.getBoundingClientRect(), frameElement.getBoundingClientRect()];
      resolve({ at, x: outer.x + inner.x + inner.width / 2, y: outer.y + inner.y + inner.height / 2 });
    });
  };
  const seen = new MutationObserver(look);
  seen.observe(document, { attributes: true, childList: true, subtree: true });
  look();
})"""
NOTE_CLICK = """() => {
  addEventListener("click", () => { window.clickedAt = performance.timeOrigin + performance.now(); }, true);
}"""


@dataclass(frozen=True)
class Seen:
    """One chat; times are milliseconds since 1970."""

    started_at: float
    offered_at: float
    """When the offer with the caller's card was painted."""
    clicked_at: float
    """When the agent's click arrived in the page."""
    answered_at: float
    """When the chat was painted."""
    record_at: float | None
    """When the record frame requested the CRM's page; None when the row doesn't measure it."""

    @property
    def reaction_ms(self) -> float:
        """From the offer to the click: the agent's part."""
        return self.clicked_at - self.offered_at

    @property
    def total_ms(self) -> float:
        """From the start to the record page.

        Raises:
            LookupError: The row did not wait for the record.
        """
        if self.record_at is None:
            raise LookupError("nobody waited for the record of this chat")
        return self.record_at - self.started_at


@dataclass
class Desk:
    """The shell with James Bond signed in, and consumers who chat with them."""

    product: Product
    shell: ShellPage
    frame: Frame
    """The frame of the chat adapter."""
    pool: ThreadPoolExecutor
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    records: list[Request] = field(default_factory=list)
    """Requested record pages, in order."""

    def chat(self, *, waits_for_record: bool = True) -> Seen:
        """Do one chat with a consumer whom the CRM doesn't know, without pauses."""
        page = self.shell.page
        self.records.clear()
        starting = self.pool.submit(_start, self.product, next(self.numbers))
        offer = self.frame.evaluate(COME, ["[data-act=answer]"])
        page.mouse.click(offer["x"], offer["y"])
        panel = self.frame.evaluate(COME, ["section.chat textarea"])
        record_at = self._record_at() if waits_for_record else None
        clicked_at = self.frame.evaluate("clickedAt")
        self.shell.chat.end()
        expect(self.shell.chat.end_button).to_have_count(0)
        return Seen(starting.result(PATIENCE_S), offer["at"], clicked_at, panel["at"], record_at)

    def _record_at(self) -> float:
        eventually(self._any_record, within_s=PATIENCE_S, what="a record is asked for")
        request = self.records[-1]
        request.response()  # the time is known from then on
        return float(request.timing["startTime"])

    def _any_record(self) -> bool:
        self.shell.page.wait_for_timeout(5)  # Playwright notices requests only while it waits
        return bool(self.records)


@contextmanager
def desk(world: World, context: BrowserContext) -> Iterator[Desk]:
    """Open the shell and make the agent available."""
    with page_of(context) as page, ThreadPoolExecutor(1) as pool:
        shell = ShellPage(page)
        page.goto("/shell/")
        shell.chat.set_status("Available")
        frame = page.frame(name="chat_adapter")
        if frame is None:
            raise LookupError("the shell has no chat adapter")
        frame.evaluate(NOTE_CLICK)
        made = Desk(world.product, shell, frame, pool)
        page.on("request", lambda request: _note(made, world.product.crm.url, request))
        yield made


def _note(made: Desk, crm_url: str, request: Request) -> None:
    if request.is_navigation_request() and request.url.startswith(f"{crm_url}/records/"):
        made.records.append(request)


def _start(product: Product, number: int) -> float:
    """Start a chat through the platform API; return the time of the request."""
    key = json.loads((product.folder / COMPANY_FILE).read_text())
    person = {"name": f"Consumer {number}", "phone": phone_of(number)}
    at = time.time() * 1000
    answer = requests.post(
        f"{product.url}/manager/api/v1/chats",
        auth=(key["key"], key["secret"]),
        json={"queue": QUEUE, "end_user": person},
        timeout=PATIENCE_S,
    )
    answer.raise_for_status()
    return at


def phone_of(number: int) -> str:
    """Return the unique phone number of a consumer."""
    return f"+1212555{number:04d}"
