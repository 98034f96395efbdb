"""What remains of a chat: its files in the storage and at the CRM; a storage that fails, and is mended."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.pages.sign_in import SignInPage
from e2e.product import Product
from e2e.test_accessibility import check_looks
from e2e.waiting import eventually

DELAY_S = 1


def chat(shell: ShellPage, consumer: ConsumerPage, name: str, phone: str) -> None:
    consumer.start_chat(name, phone)
    shell.chat.answer()
    consumer.send("Is this James?")
    shell.chat.send("Bond, James Bond.")
    shell.expect_record_of(name, phone)
    shell.chat.end()


def stored(product: Product, kind: str) -> list[Path]:
    return sorted((product.folder / "files" / kind).glob("chat-*"))


def comments(product: Product, phone: str) -> list[str]:
    [account] = product.crm.accounts(phone)
    [record] = product.crm.records(account["id"])
    return [each["body"] for each in product.crm.comments(record["id"])]


def deliveries(context: BrowserContext, product: Product) -> Page:
    page = context.new_page()
    page.goto("/")
    SignInPage(page).sign_in("supervisor@example.com")
    expect(page).to_have_url(f"{product.url}/portal/deliveries")
    return page


def change(product: Product, **storage: Any) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["after_session_delay_s"] = DELAY_S
        document["external_storage"] |= storage

    product.change_settings(edit)


def test_a_chat_leaves_transcript_and_metadata(shell: ShellPage, consumer: ConsumerPage, product: Product) -> None:
    change(product)
    chat(shell, consumer, "Felix Leiter", "+12125550801")
    eventually(lambda: stored(product, "ujet-metadata"), what="metadata in the storage")
    [transcript], [metadata] = stored(product, "ujet-chat-transcripts"), stored(product, "ujet-metadata")
    assert "James Bond (agent): Bond, James Bond." in transcript.read_text()
    document = json.loads(metadata.read_text())
    assert (metadata.name, document["transcript"]) == (f"chat-{document['id']}.json", transcript.name)

    def both_are_linked() -> bool:
        texts = "\n".join(comments(product, "+12125550801"))
        return f"Name: {transcript.name}" in texts and f"Name: {metadata.name}" in texts

    eventually(both_are_linked, what="comments with the uploads")


def test_a_storage_that_fails_is_mended_and_the_file_arrives(
    shell: ShellPage, consumer: ConsumerPage, consumer_context: BrowserContext, product: Product
) -> None:
    change(product, also_to_crm=False, local={"folder": "elsewhere"})
    (product.folder / "elsewhere").write_text("in the way")
    chat(shell, consumer, "<b>Vesper</b>", "+12125550802")
    page = deliveries(consumer_context, product)

    def is_shown() -> bool:
        page.reload()
        return page.get_by_role("heading", name=re.compile(r"Session \d+: chat-\d+\.json")).is_visible()

    eventually(is_shown, what="the failed file on the page")
    expect(page.get_by_text("To the external storage: write:").first).to_be_visible()
    assert "Vesper" not in page.content()
    check_looks(consumer_context, {"deliveries, files in trouble": page.main_frame})

    (product.folder / "elsewhere").unlink()
    page.get_by_role("button", name=re.compile(r"^Try again chat-.*json")).click()

    def is_mended() -> bool:
        page.reload()
        return page.get_by_text("No file and no mail is in trouble.").is_visible()

    eventually(is_mended, what="nothing in trouble any more")
    [metadata] = eventually(lambda: list((product.folder / "elsewhere" / "ujet-metadata").glob("chat-*.json")))

    link = eventually(lambda: _link(comments(product, "+12125550802"), metadata.name), what="a comment with the link")
    answer = page.request.get(link)
    assert answer.body() == metadata.read_bytes()
    assert "attachment" in answer.headers["content-disposition"]


def _link(texts: list[str], name: str) -> str:
    return next((text.rsplit("\n", 1)[1] for text in texts if f"Name: {name}\n" in text), "")
