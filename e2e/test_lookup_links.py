"""Links to a CRM without its API: they open what the CRM finds, and are written down nowhere."""

import json
import tarfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.conftest import NewContext
from e2e.guard import Guard
from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.product import Product
from e2e.search_page import SearchPage, search_page
from e2e.waiting import eventually
from tests.host.email_update.smtp_server import MailServer, running

MAILBOX = "crm@example.com"
NAME, PHONE, EMAIL = "Felix Leiter", "+12125550471", "felix+1@example.com"
IVR = {"call_type": "voice_inbound_ivr", "queue": "Support / Web", "end_user": {"name": NAME, "phone": PHONE}}
PLANTED = (b"%2b12125550471", b"felix%2b1%40example.com")
"""Phone and e-mail as they stand in a URL; plain, they belong to the person's row."""
LINKS = (b"who=%2b1212", b"post=felix%2b1", b"number=%2b1212", b"?new=tmp-", b"who%3d%252b1212")
"""Parts of the links, which no request to the API has."""


@pytest.fixture(scope="module")
def old_crm() -> Iterator[SearchPage]:
    """The CRM that only searches."""
    with search_page() as crm:
        yield crm


@pytest.fixture
def desk(new_context: NewContext, product: Product, old_crm: SearchPage) -> Iterator[ShellPage]:
    """The shell of an agent whose company has no API."""
    context: BrowserContext = new_context(base_url=product.url)
    hosts = {urlsplit(each).netloc for each in (product.url, product.crm.url, old_crm.url)}
    guard = Guard(context, hosts)
    page = ShellPage(context.new_page())
    page.sign_in("agent@example.com")
    page.chat.set_status("Available")
    yield page
    assert guard.problems == []


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """The company's mail server."""
    with running(MailServer()) as server:
        yield server


def without_api(product: Product, crm: SearchPage, mails: MailServer) -> None:
    """Leave nothing of the CRM but two links, its front page and its mailbox."""

    def change(document: dict[str, Any]) -> None:
        document["crm"] = {"type": "custom", "name": "Old CRM", "allow_private_addresses": True}
        document["lookup_urls"] = {
            "phone": f"{crm.url}/find?phone={{ANI}}&menu={{MENU_PATH}}&mail={{EMAIL}}",
            "sdk": f"{crm.url}/find?email={{EMAIL}}&type={{TYPE}}",
        }
        document["after_session_delay_s"] = 0
        document["email_outcome"] = {"enabled": True, "address": MAILBOX}
        document["smtp"] = {"host": "127.0.0.1", "port": mails.port}
        document["display_crm"] = {"enabled": True, "url": f"{crm.url}/?agent={{AGENT_CUSTOM_ID}}"}

    product.change_settings(change)


def opened(desk: ShellPage, frame: Any) -> Page:
    """Press the button that opens the link; return the new window."""
    with desk.page.context.expect_page() as opening:
        frame.get_by_role("button", name="Open in new browser window").press("Enter")
    opening.value.wait_for_load_state()
    return opening.value


def test_a_company_without_an_api_opens_links(
    product: Product, old_crm: SearchPage, mails: MailServer, desk: ShellPage, consumer: ConsumerPage
) -> None:
    without_api(product, old_crm, mails)
    desk.page.reload()
    shown = desk.page.frame_locator('iframe[title="Old CRM"]')
    expect(shown.get_by_role("heading")).to_be_visible(timeout=30_000)
    assert "/?agent=007" in old_crm.asked

    call_id = product.start_call(**IVR)
    desk.call.answer(NAME)
    found = opened(desk, desk.call.frame)
    expect(found.get_by_role("heading")).to_have_text(NAME)
    assert found.url == f"{old_crm.url}/find?phone=%2B12125550471&menu=Support%2FWeb"
    found.close()
    expect(desk.call.account).to_have_count(0)  # there is no API to ask
    desk.call.press("End call")
    desk.call.wrap_up()

    consumer.start_chat(NAME, PHONE, EMAIL, queue="Support / Web")
    desk.chat.answer()
    found = opened(desk, desk.chat.frame)
    expect(found.get_by_role("heading")).to_have_text(NAME)
    assert found.url == f"{old_crm.url}/find?email=felix%2B1%40example.com&type=Web"
    found.close()
    desk.chat.send("It is on its way.")
    desk.chat.end()

    eventually(lambda: len(mails.mails) == 2, what="the outcomes of call and chat are mailed")
    of_call, of_chat = (outcome(mail) for mail in mails.mails)
    assert (of_call["id"], of_call["call_type"], of_call["end_user"]["phone"]) == (call_id, "voice_inbound_ivr", PHONE)
    assert (of_chat["chat_type"], of_chat["end_user"]["email"]) == ("messaging_web", EMAIL)
    [transcript] = mails.mails[1].iter_attachments()
    assert transcript.get_filename() == f"chat-{of_chat['id']}.txt"
    assert "(agent): It is on its way." in transcript.get_content()
    assert transcript.get_content().splitlines()[-1] == "This chat is ended"


