from datetime import UTC, datetime

import pytest

from adapter_pages.consumer import form
from host.errors import FieldsError
from host.sessions.chats import NewChat
from host.sessions.custom_data import Signer

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
NOBODY = Signer("", "http://127.0.0.1:8000")
QUEUES = ["Developers / James", "Support / Web"]


def read(**given: object) -> NewChat:
    return form.read({"queue": "Support / Web", **given}, QUEUES, signer=Signer("", "http://127.0.0.1:8000"), now=NOW)


def test_reads_a_new_chat() -> None:
    new = read(name=" James Bond ", phone="+1 222 333 4444", email="james.bond@007", custom_data='{"order": 12}')
    assert new == NewChat(
        queue="Support / Web",
        name="James Bond",
        phone="+1 222 333 4444",
        email="james.bond@007",
        custom_data={"order": {"label": "order", "value": 12}},
        device_type="Web",
        details={"person_from": "consumer"},
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


FORM = {"form_key": "k1", "name": "Ada", "queue": "Support / Web"}


def test_a_form_that_is_sent_twice_has_one_key() -> None:
    key = form.once(FORM, "browser")
    assert key == form.once(dict(FORM), "browser")
    assert key is not None
    assert len(key) <= 200


@pytest.mark.parametrize(
    ("given", "browser"),
    [(FORM | {"name": "Eve"}, "browser"), (FORM | {"form_key": "k2"}, "browser"), (FORM, "another")],
)
def test_another_content_form_or_browser_has_another_key(given: dict[str, object], browser: str) -> None:
    assert form.once(given, browser) != form.once(FORM, "browser")


@pytest.mark.parametrize(("given", "browser"), [({}, "browser"), ({"form_key": 7}, "browser"), (FORM, "")])
def test_without_a_key_or_browser_every_time_is_a_chat(given: dict[str, object], browser: str) -> None:
    assert form.once(given, browser) is None
