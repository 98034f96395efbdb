from typing import Any

import pytest

from adapter_pages.agent import handshake
from adapter_pages.agent.handshake import Handshake
from host.errors import FieldsError

GREETING: dict[str, Any] = {"op": "hello", "ticket": "t", "adapter": "chat", "tab": "tab-0001", "seq": 7}


def test_reads_what_an_adapter_says_first() -> None:
    given = {**GREETING, "used_ms": 250, "posted": ["01J"]}
    assert handshake.read(given) == Handshake("t", "chat", "tab-0001", 7, 250, ("01J",))


def test_a_page_that_nobody_used_and_that_posted_nothing_may_leave_both_out() -> None:
    assert handshake.read(GREETING) == Handshake("t", "chat", "tab-0001", 7, None, ())


def test_a_page_may_have_been_left_alone_for_years() -> None:
    assert handshake.read({**GREETING, "used_ms": 10**15}).used_ms == handshake.LONGEST_AGO_MS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("op", "act"),
        ("ticket", None),
        ("adapter", "mail"),
        ("tab", "short"),
        ("tab", "a tab with spaces"),
        ("seq", -1),
        ("seq", True),
        ("seq", 2**53),
        ("used_ms", -1),
        ("used_ms", "soon"),
        ("posted", "01J"),
        ("posted", [7]),
        ("posted", ["01J"] * 21),
    ],
)
def test_refuses_what_is_no_greeting(field: str, value: object) -> None:
    with pytest.raises(FieldsError, match=field if field != "ticket" else "hello"):
        handshake.read({**GREETING, field: value})


def test_refuses_silence() -> None:
    with pytest.raises(FieldsError, match="within 10 s"):
        handshake.read(None)