def outcome(mail: EmailMessage) -> dict[str, Any]:
    """Return the session metadata in a mail to the CRM's mailbox."""
    body = mail.get_body(("plain",))
    assert body is not None
    assert (mail["To"], mail["From"]) == (MAILBOX, "no-reply@example.com")
    found: dict[str, Any] = json.loads(body.get_content())
    assert found["status"] == "finished"
    return found


def test_links_are_written_down_nowhere(fresh_product: Product, new_context: NewContext, tmp_path: Path) -> None:
    product = fresh_product
    with_both_links(product)
    desk = ShellPage(new_context(base_url=product.url).new_page())
    desk.sign_in("agent@example.com")
    desk.chat.set_status("Available")
    session_ids = [chat(desk, ConsumerPage(new_context(base_url=product.url).new_page()))]
    assert written(product) == []
    desk.chat.end()
    session_ids.append(call(desk, product))
    desk.page.close()

    for session_id in session_ids:
        trace = product.command("trace", str(session_id)).stdout.lower().encode()
        assert [each for each in (*PLANTED, *LINKS) if each in trace] == []
    product.command("backup", str(tmp_path / "backup.tar.gz"))
    with tarfile.open(tmp_path / "backup.tar.gz") as archive:
        archive.extractall(tmp_path / "backup", filter="data")
    assert holding(tmp_path / "backup") == []
    product.stop()
    assert written(product) == []


def with_both_links(product: Product) -> None:
    """Set lookup URLs, and a page for unknown callers of one queue."""

    def change(document: dict[str, Any]) -> None:
        [queue] = [queue for queue in document["queues"] if queue["name"] == "Support"]
        page = f"{product.crm.url}/accounts?new={{ACCOUNT_ID}}&number={{PHONE_NUMBER}}"
        queue["queues"][0]["open_custom_url"] = page
        search = f"{product.crm.url}/accounts?who={{ANI}}&post={{EMAIL}}"
        document["lookup_urls"] = {"phone": search, "sdk": search}

    product.change_settings(change)


def chat(desk: ShellPage, consumer: ConsumerPage) -> int:
    """Start a chat, see the queue's page pop, and open the link; return the chat's id."""
    consumer.start_chat(NAME, PHONE, EMAIL, queue="Support / Web")
    desk.chat.answer()
    [pop] = desk.events("CRM_Record_Pop")
    assert "&number=%2B12125550471" in pop["data"]["recordUrl"]
    found = opened(desk, desk.chat.frame)
    assert found.url.endswith("?who=%2B12125550471&post=felix%2B1%40example.com")
    return int(pop["data"]["chat_id"])


def call(desk: ShellPage, product: Product) -> int:
    """Answer a call, open its link, and end it; return its id."""
    call_id = product.start_call(**{**IVR, "end_user": {"name": NAME, "phone": PHONE, "email": EMAIL}})
    desk.call.answer(NAME)
    opened(desk, desk.call.frame)
    desk.call.press("End call")
    desk.call.wrap_up()
    eventually(lambda: product.call(call_id)["status"] == "finished", what="the call has ended")
    return call_id


def written(product: Product) -> list[str]:
    """Return the product's files that hold a link; the starter CRM, another product, may note what it is asked."""
    return [name for name in holding(product.folder) if not name.startswith(("crm.log", "starter-crm"))]


def holding(folder: Path) -> list[str]:
    """Return the files below a folder that hold a link."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.stat().st_size > 100_000 for path in files)  # the database is among them
    texts = {str(path.relative_to(folder)): path.read_bytes().lower() for path in files}
    return [f"{name}: {each!r}" for name, text in texts.items() for each in LINKS if each in text]
