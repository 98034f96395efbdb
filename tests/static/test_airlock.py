"""The shell under its full policy: PyScript comes up, every message of an adapter is handled, nothing else is."""

import json
from typing import Any

from playwright.sync_api import Frame, Page, expect

from tests.static.conftest import Place, Watch

CHAT = {"chat_id": 73522, "session_type": "Messaging (Web)", "agent_id": 7, "agent_email": "agent@example.com"}


def open_shell(page: Page, place: Place) -> None:
    page.goto(f"{place.shell}/shell/")
    expect(page.locator("#listener-state")).to_have_text("Listening", timeout=15_000)


def adapter(page: Page, name: str = "chat_adapter") -> Frame:
    frame = page.frame(name=name)
    assert frame
    frame.wait_for_load_state()
    return frame


def post(frame: Frame, message: object) -> None:
    text = message if isinstance(message, str) else json.dumps(message)
    frame.evaluate("text => window.parent.postMessage(text, '*')", text)


def report(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.evaluate("() => window.bus.report()"))
    return found


def pop(page: Page, url: str) -> None:
    post(adapter(page), {"type": "CRM_Record_Pop", "data": {"recordUrl": url}})


def target(page: Page) -> Frame:
    handle = page.locator('iframe[name="target_iframe_adapter"]').element_handle().content_frame()
    assert handle
    return handle


def test_it_comes_up_under_its_policy_and_asks_nobody_else(shell: Page, place: Place, watch: Watch) -> None:
    open_shell(shell, place)
    post(adapter(shell), {"type": "New_Chat", "data": CHAT})
    expect(shell.get_by_role("log", name="Events")).to_contain_text("New_Chat: chat 73522")
    assert watch.problems == []
    assert watch.hosts == {place.shell.removeprefix("http://")}


def test_a_thousand_messages_before_python_is_up_are_handled_in_order(shell: Page, place: Place, watch: Watch) -> None:
    place.early = 1000
    open_shell(shell, place)
    log = shell.get_by_role("log", name="Events")
    expect(log).to_contain_text("New_Chat: chat 999")
    lines = log.locator(".shell-entry-line").all_text_contents()
    assert lines == [f"New_Chat: chat {number}" for number in range(500, 1000)]
    assert report(shell)["handled"] == 1000
    assert report(shell)["reasons"] == {}
    assert watch.problems == []


