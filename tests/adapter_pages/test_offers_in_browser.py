"""Offers in the chat adapter: bars that leave the conversation in view, and what the agent missed."""

from playwright.sync_api import Page, expect

from tests.adapter_pages.agent.test_missed import miss
from tests.adapter_pages.browser import Script, Watch, wait_until
from tests.adapter_pages.conftest import Office

BAR_PX = 62
CONVERSATION_PX = 128


def test_offers_are_bars_and_the_third_is_counted(adapter: Page, office: Office, script: Script, watch: Watch) -> None:
    with office.database.write() as connection:
        connection.exec_driver_sql("UPDATE pb_users SET max_chats = 5")
    session_id = office.answered("Ada")
    for number in range(3):
        office.start(f"Caller {number} with a name that is much longer than the bar has room for")
    script.show(office.desk())
    bars = adapter.locator(".offer-bar")
    expect(bars).to_have_count(3)
    expect(adapter.get_by_role("button", name="Answer")).to_have_count(2)
    heights = bars.evaluate_all("bars => bars.slice(0, 2).map((bar) => bar.getBoundingClientRect().height)")
    assert max(heights) <= BAR_PX, heights
    log = adapter.locator(f"#chat-{session_id}-log").bounding_box()
    assert log is not None
    assert log["height"] >= CONVERSATION_PX
    adapter.get_by_text("+1 more").click()
    expect(adapter.get_by_role("button", name="Answer")).to_have_count(3)
    wait_until(adapter, lambda: len(script.ops("ack")) == 3, "all offers acknowledged")
    assert watch.problems == []


def test_the_strip_of_a_missed_chat_sets_the_agent_available(adapter: Page, office: Office, script: Script) -> None:
    office.answered("Ada")
    miss(office, "Gone Guest")
    script.show(office.desk())
    expect(adapter.get_by_text("You missed Gone Guest")).to_be_visible()
    adapter.get_by_role("button", name="Set Available").click()
    wait_until(adapter, lambda: bool(script.acts("status")), "status sent")
    assert script.acts("status")[0]["args"] == {"status": "Available"}
