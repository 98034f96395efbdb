from typing import Any

import pytest

from host.crm.session_facts.comments import text_of
from tests.host.crm.facts import CALL, NOBODY, variables


def test_says_that_a_call_started() -> None:
    assert text_of("start", variables(), "plain") == (
        "Call started\nSession: 103646\nType: Voice Inbound (IVR)\nQueue: Developers/James\nName: James Bond\n"
        "Phone: +12223334444\nE-mail: james.bond@007\nAgent: agent@example.com"
    )


def test_says_how_a_chat_ended() -> None:
    text = text_of("end", variables(channel="chat"), "plain")
    assert text is not None
    assert text.splitlines()[0] == "Chat ended"
    assert "Duration: 62:03" in text


@pytest.mark.parametrize(
    ("event", "facts", "details", "expected"),
    [
        (
            "csat",
            {"rating": 5, "feedback": "the agent was great!"},
            {},
            "Customer rating\nRating: 5 of 5\nthe agent was great!",
        ),
        ("csat", {}, {}, None),
        (
            "custom_data",
            {
                "custom_data": {
                    "d": {"label": "Device", "value": "iPhone"},
                    "n": {"value": 7},
                    "reserved_bad_actor": {"value": 1},
                    "reserved_of_tomorrow": {"label": "New", "value": "x"},
                    "Reserved_Verified_Customer": {"value": True},
                    " reserved_x": "y",
                    "unreserved_": "z",
                }
            },
            {},
            "Custom data\nDevice: iPhone\nn: 7\nunreserved_: z",
        ),
        ("custom_data", {"custom_data": {"reserved_verified_customer": {"value": True}}}, {}, None),
        (
            "transfer",
            {},
            {"from": "a@b", "to": "Support / Web", "text": "knows more"},
            "Transfer\nFrom: a@b\nTo: Support / Web\nknows more",
        ),
        (
            "disposition",
            {},
            {"code": "Solved", "notes": "line 1\nline 2"},
            "Wrap-up\nDisposition: Solved\nline 1\nline 2",
        ),
        ("disposition", {}, {}, None),
        ("survey", {}, {"answers": [{"question": "Happy?", "answer": "yes"}]}, "Survey\nHappy?: yes"),
        ("survey", {}, {"answers": []}, None),
        (
            "upload",
            {},
            {"name": "call-103646.mp3", "url": "https://h.example/1"},
            "File\nName: call-103646.mp3\nhttps://h.example/1",
        ),
        ("upload", {}, {"name": "x", "url": "javascript:alert(1)"}, "File\nName: x"),
    ],
)
def test_says_what_happened(event: Any, facts: Any, details: Any, expected: str | None) -> None:
    assert text_of(event, variables(NOBODY, **facts), "plain", details) == expected


DETAILS = {"code": "<b>Solved</b>", "notes": '<img src=x onerror=alert(1)>\n[a](javascript:1) & *b* "'}


def test_html_holds_no_markup_but_ours() -> None:
    assert text_of("disposition", variables(CALL), "html", DETAILS) == (
        "<p><strong>Wrap-up</strong></p><ul><li>Disposition: &lt;b&gt;Solved&lt;/b&gt;</li></ul>"
        "<p>&lt;img src=x onerror=alert(1)&gt;<br>[a](javascript:1) &amp; *b* &quot;</p>"
    )


def test_markdown_holds_no_markup_but_ours() -> None:
    assert text_of("disposition", variables(CALL), "markdown", DETAILS) == (
        "**Wrap\\-up**\n\n- Disposition: \\<b\\>Solved\\</b\\>\n\n"
        '\\<img src=x onerror=alert\\(1\\)\\>  \n\\[a\\]\\(javascript:1\\) \\& \\*b\\* "'
    )


def test_links_are_links() -> None:
    details = {"name": "a", "url": "https://h.example/?a=1&b='2'"}
    html = text_of("upload", variables(), "html", details)
    assert html is not None
    assert '<a href="https://h.example/?a=1&amp;b=&#x27;2&#x27;">' in html
    assert (text_of("upload", variables(), "markdown", details) or "").endswith("<https://h.example/?a=1&b='2'>")
