"""The pages and their scripts, under their full policy."""

import json
import time
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from host.settings.document.model import Settings
from tests.adapter_pages.browser import (
    CHAT,
    PASSWORD,
    PageServices,
    Script,
    Watch,
    connected,
    embedder_app,
    sign_in_as_agent,
    wait_until,
)
from tests.adapter_pages.conftest import Office


def test_an_agent_answers_and_talks(adapter: Page, office: Office, script: Script, watch: Watch) -> None:
    session_id = office.start("Ada Lovelace")
    script.show(office.desk())
    adapter.get_by_role("button", name="Answer").click()
    wait_until(adapter, lambda: bool(script.acts("answer")), "answer sent")
    assert script.acts("answer")[0]["args"] == {"session_id": session_id}
    office.offers.answer(session_id, office.agent_id)
    office.write(session_id, "Good morning")
    script.show(office.desk())
    expect(adapter.get_by_role("tab", name="Ada Lovelace", exact=True)).to_have_attribute("aria-selected", "true")
    expect(adapter.get_by_role("log", name="Conversation")).to_contain_text("Good morning")
    adapter.get_by_role("textbox", name="Message").fill("Hello")
    adapter.keyboard.press("Enter")
    wait_until(adapter, lambda: bool(script.acts("message")), "message sent")
    assert script.acts("message")[0]["args"] == {"session_id": session_id, "text": "Hello"}
    expect(adapter.get_by_role("log", name="Conversation")).to_contain_text("Hello")
    office.chats.say(session_id, office.agent_id, "Hello", script.acts("message")[0]["id"])
    script.show(office.desk())
    expect(adapter.get_by_text("Hello", exact=True)).to_have_count(1)
    assert watch.problems == []


def test_what_is_typed_survives_what_comes_meanwhile(adapter: Page, office: Office, script: Script) -> None:
    first = office.answered("Ada Lovelace")
    script.show(office.desk())
    message = adapter.get_by_role("textbox", name="Message")
    message.fill("half a sen")
    office.write(first, "Are you there?")
    office.start("Grace Hopper")
    script.show(office.desk())
    expect(adapter.get_by_role("button", name="Answer")).to_be_visible()
    expect(message).to_have_value("half a sen")
    expect(message).to_be_focused()


def test_an_unread_mark_shows_and_goes(adapter: Page, office: Office, script: Script) -> None:
    first = office.answered("Ada Lovelace")
    office.answered("Grace Hopper")
    office.write(first, "Hello?")
    script.show(office.desk())
    tab = adapter.get_by_role("tab", name="Ada Lovelace", exact=True)
    expect(tab.locator(".unread")).to_have_text("1")
    tab.click()
    expect(adapter.get_by_role("log", name="Conversation")).to_contain_text("Hello?")
    wait_until(adapter, lambda: bool(script.acts("focus")), "focus sent")
    office.focus(first)
    script.show(office.desk())
    expect(tab.locator(".unread")).to_have_count(0)


def test_arrow_keys_move_between_chats(adapter: Page, office: Office, script: Script) -> None:
    office.answered("Ada Lovelace")
    office.answered("Grace Hopper")
    script.show(office.desk())
    adapter.get_by_role("tab", name="Grace Hopper").focus()
    adapter.keyboard.press("ArrowRight")
    expect(adapter.get_by_role("tab", name="Ada Lovelace")).to_be_focused()
    expect(adapter.get_by_role("tab", name="Ada Lovelace")).to_have_attribute("aria-selected", "true")


def test_an_act_that_got_no_answer_is_sent_again_with_its_id(adapter: Page, office: Office, script: Script) -> None:
    office.answered()
    script.show(office.desk())
    script.answers = False
    adapter.get_by_role("textbox", name="Message").fill("Hello")
    adapter.get_by_role("button", name="Send").click()
    wait_until(adapter, lambda: len(script.acts("message")) == 1, "sent once")
    script.cut()
    wait_until(adapter, lambda: len(script.acts("message")) == 2, "sent again")
    one, other = script.acts("message")
    assert one == other
    expect(adapter.locator("#connection")).to_contain_text("Reconnected, 0 events replayed.")


def test_a_refused_act_says_why(adapter: Page, office: Office, script: Script) -> None:
    office.start()
    script.show(office.desk())
    script.answers = False
    adapter.get_by_role("button", name="Answer").click()
    wait_until(adapter, lambda: bool(script.acts("answer")), "answer sent")
    error = {"error": "not_allowed", "message": "Chat 1 is not offered to you any more.", "retryable": False}
    script.send(op="done", id=script.acts("answer")[0]["id"], error=error)
    expect(adapter.get_by_role("alert")).to_contain_text("not offered to you any more")


def test_a_click_that_a_script_made_answers_nothing(adapter: Page, office: Office, script: Script) -> None:
    office.start()
    script.show(office.desk())
    button = adapter.get_by_role("button", name="Answer")
    expect(button).to_be_visible()
    button.evaluate("button => button.click()")
    adapter.get_by_role("combobox", name="Status").select_option("Break")
    wait_until(adapter, lambda: bool(script.acts("status")), "status sent")
    assert script.acts("answer") == []


