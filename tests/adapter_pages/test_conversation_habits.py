"""What people expect of a chat: drafts, typing, seen, links, groups, and the way back to the end."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.adapter_pages.browser import Script, Watch, connected, wait_until
from tests.adapter_pages.conftest import Office


def show(office: Office, script: Script) -> None:
    script.show(office.desk())


def test_a_draft_is_kept_for_each_chat_over_a_reload(adapter: Page, office: Office, script: Script) -> None:
    one, two = office.answered("Ada"), office.answered("Grace")
    show(office, script)
    for session_id in (one, two):
        adapter.locator(f"#chat-{session_id}-tab").click()
        adapter.locator(f"#chat-{session_id}-text").fill(f"For {session_id}\nmore")
    adapter.reload()
    connected(adapter)
    for session_id in (one, two):
        expect(adapter.locator(f"#chat-{session_id}-text")).to_have_value(f"For {session_id}\nmore")
    adapter.locator(f"#chat-{two}-tab").click()
    adapter.locator(f"#chat-{two}-text").press("Enter")
    adapter.reload()
    connected(adapter)
    expect(adapter.locator(f"#chat-{two}-text")).to_have_value("")
    expect(adapter.locator(f"#chat-{one}-text")).to_have_value(f"For {one}\nmore")


def test_drafts_are_kept_in_memory_where_storage_throws(adapter: Page, office: Office, script: Script) -> None:
    session_id = office.answered("Ada")
    adapter.add_init_script("Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException(); } })")
    adapter.reload()
    connected(adapter)
    field = adapter.locator(f"#chat-{session_id}-text")
    field.fill("Half a thou")
    field.press("End")
    field.press("Enter")
    wait_until(adapter, lambda: bool(script.acts("message")), "message sent")


def test_typing_is_told_every_few_seconds_and_shown_for_some(
    adapter: Page, office: Office, script: Script, watch: Watch
) -> None:
    session_id = office.answered("Ada")
    show(office, script)
    adapter.locator(f"#chat-{session_id}-text").press_sequentially("Hello there")
    wait_until(adapter, lambda: bool(script.acts("typing")), "typing told")
    assert [act["args"] for act in script.acts("typing")] == [{"session_id": session_id}]
    writing = adapter.get_by_text("Ada is writing…")
    expect(writing).to_be_hidden()
    script.send(op="typing", session_id=session_id)
    expect(writing).to_be_visible()
    office.write(session_id, "Here I am")
    show(office, script)
    expect(writing).to_be_hidden()
    assert watch.problems == []


def test_what_is_in_view_is_reported_as_seen(adapter: Page, office: Office, script: Script) -> None:
    one, two = office.answered("Ada"), office.answered("Grace")
    for session_id in (one, two):
        office.write(session_id, "Good morning")
    show(office, script)
    wait_until(adapter, lambda: len(script.acts("read")) >= 2, "both reported")
    told = {act["args"]["session_id"]: act["args"] for act in script.acts("read")}
    assert told[two]["seen"] == told[two]["delivered"] > 0
    assert (told[one]["seen"], told[one]["delivered"] > 0) == (0, True)
    adapter.locator(f"#chat-{one}-tab").click()
    wait_until(adapter, lambda: script.acts("read")[-1]["args"]["session_id"] == one, "seen now")
    assert script.acts("read")[-1]["args"]["seen"] == told[one]["delivered"]


def test_new_messages_do_not_move_who_reads_older_ones(adapter: Page, office: Office, script: Script) -> None:
    session_id = office.answered("Ada")
    for number in range(30):
        office.write(session_id, f"Message {number}")
    show(office, script)
    log, button = adapter.locator(f"#chat-{session_id}-log"), adapter.get_by_role("button", name="New messages")
    expect(log.get_by_text("Message 29")).to_be_in_viewport()
    expect(button).to_be_hidden()
    log.evaluate("log => log.scrollTop = 0")
    office.write(session_id, "The newest")
    show(office, script)
    expect(button).to_be_visible()
    expect(log.get_by_text("Message 0", exact=True)).to_be_in_viewport()
    button.click()
    expect(log.get_by_text("The newest")).to_be_in_viewport()
    expect(button).to_be_hidden()


def test_the_end_stays_in_view_when_the_log_gets_smaller(adapter: Page, office: Office, script: Script) -> None:
    session_id = office.answered("Ada")
    for number in range(30):
        office.write(session_id, f"Message {number}")
    show(office, script)
    adapter.locator(f"#chat-{session_id}-text").fill("a\nb\nc\nd\ne")
    script.send(op="typing", session_id=session_id)
    expect(adapter.get_by_text("Ada is writing…")).to_be_visible()
    last = adapter.locator(f"#chat-{session_id}-log .line").last
    expect(last).to_be_in_viewport(ratio=0.99)


def test_messages_within_two_minutes_stand_together(adapter: Page, office: Office, script: Script) -> None:
    session_id = office.answered("Ada")
    for wait_s, text in ((0, "One"), (60, "Two"), (200, "Three")):
        office.clock.forward(timedelta(seconds=wait_s))
        office.write(session_id, text)
    office.say(session_id, "Four")
    office.write(session_id, "Five")
    show(office, script)
    lines = adapter.locator(f"#chat-{session_id}-log .line")
    expect(lines).to_have_count(5)
    continued = lines.evaluate_all("lines => lines.map((line) => line.classList.contains('is-continued'))")
    assert continued == [False, True, False, False, False]


def test_links_open_elsewhere_and_know_nothing_of_us(adapter: Page, office: Office, script: Script) -> None:
    session_id = office.answered("Ada")
    office.write(session_id, "See https://example.com/a, javascript:alert(1) or +1 222 333 4444")
    show(office, script)
    links = adapter.locator(f"#chat-{session_id}-log a")
    expect(links).to_have_count(2)
    assert [links.nth(each).get_attribute("href") for each in range(2)] == ["https://example.com/a", "tel:+12223334444"]
    assert set(links.evaluate_all("all => all.map((link) => link.rel + ' ' + link.target)")) == {
        "noopener noreferrer nofollow _blank"
    }


def test_the_last_message_says_how_far_it_got(adapter: Page, office: Office, script: Script) -> None:
    session_id = office.answered("Ada")
    office.say(session_id, "Hello")
    show(office, script)
    expect(adapter.locator(f"#chat-{session_id}-receipt")).to_have_text("Sent")
