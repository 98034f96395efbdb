import json

from patchbay import defaults, registry
from patchbay.testing import Desk, FakePage

CHAT = {"chat_id": 73522, "session_type": "Messaging (Web)", "queue_path": "Developers / James"}
POP = {"recordUrl": "https://crm.example/records/42", "chat_id": 73522, "reason": "record"}


def test_importing_the_defaults_registers_them() -> None:
    assert registry.handlers("CRM_Record_Pop") == [defaults.log_event, defaults.pop_record]


def test_every_event_stands_in_the_log_with_its_whole_message() -> None:
    desk = Desk(registry)
    desk.send("New_Chat", CHAT, id="01HX")
    kind, line, detail = desk.page.logged[0]
    assert (kind, line) == ("event", "New_Chat: chat 73522, Developers / James")
    assert json.loads(detail) == {"type": "New_Chat", "data": CHAT, "meta": {"id": "01HX"}}


def test_a_record_pops() -> None:
    desk = Desk(registry)
    desk.send("CRM_Record_Pop", POP, id="01HX")
    assert desk.page.popped == ["https://crm.example/records/42"]


def test_a_replayed_pop_gives_the_record_its_tab_back_and_logs_nothing() -> None:
    desk = Desk(registry)
    desk.send("New_Chat", CHAT, id="01HX", replayed=True)
    desk.send("CRM_Record_Pop", POP, id="01HY", replayed=True)
    assert desk.page.logged == []
    assert desk.page.popped == []
    assert desk.page.restored == ["https://crm.example/records/42"]


def test_a_replayed_pop_that_this_page_has_seen_changes_nothing() -> None:
    desk = Desk(registry)
    desk.send("CRM_Record_Pop", POP, id="01HY")
    desk.send("CRM_Record_Pop", POP, id="01HY", replayed=True)
    assert desk.page.popped == ["https://crm.example/records/42"]
    assert desk.page.restored == []


def test_a_refused_record_stands_in_the_log_with_the_reason() -> None:
    desk = Desk(registry, FakePage("The address leads to evil.example."))
    desk.send("CRM_Record_Pop", POP)
    assert desk.page.logged[-1] == (
        "refused",
        "Record not shown. The address leads to evil.example.",
        "https://crm.example/records/42",
    )


def test_handlers_of_a_vendor_can_log_and_notify_and_learn_whether_a_record_shows() -> None:
    desk = Desk(registry)
    desk.shell.log("looked up", "42")
    desk.shell.notify("Hello")
    assert desk.shell.pop("https://crm.example/records/42") is True
    assert desk.page.logged == [("note", "looked up", "42")]
    assert desk.page.notified == ["Hello"]
    assert Desk(registry, FakePage("No.")).shell.pop("javascript:alert(1)") is False