def test_what_changes_while_a_button_is_pressed_swallows_no_click(
    adapter: Page, office: Office, script: Script
) -> None:
    session_id = office.start("Ada Lovelace")
    script.show(office.desk())
    adapter.get_by_role("button", name="Answer").hover()
    adapter.mouse.down()
    office.start("Grace Hopper")
    script.show(office.desk())
    adapter.wait_for_timeout(200)  # else it might come only after the release
    adapter.mouse.up()

    expect(adapter.get_by_role("heading", name="Grace Hopper")).to_be_visible()
    wait_until(adapter, lambda: bool(script.acts("answer")), "the answer is sent")
    assert script.acts("answer")[0]["args"] == {"session_id": session_id}


def test_the_trace_opens_under_why(adapter: Page, office: Office, script: Script, watch: Watch) -> None:
    office.answered()
    script.show(office.desk())
    adapter.get_by_role("button", name="Why?").click()
    expect(adapter.get_by_role("dialog", name="Why?")).to_contain_text("Nothing has been asked of the CRM")
    adapter.get_by_role("button", name="Close", exact=True).click()
    assert watch.problems == []


def test_no_other_text_becomes_html(adapter: Page, watch: Watch) -> None:
    reason = adapter.evaluate(
        """async () => {
          const own = document.querySelector('script[type=module]').src;
          const address = own.replace("adapter/main.js", "shared/fragments.js");
          const { Fragment } = await import(address);
          try { new Fragment(Symbol("made in this module"), "<img src=x>"); } catch (error) { return error.message; }
        }"""
    )
    assert "readSocket and fetchFragment only" in reason
    blocked = adapter.evaluate("() => { try { document.body.innerHTML = '<p>x</p>'; } catch (e) { return e.name; } }")
    assert blocked == "TypeError"


@pytest.fixture
def crm_page(page: Page, url: str, services: PageServices, serve: Callable[[Flask], int], script: Script) -> Page:
    """Another company's page, which is on the list, with both adapters signed in and connected."""
    crm = f"http://localhost:{serve(embedder_app(url))}"
    services.settings.settings = Settings.model_validate({"embedding": {"allowed_origins": [crm]}})
    page.goto(crm)
    frame = page.frame("chat")
    assert frame
    frame.get_by_role("textbox", name="E-mail").fill("agent@example.com")
    frame.get_by_role("textbox", name="Password").fill(PASSWORD)
    frame.get_by_role("button", name="Sign in").click()
    wait_until(page, lambda: len(script.ops("hello")) == 2, "both adapters connected, the sibling too")
    return page


def event(seq: int, event_type: str = "New_Chat") -> str:
    return json.dumps({"type": event_type, "data": {}, "meta": {"id": f"event-{seq}", "seq": seq}})


def test_events_go_to_the_allowed_page_around_us_once_and_in_order(
    crm_page: Page, url: str, script: Script, watch: Watch
) -> None:
    assert len({hello["tab"] for hello in script.ops("hello")}) == 1
    assert {hello["adapter"] for hello in script.ops("hello")} == {"call", "chat"}
    for seq in (1, 2, 2, 5, 4, 3, 1):  # doubled, and in any order
        script.send(op="post", message=event(seq), seq=seq, after=seq - 1)
    script.send(op="passed", seq=9, after=5)
    script.cut()
    wait_until(crm_page, lambda: len(script.ops("hello")) == 3, "connected again")
    assert crm_page.evaluate("heard") == [[url, event(seq)] for seq in range(1, 6)]
    assert script.ops("hello")[-1]["seq"] == 9
    assert watch.problems == []


def test_what_is_missing_is_asked_for_with_a_new_connection(crm_page: Page, url: str, script: Script) -> None:
    script.send(op="post", message=event(1), seq=1, after=0)
    script.send(op="post", message=event(3), seq=3, after=2)
    wait_until(crm_page, lambda: len(script.ops("hello")) == 3, "connected again")
    assert script.ops("hello")[-1]["seq"] == 1
    assert crm_page.evaluate("heard") == [[url, event(1)]]


def test_a_pop_is_acknowledged_each_time_posted_once_and_remembered(crm_page: Page, url: str, script: Script) -> None:
    for _ in range(2):
        script.send(op="post", message=event(1, "CRM_Record_Pop"), ack="event-1")
    wait_until(crm_page, lambda: len(script.ops("ack")) == 2, "acknowledged, again when asked again")
    assert crm_page.evaluate("heard") == [[url, event(1, "CRM_Record_Pop")]]
    script.cut()
    wait_until(crm_page, lambda: len(script.ops("hello")) == 3, "connected again")
    assert script.ops("hello")[-1]["posted"] == ["event-1"]


