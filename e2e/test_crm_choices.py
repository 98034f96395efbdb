"""Several accounts for one number, comments on the record, and the page for unknown callers."""

import re
from typing import Any

from playwright.sync_api import expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.waiting import eventually

PHONE = "+12225550101"


def comments(product: Product, record_id: int) -> list[str]:
    return [row["body"].splitlines()[0] for row in product.crm.comments(record_id)]


def test_the_agent_chooses_another_account_and_the_record_follows(
    shell: ShellPage, consumer: ConsumerPage, product: Product
) -> None:
    twins = [product.crm.create_account(name=name, phone=PHONE) for name in ("James Bond", "Jim Bond")]
    consumer.start_chat("J. Bond", PHONE)
    shell.chat.answer()
    others = shell.chat.frame.get_by_role("list", name="Other accounts")
    expect(others).to_be_visible()
    [popped, other] = sorted(twins, key=lambda account: not product.crm.records(account["id"]))
    expect(others).to_contain_text(f"{other['name']}, {PHONE}")
    shell.chat.frame.get_by_role("button", name=f"Use account {other['id']}").click()
    expect(shell.chat.account).to_contain_text("Account chosen.")
    eventually(lambda: len(product.crm.records(other["id"])) == 1, what="the record has moved")
    assert product.crm.records(popped["id"]) == []
    shell.chat.end()
    [record] = product.crm.records(other["id"])
    eventually(lambda: comments(product, record["id"]) == ["Chat started", "Chat ended"], what="both comments")


def test_somebody_unknown_pops_the_queues_page_until_there_is_an_account(
    shell: ShellPage, consumer: ConsumerPage, product: Product
) -> None:
    def custom_url(document: dict[str, Any]) -> None:
        [queue] = [queue for queue in document["queues"] if queue["name"] == "Support"]
        page = f"{product.crm.url}/accounts?new={{ACCOUNT_ID}}&phone={{PHONE_NUMBER}}"
        queue["queues"][0]["open_custom_url"] = page

    product.change_settings(custom_url)
    consumer.start_chat("Somebody New", "+12225550199", queue="Support / Web")
    shell.chat.answer()
    frame = shell.page.locator('iframe[name="target_iframe_adapter"]')
    expect(frame).to_have_attribute("src", re.compile(r"/accounts\?new=tmp-\d+&phone=%2B12225550199"))
    assert product.crm.accounts("+12225550199") == []
    shell.chat.frame.get_by_role("button", name="Create new account").click()
    expect(shell.chat.account).to_contain_text("Account created.")
    [account] = product.crm.accounts("+12225550199")
    eventually(lambda: len(product.crm.records(account["id"])) == 1, what="the record has moved")
    shell.chat.end()


def test_a_comment_that_nobody_knows_of_is_decided_by_the_agent(
    shell: ShellPage, consumer: ConsumerPage, product: Product
) -> None:
    def without_search(document: dict[str, Any]) -> None:
        comment = document["crm"]["endpoints"]["add_comment"]
        comment |= {"alternatives": [], "settle_s": 0, "timeout_s": 1}

    product.change_settings(without_search)
    product.crm.fault("hang", seconds=3, method="POST", path="/api/records/")
    consumer.start_chat("Patient Person", "+12225550111")
    shell.chat.answer()
    events = shell.chat.frame.get_by_role("group", name="Comments, updates and files")
    expect(events).to_contain_text("Look into the CRM, then decide.", timeout=30_000)
    product.crm.clear_faults()
    events.get_by_role("button", name="Send again").click()
    expect(events).to_have_count(0)
    [account] = product.crm.accounts("+12225550111")
    [record] = product.crm.records(account["id"])
    eventually(lambda: comments(product, record["id"]) == ["Chat started"], what="the comment is there")
    shell.chat.end()
