"""The socket is cut again and again in a busy chat: each message shows once, in order, on both sides."""

import random
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from e2e.conftest import NewContext
from e2e.fault_proxy import FaultProxy, somewhere
from e2e.pages.chat_adapter import ChatAdapter
from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.waiting import eventually

# The longest pause between two tries is 10 s, and a ticket may get lost too.
BACK_WITHIN_S = 60.0
QUIET_S = 3.0


@pytest.fixture
def proxies(product: Product) -> Iterator[tuple[FaultProxy, FaultProxy]]:
    """A proxy for the agent, and one for the consumer."""
    made = FaultProxy(product.port), FaultProxy(product.port)
    yield made
    for proxy in made:
        proxy.stop()


def test_fifteen_cuts(new_context: NewContext, proxies: tuple[FaultProxy, FaultProxy]) -> None:
    _talk_while_cutting(new_context, proxies, cuts=15, seed=103646)


@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_a_hundred_cuts(new_context: NewContext, proxies: tuple[FaultProxy, FaultProxy]) -> None:
    _talk_while_cutting(new_context, proxies, cuts=100, seed=7)


def _talk_while_cutting(
    new_context: NewContext, proxies: tuple[FaultProxy, FaultProxy], *, cuts: int, seed: int
) -> None:
    chance = random.Random(seed)
    began_at = time.monotonic()
    shell, consumer = _meet(*(new_context(base_url=proxy.url) for proxy in proxies))
    agents, consumers = [], []
    for number in range(cuts):
        proxy = proxies[number % 2]
        before = proxy.cuts
        proxy.cut_after(somewhere(chance))
        agents.append(f"agent {number}")
        consumers.append(f"consumer {number}")
        _write(consumer, consumers[-1])
        _write(shell.chat, agents[-1])
        _await_cut(proxy, before)

    count = len(agents) + len(consumers)
    for lines in (shell.chat.lines(), consumer.lines()):
        expect(lines).to_have_count(count, timeout=BACK_WITHIN_S * 1000)
    shown = shell.chat.lines().all_inner_texts()
    seen = [event["data"]["message"] for event in shell.events("Chat_Inbound_Message", at_least=len(consumers))]
    print(
        f"{cuts} cuts, {sum(proxy.cuts for proxy in proxies)} connections, {count} messages, "
        f"lost {len({*agents, *consumers} - {*shown})}, doubled {len(shown) - len({*shown})}, "
        f"{time.monotonic() - began_at:.0f} s"
    )
    assert consumer.lines().all_inner_texts() == shown
    assert [text for text in shown if text.startswith("agent")] == agents
    assert [text for text in shown if text.startswith("consumer")] == consumers
    assert seen == consumers
    expect(shell.page.frame_locator('iframe[name="chat_adapter"]').locator(".is-pending")).to_have_count(0)
    shell.chat.end()


def _await_cut(proxy: FaultProxy, before: int) -> None:
    """Wait for the cut; if all messages were sent before it was due, cut as soon as there is a connection."""
    quiet_at = time.monotonic() + QUIET_S

    def is_cut() -> bool:
        if proxy.cuts == before and time.monotonic() > quiet_at:
            proxy.cut()
        return proxy.cuts > before

    eventually(is_cut, within_s=BACK_WITHIN_S, what="a cut")


def _meet(agent: BrowserContext, other: BrowserContext) -> tuple[ShellPage, ConsumerPage]:
    shell, consumer = ShellPage(agent.new_page()), ConsumerPage(other.new_page())
    shell.sign_in("agent@example.com")
    shell.chat.set_status("Available")
    consumer.start_chat("Kissy Suzuki", "+12125550310")
    shell.chat.answer()
    return shell, consumer


def _write(side: ConsumerPage | ChatAdapter, text: str) -> None:
    """Send a message without waiting for its arrival."""
    side.message.fill(text)
    side.send_button.click()