def test_a_pop_that_comes_too_late_is_posted_only_when_the_server_says_so(
    crm_page: Page, url: str, script: Script
) -> None:
    long_ago = int(time.time() * 1000) - 60_000
    script.send(op="post", message=event(1, "CRM_Record_Pop"), ack="event-1", until=long_ago)
    wait_until(crm_page, lambda: script.ops("late") == [{"op": "late", "id": "event-1"}], "asked")
    assert crm_page.evaluate("heard") == []
    script.send(op="post", message=event(1, "CRM_Record_Pop"), ack="event-1")
    wait_until(crm_page, lambda: len(script.ops("ack")) == 1, "acknowledged")
    assert crm_page.evaluate("heard") == [[url, event(1, "CRM_Record_Pop")]]


def test_an_offer_is_acknowledged_once_shown_and_again_after_a_break(
    adapter: Page, office: Office, script: Script
) -> None:
    office.start()
    script.show(office.desk())
    [offer] = office.desk().offers
    wait_until(adapter, lambda: script.ops("ack") == [{"op": "ack", "id": offer.event_id}], "acknowledged")
    script.show(office.desk())
    script.cut()
    wait_until(adapter, lambda: len(script.ops("ack")) == 2, "acknowledged again")


def test_connections_that_break_at_once_are_tried_ever_more_slowly(page: Page, url: str, script: Script) -> None:
    page.add_init_script("Math.random = () => 1")
    script.cuts_at_once = True
    page.goto(url + CHAT)
    sign_in_as_agent(page)
    wait_until(page, lambda: len(script.heard_at) == 4, "tried four times")
    first, second, third, fourth = script.heard_at
    assert second - first > 0.2
    assert third - second > 0.45
    assert fourth - third > 0.9


def test_a_connection_that_says_nothing_for_a_minute_is_given_up(page: Page, url: str, script: Script) -> None:
    page.clock.install()
    page.goto(url + CHAT)
    sign_in_as_agent(page)
    connected(page)
    page.clock.fast_forward(50_000)
    script.send(op="alive", now=0)
    expect(page.locator("body.is-connected")).to_be_attached()
    page.clock.fast_forward(50_000)
    assert len(script.ops("hello")) == 1
    page.clock.fast_forward(11_000)
    page.clock.fast_forward(1_000)
    wait_until(page, lambda: len(script.ops("hello")) == 2, "connected again")


def test_a_page_that_is_not_allowed_frames_nothing(
    page: Page, url: str, serve: Callable[[Flask], int], watch: Watch
) -> None:
    page.goto(f"http://localhost:{serve(embedder_app(url))}")
    wait_until(page, lambda: any("frame-ancestors" in problem for problem in watch.problems), "refused")
    frame = page.frame("chat")
    assert frame is None or frame.get_by_role("button", name="Sign in").count() == 0


def test_what_is_sent_before_the_script_is_here_waits_for_it(page: Page, url: str, watch: Watch) -> None:
    script = Script(page, "/consumer/socket")
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/consumer/main.js", hold)
    page.goto(f"{url}/consumer/?name=Ada+Lovelace", wait_until="commit")
    page.get_by_role("button", name="Start chat").click(no_wait_after=True)
    page.get_by_role("textbox", name="Message").fill("Good morning")
    page.get_by_role("button", name="Send").click(no_wait_after=True)
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Good morning")
    for route in late:
        route.continue_()
    wait_until(page, lambda: bool(script.acts("message")), "message sent")
    assert [act["args"] for act in script.acts("message")] == [{"text": "Good morning"}]
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    assert watch.problems == []


def test_a_consumer_starts_a_chat_and_finds_it_again(page: Page, url: str, office: Office, watch: Watch) -> None:
    script = Script(page, "/consumer/socket")
    page.goto(f"{url}/consumer/?name=Ada+Lovelace&queue=support/web&custom_data=%7B%22order%22:12%7D")
    expect(page.get_by_role("combobox", name="Queue")).to_have_value("Support / Web")
    page.get_by_role("textbox", name="E-mail").fill("ada")
    page.get_by_role("button", name="Start chat").click()
    expect(page.get_by_text("Enter an e-mail address")).to_be_visible()
    watch.problems.clear()  # Chromium notes the 422
    page.get_by_role("textbox", name="E-mail").fill("ada@example.com")
    page.get_by_role("button", name="Start chat").click()
    expect(page.get_by_text("Connecting you")).to_be_visible()
    (offer,) = office.desk().offers
    assert offer.about.caller == "Ada Lovelace"
    assert [(entry.label, entry.value) for entry in offer.about.custom_data] == [("order", "12")]
    page.get_by_role("textbox", name="Message").fill("Good morning")
    page.get_by_role("button", name="Send").click()
    wait_until(page, lambda: bool(script.acts("message")), "message sent")
    office.chats.write(offer.about.session_id, "Good morning", script.acts("message")[0]["id"])
    page.reload()
    expect(page.get_by_role("log", name="Conversation")).to_contain_text("Good morning")
    office.chats.end(offer.about.session_id, by="end_user")
    page.reload()
    expect(page.get_by_role("button", name="End chat")).to_be_hidden()
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("button", name="Start chat")).to_be_visible()
    assert watch.problems == []
