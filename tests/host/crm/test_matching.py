from typing import Any

import pytest

from host.crm.matching import verify
from host.crm.request import Searched
from host.crm.response import Hit
from tests.host.crm.facts import endpoint

BY_PHONE = Searched(phone="+12223334444")
BY_EMAIL = Searched(email="James.Bond@007")
BY_BOTH = Searched(phone="+12223334444", email="james.bond@007")
BY_CUID = Searched(ids=frozenset({"test.user3"}))


def kept(*objects: Any, searched: Searched = BY_PHONE, **keys: Any) -> list[Any]:
    hits = [Hit(each["id"] if isinstance(each, dict) else each, each) for each in objects]
    return [hit.id for hit in verify(hits, searched, endpoint(**keys)).kept]


@pytest.mark.parametrize(
    ("found", "searched", "expected"),
    [
        ({"id": 1, "phone": 12223334444}, BY_PHONE, True),
        ({"id": 1, "phone": "(222) 333-4444"}, BY_PHONE, True),
        ({"id": 1, "phones": [{"number": "333-4444"}]}, BY_PHONE, True),
        ({"id": 1, "phone": "+19998887777"}, BY_PHONE, False),
        ({"id": 1, "phone": 19998887777}, BY_PHONE, False),
        ({"id": 1, "contact": "2025550100"}, BY_PHONE, False),
        ({"id": 1, "email": "james.bond@007"}, BY_EMAIL, True),
        ({"id": 1, "email": "other@agents.co"}, BY_EMAIL, False),
        ({"id": 1, "email": "other@agents.co", "phone": "222 333 4444"}, BY_BOTH, True),
        ({"id": 1, "email": "other@agents.co"}, BY_PHONE, False),
        ({"id": 1, "name": "James Bond"}, BY_PHONE, True),
        ({"id": "5500000001", "created": "2026-05-01", "owner_id": "5500000002", "seq": 12345678}, BY_PHONE, True),
        ({"id": 1, "created_at": "1777629600", "uuid": "12345678"}, BY_PHONE, True),
        ({"id": 1, "email": "other@agents.co"}, BY_CUID, True),
        ({"id": 1, "email": "other@agents.co", "login": "test.user3"}, BY_CUID, True),
    ],
)
def test_a_single_hit_counts_when_it_can_be_whom_we_searched(found: Any, searched: Searched, expected: bool) -> None:
    assert kept(found, searched=searched) == ([found["id"]] if expected else [])


def test_a_find_that_answers_everyone_pops_no_stranger() -> None:
    everyone = [{"id": n, "phone": f"+1999888{n:04d}", "email": f"user{n}@agents.co"} for n in range(100)]
    assert kept(*everyone, searched=BY_BOTH) == []
    assert kept(*everyone, {"id": 7007, "phone": "2223334444"}, searched=BY_BOTH) == [7007]


def test_hits_without_anything_to_compare_count_only_alone() -> None:
    assert kept({"id": 1}, {"id": 2}) == []
    assert kept(1) == [1]
    assert kept(1, 2) == []
    assert kept(2025550100, searched=BY_PHONE) == [2025550100]
    assert kept({"id": 1}, {"id": 2, "phone": "2223334444"}) == [2]


def test_ids_agree_as_a_whole_and_not_by_chance() -> None:
    by_account = Searched(phone="+12223334444", ids=frozenset({"7"}))
    assert kept({"id": 7, "phone": "+19998887777"}, searched=by_account) == [7]
    assert kept({"id": 1, "status": 7, "phone": "+19998887777"}, searched=by_account) == []


def test_the_trace_is_told_about_doubts() -> None:
    verdict = verify([Hit(1, {"id": 1})], BY_PHONE, endpoint())
    assert verdict.note is not None
    dropped = verify([Hit(1, {"id": 1, "phone": "+19998887777"})], BY_PHONE, endpoint()).dropped
    assert len(dropped) == 1
    assert "9998887777" not in dropped[0]


def test_the_admin_may_name_the_fields() -> None:
    fields = {"phone": ["phones"], "email": ["contact.mail"]}
    stranger = {"id": 1, "phones": ["+19998887777"], "note": "2223334444"}
    assert kept(stranger, match_fields=fields) == []
    friend = {"id": 2, "phones": ["+1 222 333 4444"], "owner": {"email": "agent@example.com"}}
    assert kept(friend, match_fields=fields) == [2]
    assert kept({"id": 3, "owner": {"email": "agent@example.com"}}, match_fields=fields) == [3]


def test_the_admin_may_switch_it_off() -> None:
    assert kept({"id": 1, "phone": "+19998887777"}, {"id": 2}, verify_match=False) == [1, 2]
