import pytest

from adapter_pages.agent import custom_fields
from adapter_pages.agent.custom_fields import CustomField


def test_shows_entries_in_their_order_by_their_labels() -> None:
    given = {"b": {"label": "Order", "value": 12}, "a": {"label": "Paid", "value": True}}
    assert custom_fields.visible(given) == (CustomField("Order", "12", None), CustomField("Paid", "yes", None))


def test_hides_what_the_agent_may_not_see_and_reserved_keys() -> None:
    given = {
        "secret": {"label": "Secret", "value": "x", "invisible_to_agent": True},
        "reserved_bad_actor": {"label": "Bad", "value": True},
        "reserved_of_tomorrow": {"label": "New", "value": True},
        " Reserved_Bad_Actor": {"label": "Odd", "value": True},
    }
    assert custom_fields.visible(given) == ()
    assert custom_fields.flags(given) == ("Bad actor",)


def test_a_verified_consumer_has_one_flag_for_it() -> None:
    given = {"reserved_verified_customer": {"label": "V", "value": True}}
    assert custom_fields.flags({}, is_verified=True) == ("Verified",)
    assert custom_fields.flags(given, is_verified=True) == ("Verified customer",)


@pytest.mark.parametrize(
    ("url", "leads_there"),
    [
        ("https://shop.example/orders/1", True),
        ("javascript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("//shop.example", False),
        ("data:text/html,x", False),
        ("https://[", False),
        ("https://shop.example:443/a@b", True),
        ("https://shop.example@evil.example/", False),
        ("https://shop.example:secret@evil.example/", False),
        ("https://@evil.example/", False),
        ("https://evil.example\\@shop.example/", False),
        ("https://evil.example\\@shop.example", False),
    ],
)
def test_links_only_to_http_and_https(url: str, leads_there: bool) -> None:
    (shown,) = custom_fields.visible({"link": {"label": "Link", "value": url, "type": "url"}})
    assert (shown.url == url) is leads_there
    assert shown.value == url


def test_cuts_what_would_outgrow_a_socket_message() -> None:
    given = {str(number): {"label": "L", "value": "'" * 4000} for number in range(4)}
    shown = custom_fields.visible(given)
    assert sum(len(entry.value) for entry in shown) <= custom_fields.MOST_CHARACTERS
    assert shown[-1].value.endswith("…")
