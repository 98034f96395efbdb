"""embed.js and consumer.js in pages with the strictest policy that lets them in: the examples of docs/embedding.md."""

from playwright.sync_api import FrameLocator, Page, expect

from e2e.foreign.conftest import frame_of
from e2e.foreign.site import ForeignSite
from e2e.pages.chat_adapter import ChatAdapter
from e2e.pages.consumer import ConsumerPage
from e2e.pages.shell import ShellPage
from e2e.pages.sign_in import SignInPage
from e2e.waiting import eventually

HARMFUL = "javascript:top.harmed = true"


def test_the_dock_shows_hides_and_pops(
    page: Page, chat: ChatAdapter, site: ForeignSite, consumer: ConsumerPage
) -> None:
    page.goto(f"{site.url}/strict/plain.html")
    SignInPage(chat.frame).sign_in("agent@example.com")
    log = page.get_by_role("list", name="Events")
    expect(log).to_contain_text("Agent_Login")

    toggle = page.get_by_role("group", name="Adapters").get_by_role("button", name="Call adapter")
    expect(page.locator('iframe[name="call_adapter"]')).to_be_visible()
    toggle.click()
    expect(page.locator('iframe[name="call_adapter"]')).to_be_hidden()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    page.evaluate("Patchbay.show('call')")
    expect(page.locator('iframe[name="call_adapter"]')).to_be_visible()

    consumer.start_chat("Honey Ryder", "+12125550301")
    chat.answer()
    expect(_record(page).get_by_role("definition").filter(has_text="Honey Ryder")).to_have_count(1)
    for event_type in ("New_Chat", "CRM_Record_Pop"):
        expect(log.get_by_role("listitem").filter(has_text=event_type)).to_have_count(1)
    expect(page).to_have_title("Chat " + log.get_by_text("New_Chat").inner_text().split()[1] + " in Developers / James")
    chat.end()


def test_the_dock_listens_to_its_own_frames_only(page: Page, chat: ChatAdapter, site: ForeignSite) -> None:
    page.goto(f"{site.url}/strict/plain.html")
    expect(chat.frame.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    page.evaluate(
        """() => {
          window.heard = [];
          window.troubles = [];
          addEventListener("error", (event) => { troubles.push(event.message); event.preventDefault(); });
          Patchbay.on("CRM_Record_Pop", () => { throw new Error("one listener's trouble"); });
          Patchbay.on("CRM_Record_Pop", (event) => heard.push(event.data.recordUrl));
        }"""
    )
    text = f'{{"type": "CRM_Record_Pop", "data": {{"recordUrl": "{HARMFUL}"}}, "meta": {{"id": "1"}}}}'
    page.evaluate("text => window.postMessage(text, location.origin)", text)
    adapter = frame_of(page, "type=chat")
    for message in ("no JSON", "null", "[]", '{"type": "New_Chat"}', text, text):
        adapter.evaluate("([text, to]) => parent.postMessage(text, to)", [message, site.url])

    eventually(lambda: page.evaluate("heard.length"), what="what the adapter posted")
    assert page.evaluate("heard") == [HARMFUL]
    assert len(page.evaluate("troubles")) == 1
    assert page.evaluate("window.harmed === undefined")
    assert page.locator('iframe[name="record"]').get_attribute("src") is None


def test_the_whole_shell_hands_its_events_on(page: Page, site: ForeignSite, consumer: ConsumerPage) -> None:
    page.goto(f"{site.url}/strict/shell.html")
    shell = page.frame_locator('iframe[name="patchbay_shell"]')
    SignInPage(shell).sign_in("agent@example.com")
    chat = ChatAdapter(shell.frame_locator('iframe[name="chat_adapter"]'))
    expect(shell.locator("#listener-state")).to_have_text("Listening", timeout=20_000)

    consumer.start_chat("Tiffany Case", "+12125550302")
    chat.answer()

    record = shell.frame_locator('iframe[name="target_iframe_adapter"]')
    expect(record.get_by_role("definition").filter(has_text="Tiffany Case")).to_have_count(1)
    log = page.get_by_role("list", name="Events")
    for event_type in ("Agent_Login", "New_Chat", "CRM_Record_Pop"):
        expect(log.get_by_role("listitem").filter(has_text=event_type).first).to_be_visible()
    chat.end()
    expect(log).to_contain_text("End_Chat")

    chat.frame.get_by_role("button", name="Sign out").click()
    expect(shell.locator("form.sign-in-form")).to_be_visible()  # the shell around the adapter follows


def test_the_shell_comes_along_when_the_page_swaps_its_body(page: Page, site: ForeignSite) -> None:
    page.goto(f"{site.url}/strict/shell.html")
    shell = page.locator('iframe[name="patchbay_shell"]')
    expect(page.frame_locator('iframe[name="patchbay_shell"]').get_by_role("button", name="Sign in")).to_be_visible()
    frame_of(page, "/?next=").evaluate("window.mark = 1")
    _swap_body(page, announced=True, place="none of ours")
    expect(shell).to_be_hidden()
    _swap_body(page, announced=True, place="patchbay")
    expect(page.locator("#patchbay > iframe")).to_be_visible()
    assert frame_of(page, "/?next=").evaluate("window.mark") == 1

    _swap_body(page, announced=False, place="patchbay")  # too late to save it: it loads anew
    expect(page.locator("#patchbay > iframe")).to_be_visible()
    expect(page.frame_locator('iframe[name="patchbay_shell"]').get_by_role("button", name="Sign in")).to_be_visible()


def test_python_in_the_page_hears_the_same(page: Page, chat: ChatAdapter, site: ForeignSite) -> None:
    page.goto(f"{site.url}/python/pyscript.html")
    expect(page.get_by_role("status")).to_have_text("Listening", timeout=20_000)
    SignInPage(chat.frame).sign_in("agent@example.com")
    expect(page.get_by_role("list", name="Events")).to_contain_text("Agent_Login")


def test_a_visitor_chats_and_comes_back_after_a_reload(page: Page, site: ForeignSite, shell: ShellPage) -> None:
    page.goto(f"{site.url}/strict/consumer.html")
    expect(page.locator("iframe")).to_have_count(0)
    page.get_by_role("button", name="Chat with us").click()
    widget = page.frame_locator('iframe[title="Chat with us"]')
    expect(widget.get_by_role("textbox", name="Name")).to_have_value("Felix Leiter")
    expect(widget.get_by_role("combobox", name="Queue")).to_have_value("Support / Web")
    widget.get_by_role("button", name="Start chat").click()
    widget.get_by_role("textbox", name="Message").fill("Is this James?")
    widget.get_by_role("button", name="Send").click()

    shell.chat.answer()
    expect(shell.chat.lines()).to_have_text(["Is this James?"])

    page.reload()
    expect(widget.get_by_role("log", name="Conversation")).to_contain_text("Is this James?")
    page.get_by_role("button", name="Minimise").click()
    expect(page.locator("iframe")).to_be_hidden()
    page.evaluate("PatchbayConsumer.open()")
    expect(widget.get_by_role("log", name="Conversation")).to_be_visible()
    shell.chat.end()


def _record(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[name="record"]')


def _swap_body(page: Page, *, announced: bool, place: str) -> None:
    page.evaluate(
        """([announced, place]) => {
          const body = document.createElement("body");
          body.append(Object.assign(document.createElement("div"), { id: place }));
          if (announced) document.dispatchEvent(new CustomEvent("turbo:before-render", { detail: { newBody: body } }));
          document.body.replaceWith(body);
        }""",
        [announced, place],
    )
