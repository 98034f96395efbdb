"""A person chats, and the agent sees that person's record."""

from typing import Any

from playwright.sync_api import BrowserContext, expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product

DATABASES = ("sqlite", "postgresql")
NAME = "Felix Leiter"
PHONE = "+12125550101"
EMAIL = "felix@example.com"


def test_a_first_chat_pops_that_persons_record(shell: ShellPage, consumer: ConsumerPage, product: Product) -> None:
    consumer.start_chat(NAME, PHONE, EMAIL)
    expect(shell.chat.frame.get_by_role("heading", name=NAME)).to_be_visible()
    shell.chat.answer()

    shell.expect_record_of(NAME, PHONE)
    expect(shell.chat.tab(NAME)).to_be_visible()
    expect(shell.chat.open_account).to_be_visible()
    expect(shell.chat.open_record).to_be_visible()

    consumer.send("Is this James?")
    expect(shell.chat.lines()).to_have_text(["Is this James?"])
    shell.chat.send("Bond, James Bond.")
    consumer.send("Good.")
    said = ["Is this James?", "Bond, James Bond.", "Good."]
    expect(shell.chat.lines()).to_have_text(said)
    expect(consumer.lines()).to_have_text(said)

    shell.chat.end()
    expect(consumer.message).to_be_hidden()
    expect(shell.chat.send_button).to_be_hidden()

    for event_type in (
        "Agent_Login",
        "New_Chat",
        "CRM_Record_Pop",
        "Chat_Inbound_Message",
        "Chat_Outbound_Message",
        "End_Chat",
    ):
        expect(shell.log_entries(event_type).first).to_be_attached()
    _check_payloads(shell, product)

    [account] = product.crm.accounts(PHONE)
    assert len(product.crm.records(account["id"])) == 1


def test_the_same_person_again_gets_a_new_record_of_the_same_account(
    shell: ShellPage, consumer: ConsumerPage, consumer_context: BrowserContext, product: Product
) -> None:
    name, phone = "Vesper Lynd", "+12125550102"
    headings: list[str] = []
    for _ in range(2):
        consumer.start_chat(name, phone)
        shell.chat.answer()
        shell.events("CRM_Record_Pop", at_least=len(headings) + 1)
        expect(shell.chat.open_record).to_be_visible()
        headings.append(shell.expect_record_of(name, phone))
        shell.chat.end()
        expect(consumer.message).to_be_hidden()
        consumer_context.clear_cookies()

    assert headings[0] != headings[1]
    [account] = product.crm.accounts(phone)
    assert len(product.crm.records(account["id"])) == 2


def test_the_consumer_ends_the_chat_on_both_sides(shell: ShellPage, consumer: ConsumerPage) -> None:
    consumer.start_chat("Rene Mathis", "+12125550103")
    shell.chat.answer()

    consumer.end_button.click()

    expect(shell.chat.send_button).to_be_hidden()
    expect(consumer.message).to_be_hidden()
    shell.events("End_Chat")
    expect(shell.chat.frame.locator(".chat-ended")).to_contain_text("Rene Mathis ended the chat")
    shell.chat.finish_wrap_up()


def test_a_reload_on_both_sides_shows_the_same(shell: ShellPage, consumer: ConsumerPage) -> None:
    consumer.start_chat("Honor Blackman", "+12125550104")
    shell.chat.answer()
    consumer.send("one")
    shell.chat.send("two")

    consumer.page.reload()
    shell.page.reload()

    expect(consumer.lines()).to_have_text(["one", "two"])
    expect(shell.chat.lines()).to_have_text(["one", "two"])
    shell.chat.send("three")
    expect(consumer.lines()).to_have_text(["one", "two", "three"])
    shell.chat.end()


def _check_payloads(shell: ShellPage, product: Product) -> None:
    agent: dict[str, Any] = {"agent_custom_id": "007", "agent_email": "agent@example.com"}
    login = shell.events("Agent_Login")[0]["data"]
    assert login == {**agent, "agent_id": login["agent_id"]}
    agent["agent_id"] = login["agent_id"]

    new_chat = shell.events("New_Chat")[0]["data"]
    chat = {**agent, "queue_path": "Developers / James"}
    chat |= {key: new_chat[key] for key in ("chat_id", "queue_id", "session_type")}
    assert all(isinstance(chat[key], int) for key in ("chat_id", "queue_id", "agent_id"))
    assert new_chat == chat

    inbound = [event["data"] for event in shell.events("Chat_Inbound_Message", at_least=2)]
    assert inbound == [{**chat, "message": "Is this James?"}, {**chat, "message": "Good."}]
    [outbound] = shell.events("Chat_Outbound_Message")
    assert outbound["data"] == {**chat, "message": "Bond, James Bond."}
    [end] = shell.events("End_Chat")
    assert end["data"] == chat

    [pop] = shell.events("CRM_Record_Pop")
    assert pop["data"]["recordUrl"].startswith(f"{product.crm.url}/records/")
    assert pop["data"]["chat_id"] == chat["chat_id"]
    assert pop["data"]["reason"] == "record"

    sequence = [event["meta"]["seq"] for event in (shell.events("New_Chat")[0], end)]
    assert sequence == sorted(sequence)
