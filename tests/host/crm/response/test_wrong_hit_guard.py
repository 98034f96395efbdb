from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.request.request import SearchedBy
from host.crm.response.hits import Hit
from host.crm.response.wrong_hit_guard import verify
from host.phone import agree
from tests.host.crm.facts import endpoint

BY_PHONE = SearchedBy(phone="+12223334444")
BY_EMAIL = SearchedBy(email="James.Bond@007")
BY_BOTH = SearchedBy(phone="+12223334444", email="james.bond@007")
BY_CUID = SearchedBy(ids=frozenset({"test.user3"}))


def kept(*objects: Any, searched: SearchedBy = BY_PHONE, **keys: Any) -> list[Any]:
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
        ({"id": 1, "email": "other@agents.co"}, BY_PHONE, True),
        ({"id": 1, "phone": "+19998887777"}, BY_EMAIL, True),
        ({"id": 1, "email": "other@agents.co"}, BY_BOTH, False),
        ({"id": 1, "email": "other@agents.co", "phone": "+19998887777"}, BY_BOTH, False),
        ({"id": 1, "email": " JAMES.bond@007 "}, BY_EMAIL, True),
        ({"id": 1, "email": "mailto:james.bond@007"}, BY_EMAIL, True),
        ({"id": 1, "contact": "James <james.bond@007>"}, BY_EMAIL, True),
        ({"id": 1, "contact": "Ann <ann@agents.co>"}, BY_EMAIL, False),
        ({"id": 1, "emails": "other@agents.co; James <james.bond@007>"}, BY_EMAIL, True),
        ({"id": 1, "email": "j***@007"}, BY_EMAIL, True),
        ({"id": 1, "email": ""}, BY_EMAIL, True),
        ({"id": 1, "phone": "n/a"}, BY_PHONE, True),
        ({"id": 1, "phone": "***-***-4444"}, BY_PHONE, True),
        ({"id": 1, "phone": "911"}, BY_PHONE, False),
        ({"id": 1, "phones": [{"number": "999-8888", "type": "home"}]}, BY_PHONE, False),
        ({"id": 1, "phone": {"id": 4711, "value": "+19998887777"}}, BY_PHONE, False),
        ({"id": 1, "phone": "+19998887777", "mobile": "222 333 4444"}, BY_PHONE, True),
        ({"id": 1, "phone": "999 888 7777 or 222 333 4444"}, BY_PHONE, True),
        ({"id": 1, "phone": 12223334444.0}, BY_PHONE, True),
        ({"id": 1, "phone_count": 2, "phone_verified_at": "1777629600", "cancelled": "20260501"}, BY_PHONE, True),
        ({"id": 1, "remark": "Ref: 12345678", "memo": "Invoice 20260501-7"}, BY_PHONE, True),
        ({"id": 1, "last_ip": "192.168.10.10", "automobile": "2019"}, BY_PHONE, True),
        ({"id": 1, "name": "James Bond"}, BY_PHONE, True),
        ({"id": "5500000001", "created": "2026-05-01", "owner_id": "5500000002", "seq": 12345678}, BY_PHONE, True),
        ({"id": 1, "created_at": "1777629600", "uuid": "12345678"}, BY_PHONE, True),
        ({"id": 1, "email": "other@agents.co"}, BY_CUID, True),
        ({"id": 1, "email": "other@agents.co", "login": "test.user3"}, BY_CUID, True),
    ],
)
def test_a_single_hit_counts_when_it_can_be_whom_we_searched(found: Any, searched: SearchedBy, expected: bool) -> None:
    assert kept(found, searched=searched) == ([found["id"]] if expected else [])


WRITINGS = [
    *("222 333 4444", "(222) 333-4444", "222.333.4444", "222/333-4444", "1 222 333 4444", "+1 (222) 333 4444"),
    *("001 222 333 4444", "011 1 222 333 4444", "tel:+12223334444", "222 333 4444 ext. 12", "222 333 4444 x12"),
    *("222\u2013333\u20134444", "222\u00a0333\u00a04444", "\u202a+1 222 333 4444\u202c", "*222*333*4444", "333-4444"),
    *("Tel. 222 333 4444", "Call 222-333-4444 (Bob)", "Büro: +1 222 333 4444", "phone 222 333 4444 ext 5"),
    *("Mobile: 222 333 4444", "222 333 4444 (home)", "\uff12\uff12\uff12 333 4444", "12223334444", "+12223334444"),
]


@pytest.mark.parametrize(
    "key", ["phone", "Phone2", "mobilePhone", "HomePhone", "tel", "contact", "Telefonnummer", "f_17"]
)
@pytest.mark.parametrize("writing", WRITINGS)
def test_what_agrees_is_never_hidden_by_its_field(key: str, writing: str) -> None:
    assert agree("+12223334444", writing)
    assert kept({"id": 1, key: writing}, {"id": 2, key: "+19998887777"}, {"id": 3}) == [1]


@pytest.mark.parametrize(
    ("searched", "writing"),
    [
        ("+61212345678", "(02) 1234 5678"),
        ("+442079460958", "020 7946 0958"),
        ("+390612345678", "06/12345678"),
        ("+376312345", "+376312345"),
        ("+376312345", "00376 312 345"),
        ("4444", "4444"),
        ("+18003569377", "1-800-FLOWERS"),
    ],
)
def test_numbers_of_other_countries_agree_as_they_are_written_there(searched: str, writing: str) -> None:
    by = SearchedBy(phone=searched)
    assert kept({"id": 1, "phone": writing}, {"id": 2, "phone": "+19998887777"}, searched=by) == [1]
    assert kept({"id": 2, "phone": "+19998887777"}, searched=by) == []


@pytest.mark.parametrize(
    ("stranger", "friend"),
    [
        ({"id": "+19998887777", "phone": "+19998887777"}, {"id": "+12223334444", "phone": "+12223334444"}),
        ({"id": 19998887777, "mobile": 19998887777}, {"id": 12223334444, "mobile": 12223334444}),
        ({"id": "+19998887777"}, {"id": "+12223334444"}),
        ("+19998887777", "+12223334444"),
        ({"id": "+19998887777", "name": "Ann"}, {"id": 12223334444, "name": "James"}),
    ],
)
def test_a_value_that_equals_the_id_counts_like_any_other(stranger: Any, friend: Any) -> None:
    assert kept(stranger) == []
    assert kept(friend) == [friend["id"] if isinstance(friend, dict) else friend]


def test_an_id_agrees_only_if_it_holds_the_whole_number() -> None:
    assert kept({"id": 3334444, "phone": "+19998887777"}) == []
    assert kept({"id": 1, "order_no": "3334444", "phone": "+19998887777"}) == []


@given(st.integers(1, 10**15), st.sampled_from(["", "the CRM tells of 17 hits"]))
def test_a_hit_without_anything_to_compare_counts_only_alone(number: int, more: str) -> None:
    hits = [Hit(number, {"id": number, "name": "James Bond"})]
    verdict = verify(hits, BY_PHONE, endpoint(), more=more)
    assert [hit.id for hit in verdict.kept] == ([] if more else [number])
    assert (more in verdict.dropped[0]) if more else verdict.note is not None


def test_two_rows_of_one_account_are_one_hit() -> None:
    rows = [{"id": 1, "city": "London"}, {"id": 1, "city": "Paris"}]
    assert kept(*rows) == [1, 1]
    assert kept({"id": 1, "phone": "+19998887777"}, {"id": 1, "city": "Paris"}) == []


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
    by_account = SearchedBy(phone="+12223334444", ids=frozenset({"7"}))
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
