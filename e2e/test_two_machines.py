"""Two web machines on one PostgreSQL: the agent on one, the consumer on the other."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from e2e.conftest import NewContext
from e2e.guard import Guard
from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product

DATABASES = ("postgresql",)


@pytest.fixture
def consumer_elsewhere(new_context: NewContext, product: Product) -> Iterator[ConsumerPage]:
    """A consumer's page on another machine."""
    with product.another_web() as url:
        context = new_context(base_url=url)
        guard = Guard(context, {urlsplit(url).netloc})
        yield ConsumerPage(context.new_page())
        assert guard.problems == []


def test_each_event_is_delivered_once_and_replayed_across_both(
    shell: ShellPage, consumer_elsewhere: ConsumerPage, product: Product
) -> None:
    consumer_elsewhere.start_chat("Vesper Lynd", "+12125550108")
    shell.chat.answer()
    shell.expect_record_of("Vesper Lynd", "+12125550108")
    consumer_elsewhere.send("one")
    expect(shell.chat.lines()).to_have_text(["one"])
    shell.chat.send("two")
    expect(consumer_elsewhere.lines()).to_have_text(["one", "two"])

    product.kill_web()  # the agent's machine
    consumer_elsewhere.send("three")
    consumer_elsewhere.send("four")

    expect(shell.chat.lines()).to_have_text(["one", "two", "three", "four"], timeout=30_000)
    seen = [event["data"]["message"] for event in shell.events("Chat_Inbound_Message", at_least=3)]
    assert seen == ["one", "three", "four"]
    assert len(shell.events("New_Chat")) == 1
    shell.chat.end()
    expect(consumer_elsewhere.message).to_be_hidden()
