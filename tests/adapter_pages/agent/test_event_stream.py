"""Order and delivery of events to an adapter's page, also when its connection breaks."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from host.db.tables import journal as rows
from host.events import journal, tabs
from tests.adapter_pages.live import Adapter, LiveHost


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LiveHost]:
    made = LiveHost(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def chat(host: LiveHost) -> int:
    """A chat that James has; no adapter of his is open."""
    with host.adapter(host.james, "tab-none") as page:
        page.act("status", status="Available")
        session_id = host.chat(host.james)
        page.await_events("New_Chat", "Agent_Connects_to_Session")
    return session_id


def standing(page: Adapter) -> int:
    """How far the page has got: what it says when it reconnects."""
    seq = page.ops("state")[0]["seq"]
    for message in page.heard:
        if message["op"] in {"post", "passed"} and "after" in message:
            assert message["after"] <= seq, f"a gap before {message}"
            seq = max(seq, message["seq"])
    return int(seq)


def said(page: Adapter) -> list[tuple[str, bool]]:
    return [(event["type"], event["meta"]["replayed"]) for event in page.events()]


def pops(page: Adapter) -> list[dict[str, Any]]:
    return [event for event in page.events() if event["type"] == "CRM_Record_Pop"]


def settled(page: Adapter) -> None:
    """Let what is under way arrive."""
    assert page.act("status", status="Nonsense")["error"]
    page.hear(0.1)


def test_a_first_connect_tells_of_the_open_sessions_as_replayed_and_of_the_sign_in_as_new(
    host: LiveHost, chat: int
) -> None:
    with host.adapter(host.james) as page:
        page.await_events("New_Chat", "Agent_Connects_to_Session", "Agent_Login")
        assert said(page) == [("New_Chat", True), ("Agent_Connects_to_Session", True), ("Agent_Login", False)]
        assert [event["data"].get("chat_id") for event in page.events()] == [chat, chat, None]


def test_a_reconnect_tells_what_was_missed_as_replayed_in_order(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james) as page:
        page.await_events("Agent_Login")
        settled(page)
        seq = standing(page)
    for number in range(5):
        host.services.chats.write(chat, f"message {number}", None)
    host.services.chats.end(chat, by="end_user")
    with host.adapter(host.james, seq=seq) as again:
        again.await_events("End_Chat")
        assert said(again) == [("Chat_Inbound_Message", True)] * 5 + [("End_Chat", True)]
        texts = [event["data"]["message"] for event in again.events()[:5]]
        assert texts == [f"message {number}" for number in range(5)]
        seqs = [event["meta"]["seq"] for event in again.events()]
        assert seqs == list(range(seq + 1, seq + 7))


def test_a_page_that_has_posted_nothing_yet_misses_nothing_either(host: LiveHost, chat: int) -> None:
    host.services.chats.end(chat, by="end_user")
    with host.adapter(host.james, adapter="call") as sibling:
        sibling.await_events("Agent_Login")  # so the chat adapter of the tab has nothing to tell
    with host.adapter(host.james) as page:
        page.act("status", status="Available")
        assert page.events() == []
        seq = standing(page)
        session_id = host.chat(host.james, answered=False)
    host.services.actions.offers.answer(session_id, host.james)
    host.services.chats.end(session_id, by="end_user")
    with host.adapter(host.james, seq=seq) as again:
        again.await_events("New_Chat", "Agent_Connects_to_Session", "End_Chat")


@pytest.mark.slow
def test_live_events_come_once_in_order_and_not_replayed(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james) as page:
        page.await_events("Agent_Login")
        before = len(page.posts())
        for number in range(30):
            host.services.chats.write(chat, f"message {number}", None)
        page.wait(lambda: len(page.posts()) == before + 30, "all told")
        assert [event["data"]["message"] for event in page.events()[before:]] == [f"message {n}" for n in range(30)]
        assert {replayed for _, replayed in said(page)[before:]} == {False}
        standing(page)


def test_lines_are_sent_once_and_only_new_ones_are_read(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james) as page:
        for number in range(10):
            host.services.chats.write(chat, f"message {number}", None)
            _appended(page, number + 1)
    with host.adapter(host.james, seq=1) as again:
        again.wait(lambda: len(again.ops("append")) == 10, "a reload shows them all")


def _appended(page: Adapter, count: int) -> None:
    page.wait(lambda: len(page.ops("append")) == count, f"{count} lines")


def test_a_seq_that_this_journal_has_not_reached_starts_anew(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james, seq=9999) as page:
        page.await_events("New_Chat", "Agent_Connects_to_Session", "Agent_Login")
        assert page.ops("state")[0]["seq"] == 0


def test_a_pop_while_nobody_listened_comes_as_new_once(host: LiveHost, chat: int) -> None:
    event_id = host.pop(host.james, chat)
    with host.adapter(host.james) as page:
        page.wait(lambda: pops(page), "popped")
        [pop] = pops(page)
        assert (pop["meta"]["id"], pop["meta"]["replayed"]) == (event_id, False)
        assert pop["data"]["recordUrl"] == "http://localhost:8001/accounts/7"
        page.say(op="ack", id=event_id)
        settled(page)
        host.later(3)
        settled(page)
        assert len(pops(page)) == 1


@pytest.mark.slow
def test_a_pop_goes_to_the_last_used_of_ten_tabs(host: LiveHost, chat: int) -> None:
    with ExitStack() as stack:
        pages = [stack.enter_context(host.adapter(host.james, f"tab-{n:05}", used_ms=60_000 + n)) for n in range(10)]
        pages[6].say(op="used")
        settled(pages[6])
        event_id = host.pop(host.james, chat)
        pages[6].wait(lambda: pops(pages[6]), "popped")
        pages[6].say(op="ack", id=event_id)
        for page in pages:
            settled(page)
        assert [len(pops(page)) for page in pages] == [0] * 6 + [1] + [0] * 3
        for page in pages:
            standing(page)


def test_a_claim_whose_tab_goes_silent_passes_on_after_two_seconds(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james, "tab-silent", used_ms=0) as silent, host.adapter(host.james, "tab-other") as other:
        host.pop(host.james, chat)
        silent.wait(lambda: pops(silent), "popped")
        settled(other)
        assert pops(other) == []
        host.later(2)
        other.wait(lambda: pops(other), "popped in the other tab")


def test_a_page_that_says_what_it_posted_is_not_told_again_and_nobody_else_is(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james) as page:
        event_id = host.pop(host.james, chat)
        page.wait(lambda: pops(page), "popped")
        settled(page)
        seq = standing(page)
    host.later(3)  # the acknowledgement was lost, and the lease with it
    with (
        host.adapter(host.james, seq=seq, posted=[event_id]) as again,
        host.adapter(host.james, "tab-other") as other,
    ):
        settled(again)
        settled(other)
        assert pops(again) == pops(other) == []


def test_a_page_that_lost_its_connection_before_the_pop_came_gets_it_at_once(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james) as page:
        page.await_events("Agent_Login")
        seq = standing(page)
        host.pop(host.james, chat)
        page.wait(lambda: pops(page), "sent, but it never arrives")
    with host.adapter(host.james, seq=seq) as again:
        again.wait(lambda: pops(again), "popped")
        assert [pop["meta"]["replayed"] for pop in pops(again)] == [False]
        standing(again)


def test_a_reload_shows_the_record_again_and_other_tabs_do_not(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james, "tab-other", used_ms=9000) as other:
        with host.adapter(host.james, "tab-before", used_ms=0) as page:
            event_id = host.pop(host.james, chat)
            page.wait(lambda: pops(page), "popped")
            page.say(op="ack", id=event_id)
            settled(page)
        page.wait(lambda: "tab-before" not in open_tabs(host), "gone")
        with host.adapter(host.james, "tab-after1") as after, host.adapter(host.james, "tab-after2") as second:
            after.wait(lambda: pops(after), "popped again")
            assert pops(after)[0]["meta"]["replayed"] is True
            settled(second)
            settled(other)
            assert pops(second) == pops(other) == []


def open_tabs(host: LiveHost) -> list[str]:
    with host.services.database.read() as connection:
        return tabs.tab_ids(connection, host.james, "chat", host.clock.now())


def test_a_page_that_wakes_up_late_asks_and_may_go_on_if_nobody_else_has(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james) as page:
        event_id = host.pop(host.james, chat)
        page.wait(lambda: pops(page), "popped")
        assert page.posts()[-1]["until"] == page.ops("state")[0]["now"] + 2000
        host.later(1.5)
        page.say(op="late", id=event_id)
        page.wait(lambda: len(pops(page)) == 2, "told to go on")
        assert "until" not in page.posts()[-1]
        page.say(op="ack", id=event_id)
        page.say(op="late", id=event_id)
        settled(page)
        assert len(pops(page)) == 2


def test_an_event_that_cannot_be_told_keeps_none_of_the_others(host: LiveHost, chat: int) -> None:
    with host.services.database.write() as connection:
        now = host.clock.now()
        journal.post(
            connection,
            "CRM_Record_Pop",
            now=now,
            agent_id=host.james,
            adapter="chat",
            session_id=chat,
            data={"reason": "record", "chat_id": chat, "record_id": None, "account_id": None},
        )
    host.services.chats.write(chat, "still there?", None)
    with host.adapter(host.james) as page:
        page.await_events("Chat_Inbound_Message", "Agent_Login")
        standing(page)


def test_another_agents_stream_is_his_own(host: LiveHost, chat: int) -> None:
    host.pop(host.james, chat)
    with host.adapter(host.eve) as page:
        page.await_events("Agent_Login")
        settled(page)
        assert said(page) == [("Agent_Login", False)]
        assert "localhost:8001" not in json.dumps(page.heard)


def test_a_socket_that_was_taken_for_dead_comes_back(host: LiveHost, chat: int) -> None:
    with host.adapter(host.james) as page:
        page.await_events("Agent_Login")
        with host.services.database.write() as connection:
            tabs.forget_all(connection)
        host.services.chats.write(chat, "anybody?", None)
        assert page.await_close() == 1001


def test_the_journal_holds_no_urls(host: LiveHost, chat: int) -> None:
    host.pop(host.james, chat)
    with host.services.database.read() as connection:
        assert "localhost:8001" not in json.dumps([list(map(str, row)) for row in connection.execute(rows.select())])
