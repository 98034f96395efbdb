"""The example of docs/listeners.md, tested as a vendor would."""

from pathlib import Path

import pytest
from patchbay import registry
from patchbay.testing import Desk, FakePage, load

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/vendor_listener.py"
CHAT = {"chat_id": 73522, "queue_path": "Developers / James"}
POP = {"recordUrl": "https://crm.example/records/42", "accountUrl": "https://crm.example/accounts/7"}


@pytest.fixture
def desk() -> Desk:
    return Desk(load(str(EXAMPLE)))


def test_greets_once(desk: Desk) -> None:
    desk.send("New_Chat", CHAT)
    desk.send("New_Chat", CHAT, replayed=True)
    assert desk.page.notified == ["Chat 73522 in Developers / James"]


def test_counts_the_chats_that_are_left(desk: Desk) -> None:
    desk.send("New_Chat", CHAT)
    desk.send("New_Chat", {"chat_id": 73523}, replayed=True)
    desk.send("End_Chat", CHAT)
    assert desk.page.logged == [("note", "1 chats open", "")]


def test_opens_the_account_behind_the_record(desk: Desk) -> None:
    desk.send("CRM_Record_Pop", POP)
    desk.send("CRM_Record_Pop", POP, replayed=True)
    assert desk.page.popped == ["https://crm.example/accounts/7", "https://crm.example/records/42"]


def test_a_refusal_stands_in_the_log() -> None:
    desk = Desk(load(str(EXAMPLE)), FakePage("No."))
    desk.send("CRM_Record_Pop", POP)
    assert [(kind, line) for kind, line, _ in desk.page.logged] == [("refused", "Record not shown. No.")] * 2


def test_handlers_that_wait_are_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "slow.py"
    path.write_text(
        "import asyncio\nfrom patchbay import on\n@on('New_Chat')\nasync def slow(event, shell):\n"
        "    await asyncio.sleep(0.001)\n    shell.notify('later')\n"
    )
    desk = Desk(load(str(path)))
    desk.send("New_Chat", CHAT)
    assert desk.page.notified == ["later"]


def test_loading_leaves_the_pages_registry_alone(desk: Desk) -> None:
    assert all(handler.__module__ != "<run_path>" for handler in registry.handlers("New_Chat"))