def test_an_entry_unfolds_to_the_message_as_it_was_sent(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    post(adapter(shell), {"type": "New_Chat", "data": CHAT, "meta": {"id": "01HX"}})
    shell.get_by_text("New_Chat: chat 73522").click()
    text = shell.get_by_role("log", name="Events").locator("pre").inner_text()
    assert json.loads(text) == {"type": "New_Chat", "data": CHAT, "meta": {"id": "01HX"}}


def test_what_is_not_from_an_adapters_frame_is_counted_and_explained(shell: Page, place: Place, watch: Watch) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/42")
    expect(shell.get_by_role("tab")).to_have_count(1)
    event = {"type": "CRM_Record_Pop", "data": {"recordUrl": f"{place.crm}/records/13"}}
    post(target(shell), event)  # another origin
    post(shell.main_frame, event)  # our own page: its parent is itself
    nested = adapter(shell).evaluate_handle(
        "() => { const frame = document.createElement('iframe'); document.body.append(frame); return frame; }"
    )
    content = nested.as_element().content_frame()  # type: ignore[union-attr]
    assert content
    content.evaluate("text => window.top.postMessage(text, '*')", json.dumps(event))  # inside the adapter's frame
    for junk in ("x" * 70_000, "no json", "7", "{}", '{"type": "New_Chat", "data": {}}', "[" * 100 + "]" * 100):
        post(adapter(shell), junk)
    adapter(shell).evaluate("() => window.parent.postMessage({ type: 'New_Chat' }, '*')")
    pop(shell, f"{place.crm}/records/43")
    expect(shell.get_by_role("tab")).to_have_count(2)
    assert report(shell)["reasons"] == {
        "an origin that is not an adapter's": 1,
        "a window that is not an adapter's frame": 2,
        "too long": 1,
        "not JSON": 1,
        "no object": 1,
        "no event of ours": 1,
        "New_Chat without chat_id": 1,
        "nested too deep": 1,
        "no text": 1,
    }
    shell.get_by_role("button", name="Why?", exact=True).click()
    dialog = shell.get_by_role("dialog", name="Why was something ignored?")
    expect(dialog).to_contain_text("2 taken, 10 ignored")
    expect(dialog).to_contain_text(f"an origin that is not an adapter's (from {place.crm})")
    assert watch.problems == []


def test_a_popped_record_shows_in_the_one_frame_with_the_name(shell: Page, place: Place, watch: Watch) -> None:
    open_shell(shell, place)
    named = shell.locator('iframe[name="target_iframe_adapter"]')
    expect(named).to_have_count(1)
    expect(shell.get_by_text("No record yet")).to_be_visible()
    pop(shell, f"{place.crm}/records/42")
    expect(shell.frame_locator('iframe[name="target_iframe_adapter"]').get_by_role("heading")).to_have_text(
        "records/42"
    )
    pop(shell, f"{place.crm}/records/43")
    expect(shell.frame_locator('iframe[name="target_iframe_adapter"]').get_by_role("heading")).to_have_text(
        "records/43"
    )
    expect(named).to_have_count(1)
    tabs = shell.get_by_role("tablist", name="CRM").get_by_role("tab")
    expect(tabs).to_have_text(["records 42", "records 43"])
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    assert watch.problems == []


def test_a_record_that_pops_again_gets_its_tab_back_as_the_agent_left_it(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/42")
    shell.frame_locator('iframe[name="target_iframe_adapter"]').get_by_label("Note").fill("unsaved")
    pop(shell, f"{place.crm}/records/43")
    expect(shell.get_by_role("tab")).to_have_count(2)
    pop(shell, f"{place.crm}/records/42")
    expect(shell.get_by_role("tab", name="records 42")).to_have_attribute("aria-selected", "true")
    expect(shell.get_by_role("tab")).to_have_count(2)
    expect(shell.frame_locator('iframe[name="target_iframe_adapter"]').get_by_label("Note")).to_have_value("unsaved")


def test_the_name_is_unique_for_the_browser_too(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    for number in (41, 42, 43, 41):
        pop(shell, f"{place.crm}/records/{number}")
        heading = shell.frame_locator('iframe[name="target_iframe_adapter"]').get_by_role("heading")
        expect(heading).to_have_text(f"records/{number}")
    named = [frame.url for frame in shell.frames if frame.name == "target_iframe_adapter"]
    assert named == [f"{place.crm}/records/41"]
    shell.get_by_role("tab", name="records 42").click()
    expect(shell.frame_locator('iframe[title="CRM record records 42"]').get_by_role("heading")).to_be_visible()
    expect(shell.locator('iframe[name="target_iframe_adapter"]')).to_have_count(1)


def test_tabs_work_by_keyboard_and_closing_the_last_brings_the_empty_state_back(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, f"{place.crm}/records/42")
    pop(shell, f"{place.crm}/records/43")
    shell.get_by_role("tab", name="records 43").focus()
    shell.keyboard.press("ArrowLeft")
    expect(shell.get_by_role("tab", name="records 42")).to_be_focused()
    expect(shell.get_by_role("tabpanel", name="records 42")).to_be_visible()
    shell.keyboard.press("Delete")
    expect(shell.get_by_role("tab", name="records 43")).to_be_focused()
    shell.get_by_role("button", name="Close tab").click()
    expect(shell.get_by_text("No record yet")).to_be_visible()
    expect(shell.locator('iframe[name="target_iframe_adapter"]')).to_have_count(1)


BAD_ADDRESSES = (
    ("javascript:alert(1)", "is no absolute http or https address"),
    ("java\tscript:alert(1)", "is no absolute http or https address"),
    ("\u0001javascript:alert(1)", "is no absolute http or https address"),
    ("data:text/html,x", "is no absolute http or https address"),
    ("blob:http://localhost/1", "is no absolute http or https address"),
    ("//{crm}/records/1", "is no absolute http or https address"),
    ("http:\\\\{crm}/records/1", "is no absolute http or https address"),
    ("http:///{crm}/records/1", "is no absolute http or https address"),
    ("http://{crm}\\@evil.example/", "is no absolute http or https address"),
    ("http://{crm}/a b", "is no absolute http or https address"),
    (" http://{crm}/1", "is no absolute http or https address"),
    ("/records/1", "is no absolute http or https address"),
    ("", "is no absolute http or https address"),
    ("http://{crm}@evil.example/", "names a user"),
    ("http://evil.example/{crm}", "leads to evil.example, which is no page host"),
    ("http://{crm}.evil.example/", "cannot be read"),
    ("https://CRM.example:443/1", "leads to crm.example, which is no page host"),
)


def test_refuses_to_show_a_bad_address(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    for url, reason in BAD_ADDRESSES:
        given = url.replace("{crm}", place.crm.removeprefix("http://"))
        assert reason in shell.evaluate("url => window.bus.pop(url)", given), url
    expect(shell.get_by_role("tab")).to_have_count(0)


def test_a_refused_address_stands_in_the_log(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    pop(shell, "https://evil.example/")
    expect(shell.get_by_role("log", name="Events")).to_contain_text(
        "Record not shown. The address leads to evil.example"
    )


CALL_WITH_JUNK = """async () => {
  const raise = () => { throw new Error("x"); };
  const junk = [undefined, null, 0, -1, 1e400, "", "x", "\\ud800", [], {}, raise, Symbol("s"), 10n, document];
  const failed = [];
  for (const [name, work] of Object.entries(window.bus)) {
    for (const one of junk) for (const other of junk) {
      if (name === "connect" && one === raise) continue; // it would take the messages from Python
      try {
        const answer = await work(one, other, one);
        if (typeof answer !== "string") failed.push(`${name}: ${typeof answer}`);
      } catch (error) {
        failed.push(`${name}: ${error}`);
      }
    }
  }
  return failed;
}"""


def test_no_function_that_python_may_call_throws(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    failed = shell.evaluate(CALL_WITH_JUNK)
    assert failed == []


def test_adapters_are_hidden_and_shown_without_being_loaded_again(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    adapter(shell).evaluate("() => { window.mark = 1; }")
    toggle = shell.get_by_role("button", name="Chat adapter")
    panel = shell.locator("#chat_adapter-panel")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    expect(panel).to_be_hidden()
    post(adapter(shell), {"type": "New_Chat", "data": CHAT})
    expect(shell.get_by_role("log", name="Events")).to_contain_text("New_Chat: chat 73522")
    toggle.click()
    expect(panel).to_be_visible()
    assert adapter(shell).evaluate("() => window.mark") == 1


def test_refusals_stand_in_the_log_once_and_then_at_every_power_of_ten(shell: Page, place: Place) -> None:
    open_shell(shell, place)
    adapter(shell).evaluate("() => { for (let i = 0; i < 250; i += 1) parent.postMessage('junk', '*'); }")
    lines = shell.get_by_role("log", name="Events").locator(".shell-entry-line")
    expect(lines).to_have_text(
        [
            "Message ignored: not JSON (from chat_adapter)",
            "Messages ignored: not JSON (from chat_adapter), 10 so far",
            "Messages ignored: not JSON (from chat_adapter), 100 so far",
        ]
    )
    assert report(shell)["reasons"] == {"not JSON": 250}
