from typing import Any

import pytest

from host.settings.commands import lint

Json = dict[str, Any]
FIND: Json = {"url": "https://crm.example/accounts"}
WORKING: Json = {
    "type": "custom",
    "allowed_hosts": ["crm.example"],
    "account_lookup_url": "https://crm.example/accounts/{ACCOUNT_ID}",
    "endpoints": {"find_account_by_query": FIND, "create_account": FIND},
}


def warnings_of(crm: Json, **sections: object) -> str:
    problems, warnings = lint({"crm": {**WORKING, **crm}, "external_storage": {"enabled": True}, **sections})
    assert problems == []
    return "\n".join(each for each in warnings if "no effect" not in each)


def test_a_working_set_up_has_none() -> None:
    assert warnings_of({}) == ""
    assert lint({}) == ([], [])


def test_an_incomplete_set_of_endpoints_names_what_is_missing() -> None:
    assert "create_account is missing" in warnings_of({"endpoints": {"find_account_by_query": FIND}})
    assert "find_account_by_query is missing" in warnings_of({"endpoints": {"find_account_by_id": FIND}})
    records = {**WORKING["endpoints"], "find_record_by_query": FIND}
    assert "create_record is missing" in warnings_of({"endpoints": records})
    assert "reuse_records" in warnings_of({"reuse_records": "account"})


def test_what_is_skipped_isnt_missing() -> None:
    only_find = {"endpoints": {"find_account_by_query": FIND}, "skip_account_creation": True}
    assert warnings_of(only_find) == ""


def test_a_custom_crm_without_external_storage_is_told() -> None:
    assert "external_storage: off" in warnings_of({}, external_storage={})


def test_hosts_that_nothing_may_go_to_are_told() -> None:
    assert "crm.endpoints.create_account.url: crm.example is not one of" in warnings_of({"allowed_hosts": ["other"]})
    assert warnings_of({"allowed_hosts": ["crm.example:443"]}) == ""
    assert "crm.account_lookup_url: crm.example is not one of" in warnings_of({"page_hosts": []})


def test_an_open_custom_url_without_its_variables_is_told() -> None:
    queues = [{"name": "A", "queues": [{"name": "B", "open_custom_url": "https://x.example/{ACCOUNT_ID}"}]}]
    assert warnings_of({}, queues=queues) == "queues[0].queues[0].open_custom_url: holds no {PHONE_NUMBER}"


def test_what_has_no_effect_yet_is_told_only_when_it_is_changed() -> None:
    given = {"voice": {"stun": ["stun:stun.example"]}, "chat": {"dismiss_after_s": 600}}
    assert lint(given) == ([], ["voice: has no effect in this version yet"])


@pytest.mark.parametrize(
    ("secret", "problem", "warning"),
    [
        ("", False, False),
        ("s", True, True),
        ("s" * 15, True, True),
        ("ü" * 8, False, True),
        ("s" * 31, False, True),
        ("s" * 32, False, False),
    ],
)
def test_a_secret_that_signs_is_long(secret: str, problem: bool, warning: bool) -> None:
    problems, warnings = lint({"company_secret_jwt": secret})
    assert [each for each in problems if each.startswith("company_secret_jwt: found")] == problems
    assert bool(problems) is problem
    assert problem or any("32 random ones" in each for each in warnings) is warning
