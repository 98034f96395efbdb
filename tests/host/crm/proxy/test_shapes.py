from typing import Any

import pytest

from host.crm.proxy.shapes import shape
from host.crm.response.hits import Hit
from host.crm.settings.endpoint import Endpoint

ENDPOINT = Endpoint(url="https://crm.example/accounts")
NOTHING = {"name": None, "phone": None, "email": None, "subject": None, "status": None}


def of(found: Any, endpoint: Endpoint = ENDPOINT, *, raw: bool = False) -> dict[str, Any]:
    return shape(Hit(7, found), endpoint, lambda hit_id: f"https://crm.example/{hit_id}", raw=raw)


@pytest.mark.parametrize(
    ("found", "known"),
    [
        ({"name": "James Bond", "phone": "+1", "email": "j@x"}, {"name": "James Bond", "phone": "+1", "email": "j@x"}),
        ({"First_Name": "James", "Last_Name": "Bond", "Mobile": 7}, {"name": "James Bond", "phone": "7"}),
        ({"properties": {"firstname": "James", "email": "j@x"}}, {"name": "James", "email": "j@x"}),
        ({"Full_Name": "James Bond", "Email": None}, {"name": "James Bond"}),
        ({"subject": "Help", "status": {"name": "Open"}}, {"subject": "Help", "status": "Open"}),
        ({"title": "Help", "state": 2}, {"subject": "Help", "status": "2"}),
        ({"emails": [], "email": [{"value": "j@x"}]}, {"email": "j@x"}),
        ({"name": "Outer", "data": {"name": "Inner", "phone": "+1"}}, {"name": "Outer", "phone": "+1"}),
        ({"owner": {"name": "Somebody else"}}, {}),
        ({"name": True, "phone": {}, "email": [[]]}, {}),
        ("7", {}),
        (None, {}),
    ],
)
def test_says_what_is_known_in_one_shape(found: Any, known: dict[str, str]) -> None:
    assert of(found) == {"id": 7, "url": "https://crm.example/7", **NOTHING, **known}


def test_the_admins_match_fields_say_best() -> None:
    endpoint = Endpoint(
        url="https://crm.example/", match_fields={"phone": ("home", "ways[kind=phone].to"), "email": ()}
    )
    found = {"phone": "+1 office", "ways": [{"kind": "phone", "to": "+1 own"}], "email": "j@x"}
    assert (of(found, endpoint)["phone"], of(found, endpoint)["email"]) == ("+1 own", "j@x")


def test_the_crms_own_object_comes_along_on_request() -> None:
    assert of({"x": 1}, raw=True)["raw"] == {"x": 1}
    assert "raw" not in of({"x": 1})
