"""The web process is killed in the middle of a chat."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product

DATABASES = ("sqlite", "postgresql")


def _kill_web(product: Product) -> None:
    product.kill_web()  # `serve` restarts it


def _kill_all(product: Product) -> None:
    product.kill()
    product.start()


@pytest.mark.parametrize("kill", [_kill_web, _kill_all])
def test_both_sides_reconnect_and_nothing_is_lost_or_doubled(
    shell: ShellPage, consumer: ConsumerPage, product: Product, kill: Callable[[Product], None]
) -> None:
    consumer.start_chat("Jill Masterson", "+12125550105")
    shell.chat.answer()
    consumer.send("one")
    expect(shell.chat.lines()).to_have_text(["one"])
    shell.chat.send("two")
    expect(consumer.lines()).to_have_text(["one", "two"])

    kill(product)
    consumer.send("three")  # written while no process may be there to take it
    expect(shell.chat.lines()).to_have_text(["one", "two", "three"], timeout=30_000)
    shell.chat.send("four")
    consumer.send("five")

    said = ["one", "two", "three", "four", "five"]
    expect(consumer.lines()).to_have_text(said)
    expect(shell.chat.lines()).to_have_text(said)
    seen = [event["data"]["message"] for event in shell.events("Chat_Inbound_Message", at_least=3)]
    assert seen == ["one", "three", "five"]
    shell.chat.end()
    expect(consumer.message).to_be_hidden()


def test_the_worker_is_killed_and_the_next_chat_goes_as_ever(
    shell: ShellPage, consumer: ConsumerPage, product: Product
) -> None:
    product.kill_worker()

    consumer.start_chat("Tiffany Case", "+12125550106")
    shell.chat.answer()

    shell.expect_record_of("Tiffany Case", "+12125550106")
    shell.chat.end()


def test_a_clean_stop_and_start_goes_on_where_it_was(
    shell: ShellPage, consumer: ConsumerPage, product: Product
) -> None:
    consumer.start_chat("Solitaire", "+12125550107")
    shell.chat.answer()
    consumer.send("one")

    assert product.stop() == 0
    product.start()

    shell.chat.send("two")
    expect(consumer.lines()).to_have_text(["one", "two"])
    shell.chat.end()
