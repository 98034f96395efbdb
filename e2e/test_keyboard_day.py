"""An agent's whole day by keyboard alone: the page gets no mouse event, and the focus can always be seen."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from e2e.conftest import NewContext
from e2e.keyboard import Keyboard
from e2e.pages.shell import ShellPage
from e2e.pages.sign_in import SignInPage
from e2e.product import PASSWORD, Product

NAME, PHONE = "Felix Leiter", "+12125550481"
PERSON = {"name": NAME, "phone": PHONE, "email": "felix@example.com", "identifier": "felix-7"}
COUNT_MOUSE = """
window.mouseEvents = 0;
for (const type of ["pointerdown", "mousedown", "touchstart"]) addEventListener(type, () => (mouseEvents += 1), true);
"""


def sign_in(page: Page, keys: Keyboard) -> None:
    form = SignInPage(page)
    keys.write(form.email, "agent@example.com")
    keys.write(form.password, PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/shell/")


def answer_a_chat(shell: ShellPage, keys: Keyboard, product: Product) -> None:
    chat_id = product.start_chat(queue="Developers / James", end_user=PERSON)
    keys.use(shell.chat.answer_button)
    keys.write(shell.chat.message, "Good morning, Felix.")
    keys.press("Enter")
    expect(shell.chat.lines().last).to_have_text("Good morning, Felix.")
    keys.expect_focus()
    product.say(chat_id, "Where is my order?")
    expect(shell.chat.lines().last).to_have_text("Where is my order?")


def open_the_link(shell: ShellPage, keys: Keyboard) -> None:
    button = shell.chat.frame.get_by_role("button", name="Open in new browser window")
    keys.go_to(button)
    with shell.page.context.expect_page() as opening:
        keys.press("Enter")
    assert opening.value.url.endswith("/accounts?who=felix-7")
    opening.value.close()
    keys.use(shell.chat.frame.get_by_role("button", name="Copy link"))
    expect(shell.chat.frame.locator("#announcer")).to_have_text("Link copied")
    keys.expect_focus()


def end_the_chat(shell: ShellPage, keys: Keyboard) -> None:
    keys.use(shell.chat.end_button)
    disposition = shell.chat.frame.get_by_role("combobox", name="Disposition")
    expect(disposition).to_be_visible()
    keys.expect_focus()
    keys.choose(disposition, "Solved")
    expect(disposition.locator("option:checked")).to_have_text("Solved")
    keys.write(shell.chat.frame.get_by_role("textbox", name="Notes"), "The order is on its way.")
    keys.use(shell.chat.finish_button)
    expect(shell.chat.finish_button).to_be_hidden()
    keys.expect_focus()


def answer_and_transfer_a_call(shell: ShellPage, keys: Keyboard, product: Product) -> int:
    call = shell.call
    call_id = product.start_call(queue="Developers / James", end_user=PERSON)
    keys.go_to(call.answer_button)
    keys.press("Alt+a")
    call.expect_state("Connected")
    keys.expect_focus()
    for name, state in (("Hold", "On hold"), ("Resume", "Connected")):
        keys.use(call.frame.get_by_role("button", name=name, exact=True), "Space")
        call.expect_state(state)
        keys.expect_focus()
    keys.use(call.frame.get_by_role("button", name="Transfer", exact=True))
    expect(call.dialog).to_be_visible()
    keys.expect_focus()
    keys.go_to(call.dialog.get_by_role("radio", name="Agent"))
    keys.press("ArrowDown")
    expect(call.dialog.get_by_role("radio", name="Queue")).to_be_checked()
    target = call.dialog.get_by_role("combobox", name="Target")
    expect(target.get_by_role("option").filter(has_text="Support / Web")).to_have_count(1)
    keys.choose(target, "Support")
    expect(target.locator("option:checked")).to_contain_text("Support / Web")
    keys.use(call.dialog.get_by_role("button", name="Transfer now"))
    expect(call.finish_button).to_be_visible()
    keys.expect_focus()
    keys.choose(call.disposition, "Follow-up")
    keys.write(call.notes, "Eve knows more.")
    keys.use(call.finish_button)
    expect(call.finish_button).to_be_hidden()
    keys.expect_focus()
    return call_id


def test_an_agents_day_without_a_mouse(
    agent_context: BrowserContext, new_context: NewContext, product: Product
) -> None:
    def lookup(document: dict[str, dict[str, str]]) -> None:
        document["lookup_urls"] = {"phone": "", "sdk": f"{product.crm.url}/accounts?who={{CUID}}"}

    product.change_settings(lookup)
    eve = ShellPage(new_context(base_url=product.url).new_page())
    eve.sign_in("agent2@example.com")
    page = agent_context.new_page()
    page.add_init_script(COUNT_MOUSE)
    shell, keys = ShellPage(page), Keyboard(page)
    page.goto("/shell/")
    sign_in(page, keys)
    keys.choose(shell.chat.status, "Available")
    expect(shell.chat.status.locator("option:checked")).to_have_text("Available")
    answer_a_chat(shell, keys, product)
    open_the_link(shell, keys)
    end_the_chat(shell, keys)
    eve.call.status.select_option("Available")
    call_id = answer_and_transfer_a_call(shell, keys, product)
    eve.call.answer(NAME)
    assert product.call(call_id)["status"] == "connected"
    keys.choose(shell.call.status, "Break")
    expect(shell.call.status.locator("option:checked")).to_have_text("Break")
    expect(shell.chat.status.locator("option:checked")).to_have_text("Break")
    assert [frame.evaluate("window.mouseEvents ?? 0") for frame in page.frames] == [0] * len(page.frames)
    keys.use(page.get_by_role("button", name="Sign out").first)
    expect(SignInPage(page).button).to_be_visible()
    page.wait_for_url(re.compile(r"/(\?.*)?$"))
    assert keys.problems == []
