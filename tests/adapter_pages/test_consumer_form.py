from datetime import UTC, datetime

import pytest

from adapter_pages import consumer_form
from host.errors import FieldsError
from host.sessions.chats import NewChat

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
QUEUES = ["Developers / James", "Support / Web"]


def read(**given: object) -> NewChat:
    return consumer_form.read({"queue": "Support / Web", **given}, QUEUES, secret="", now=NOW)


def test_reads_a_new_chat() -> None:
    new = read(name=" James Bond ", phone="+1 222 333 4444", email="james.bond@007", custom_data='{"order": 12}')
    assert new == NewChat(
        queue="Support / Web",
        name="James Bond",
        phone="+1 222 333 4444",
        email="james.bond@007",
        custom_data={"order": {"label": "order", "value": 12}},
        device_type="Web",
    )


def test_nobody_has_to_say_who_he_is() -> None:
    new = read(name="", phone="", email="")
    assert (new.name, new.phone, new.email) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("phone", "call me"),
        ("phone", "+1"),
        ("email", "james"),
        ("email", "a@b@c"),
        ("queue", "Nowhere"),
        ("queue", ""),
        ("custom_data", "{"),
        ("custom_data", "[1]"),
        ("name", 7),
    ],
)
def test_says_at_the_field_what_is_wrong(field: str, value: object) -> None:
    with pytest.raises(FieldsError) as caught:
        read(**{field: value})
    assert list(caught.value.fields) == [field]


def test_says_everything_at_once() -> None:
    with pytest.raises(FieldsError) as caught:
        read(phone="?", email="?", custom_data="?")
    assert set(caught.value.fields) == {"phone", "email", "custom_data"}
