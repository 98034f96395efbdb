"""The CRM is slow, broken or off: the chat goes on, and the record pops when the CRM is back, once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.waiting import eventually

BACK_WITHIN_S = 100.0  # the back-off may have grown to 15 s a step, the circuit breaker holds 30 s

Fault = Callable[[Product], None]

FAULTS: dict[str, Fault] = {
    "hangs": lambda product: product.crm.fault("hang", seconds=10),
    "answers 500": lambda product: product.crm.fault("500"),
    "is off": lambda product: product.crm.stop(),
    "commits and hangs": lambda product: product.crm.fault("commit_then_hang", seconds=10, method="POST"),
}


@pytest.mark.parametrize("is_killed", [False, True], ids=["", "and all is killed"])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_account_and_one_record_pop_when_the_crm_is_back(
    shell: ShellPage, consumer: ConsumerPage, product: Product, fault: str, *, is_killed: bool
) -> None:
    name = f"Person whose CRM {fault}"
    phone = f"+1212555{20 + 2 * list(FAULTS).index(fault) + is_killed:04d}"
    FAULTS[fault](product)

    consumer.start_chat(name, phone)
    shell.chat.answer()
    consumer.send("Are you there?")
    expect(shell.chat.lines()).to_have_text(["Are you there?"])
    shell.chat.expect_crm_trouble()
    if is_killed:
        product.kill()
        product.start()
    _mend(product)

    _expect_pop(shell, product, name, phone)
    shell.chat.send("Yes.")
    expect(consumer.lines()).to_have_text(["Are you there?", "Yes."])
    shell.chat.end()


def _mend(product: Product) -> None:
    product.crm.stop()
    product.crm.start()  # forgets its faults


def _expect_pop(shell: ShellPage, product: Product, name: str, phone: str) -> None:
    def popped() -> bool:
        # Playwright hears of frames only while it waits for the page.
        shell.page.wait_for_timeout(100)
        return shell.record.get_by_role("definition").filter(has_text=name).count() == 1

    eventually(popped, within_s=BACK_WITHIN_S, what="the record pops")
    shell.expect_record_of(name, phone)
    [account] = product.crm.accounts(phone)
    assert len(product.crm.records(account["id"])) == 1
    pops = {event["meta"]["id"]: event["data"] for event in shell.events("CRM_Record_Pop")}
    assert len(pops) == 1, pops
