import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter_pages.shared import links


def found(text: str) -> list[tuple[str, str]]:
    return [(part.text, part.url) for part in links.parts(text) if part.url]


@pytest.mark.parametrize(
    ("text", "shown", "url"),
    [
        ("see https://example.com/a?b=1&c=2#d.", "https://example.com/a?b=1&c=2#d", None),
        ("(https://example.com/a_(b))", "https://example.com/a_(b)", None),
        ("HTTP://EXAMPLE.COM!", "HTTP://EXAMPLE.COM", None),
        ("http://localhost:8001/records/12, please", "http://localhost:8001/records/12", None),
        ("https://bücher.example/straße", "https://bücher.example/straße", None),
        (
            "mail james.bond+x@mi6.example.co.uk, please",
            "james.bond+x@mi6.example.co.uk",
            "mailto:james.bond%2Bx@mi6.example.co.uk",
        ),
        ("call +1 (222) 333-4444 now", "+1 (222) 333-4444", "tel:+12223334444"),
        ("+49 30 1234567", "+49 30 1234567", "tel:+49301234567"),
    ],
)
def test_finds_a_link(text: str, shown: str, url: str | None) -> None:
    assert found(text) == [(shown, url or shown)]


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "https://bank.example@evil.example/",  # not where it seems to lead
        "https://",
        "https://[::1",
        "https://example.com:99999/",
        "https://example.com/\u202egpj.exe",
        "https://exa\u200bmple.com",
        "order 12223334444",
        "+1 2",
        "xhttps://example.com",
        "a@b",
        "//example.com",
    ],
)
def test_leaves_the_rest_as_text(text: str) -> None:
    assert found(text) == []


@given(st.text() | st.from_regex(links._LINK))
def test_the_parts_are_the_text_and_lead_to_safe_places(text: str) -> None:
    parts = links.parts(text)
    assert "".join(part.text for part in parts) == text
    schemes = ("https:", "http:", "mailto:", "tel:")
    assert all(part.url is None or part.url.lower().startswith(schemes) for part in parts)


def test_a_long_message_is_quick() -> None:
    for text in (
        "a" * 10_000,
        "a@" * 5_000,
        "+1" * 5_000,
        "https://" * 1_250,
        "https://a" + ")" * 9_990,
        "+1" + " 2" * 4_999,
    ):
        assert "".join(part.text for part in links.parts(text)) == text
