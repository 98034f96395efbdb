import re
from pathlib import Path
from typing import Any, get_args

import pytest

from host.commands.settings import lint
from host.crm.settings.crm import CommentEvent, UpdateEvent
from host.settings.demo import demo_document

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[4]
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
    assert "external_storage: off" in warnings_of({}, external_storage={"enabled": False})


def test_hosts_that_nothing_may_go_to_are_told() -> None:
    assert "crm.endpoints.create_account.url: crm.example is not one of" in warnings_of({"allowed_hosts": ["other"]})
    assert warnings_of({"allowed_hosts": ["crm.example:443"]}) == ""
    assert "crm.account_lookup_url: crm.example is not one of" in warnings_of({"page_hosts": []})


def test_pages_that_cannot_open_are_told() -> None:
    urls = {"phone": "https://elsewhere.example/?p={ANI}", "sdk": ""}
    told = warnings_of({"page_hosts": ["crm.example"]}, lookup_urls=urls)
    assert told == "lookup_urls.phone: elsewhere.example is not one of crm.page_hosts, so that it can't open"
    display = {"enabled": True, "url": "https://crm.example/?p={PHONE_NUMBER}&a={AGENT_ID}"}
    assert warnings_of({}, display_crm=display) == (
        "display_crm.url: {PHONE_NUMBER} has no value there; only the agent is known"
    )


ZOHO = "=CONCAT_OR((Id:equals:{ACCOUNT_ID}), (Phone:equals:{PHONE_NUMBER}), (Email:equals:{EMAIL}))"


def finding(value: str, **keys: Any) -> Json:
    find = {**FIND, "parameters": [{"name": "q", "value": value, **keys}]}
    return {"endpoints": {**WORKING["endpoints"], "find_account_by_query": find}}


@pytest.mark.parametrize(
    ("value", "names", "quote"),
    [
        (ZOHO, "{PHONE_NUMBER}, {EMAIL}", "zoho"),
        ("SELECT Id FROM Contact WHERE Email = '{EMAIL}'", "{EMAIL}", "soql"),
        ("emailaddress1 eq '{EMAIL}'", "{EMAIL}", "odata"),
        ('{"email": "mail:{EMAIL}"}', "{EMAIL}", "json"),
        ("email = '{EMAIL}'", "{EMAIL}", "sql"),
        ('type:user "{NAME}"', "{NAME}", "backslash"),
        ("/next?email={EMAIL}", "{EMAIL}", "url"),
    ],
)
def test_a_value_inside_text_without_quote_is_told_with_the_quote_that_fits(value: str, names: str, quote: str) -> None:
    told = warnings_of(finding(value))
    assert told.startswith(f"crm.endpoints.find_account_by_query.parameters[0]: {names} inside a text without a quote")
    assert told.endswith(f'set "quote": "{quote}"')
    assert warnings_of(finding(value, quote=quote)) == ""


@pytest.mark.parametrize(
    "value",
    [
        "{EMAIL}",
        "*{PHONE_NUMBER}*",
        "{FIRST_NAME} {LAST_NAME}",
        "(Id:equals:{ACCOUNT_ID})",
        "(Phone:equals:{PHONE_LAST_DIGITS:7})",
        "=DEFAULT_VALUE({EMAIL}, {PHONE_NUMBER})",
        '=JSON({"email": "{EMAIL}"})',
    ],
)
def test_what_needs_no_quote_is_not_told(value: str) -> None:
    assert warnings_of(finding(value)) == ""


def test_a_text_that_has_no_place_for_a_quote_is_told_where_to_put_it() -> None:
    url = {"url": "https://crm.example/search?criteria=(Email:equals:{EMAIL})"}
    template = {**FIND, "method": "POST", "format": "template", "template": {"q": "requester:{EMAIL}"}}
    for key, find, fits in (("url", url, '"quote": "zoho"'), ("template", template, "the quote that fits")):
        told = warnings_of({"endpoints": {**WORKING["endpoints"], "find_account_by_query": find}})
        assert told.startswith(f"crm.endpoints.find_account_by_query.{key}: {{EMAIL}} inside a text")
        assert f'move it into "parameters", with {fits}' in told


def test_an_inherited_text_is_told_once_and_what_is_created_never() -> None:
    find = {**finding(ZOHO)["endpoints"]["find_account_by_query"], "alternatives": [{"response_location": "data"}]}
    create = {**FIND, "parameters": [{"name": "note", "value": "Mail: {EMAIL}"}]}
    told = warnings_of({"endpoints": {"find_account_by_query": find, "create_account": create}})
    assert len(told.splitlines()) == 1


def test_an_open_custom_url_that_cannot_do_its_work_is_told() -> None:
    queues = [{"name": "A", "queues": [{"name": "B", "open_custom_url": "https://x.example/{ACCOUNT_ID}"}]}]
    assert warnings_of({}, queues=queues) == "queues[0].queues[0].open_custom_url: holds no {PHONE_NUMBER}"
    elsewhere = [{"name": "A", "open_custom_url": "https://x.example/{ACCOUNT_ID}/{PHONE_NUMBER}"}]
    assert warnings_of({"page_hosts": ["crm.example"]}, queues=elsewhere) == (
        "queues[0].open_custom_url: x.example is not one of crm.page_hosts, so that it can't pop"
    )


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


@pytest.mark.parametrize(
    ("given", "warning"),
    [
        ({"time_zone": "Europe/Berlin"}, None),
        ({"adapter_source": {"base_url": "https://tenant.example"}}, None),
        ({"adapter_source": {"api_key": "k"}}, "adapter_source.api_key: has no effect"),
        ({"crm": {"update_on": ["start", "connected", "end"]}}, None),
        ({"crm": {"update_on": ["verified", "queue_selected"]}}, None),
        ({"crm": {"comment_on": ["transfer", "start"]}}, None),
        ({"crm": {"comment_on": ["start", "end", "custom_data"]}}, None),
        ({"queues": [{"name": "A", "record_calls": True}]}, "queues: record_calls has no effect"),
        ({"queues": [{"name": "A", "queues": [{"name": "B", "record_calls": True}]}]}, "queues: record_calls has no"),
        ({"queues": [{"name": "A", "record_calls": False}]}, "queues[0].record_calls: has no effect"),
        ({"queues": [{"name": "A"}]}, None),
        ({"external_storage": {"enabled": True}}, None),
        ({"external_storage": {"recording_format": "wav"}}, "external_storage.recording_format: has no effect"),
    ],
)
def test_warns_of_what_does_nothing_and_of_nothing_else(given: Json, warning: str | None) -> None:
    problems, warnings = lint(given)
    assert problems == []
    assert [each for each in warnings if warning is None or not each.startswith(warning)] == []
    assert bool(warnings) is (warning is not None)


def test_warns_of_files_that_nothing_makes() -> None:
    upload = {"url": "https://crm.example/files", "files": ["photos", "voicemails"]}
    records = {"create_record": FIND, "find_record_by_query": FIND, "upload_file": upload}
    _, warnings = lint({"crm": {**WORKING, "endpoints": {**WORKING["endpoints"], **records}}})
    assert any(each.startswith("crm.endpoints.upload_file.files: voicemails: has no effect") for each in warnings)


def test_something_tells_of_every_event_that_may_be_set() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "host").rglob("*.py"))
    told = set(re.findall(r'on_event\(\s*connection,\s*\w+,\s*"(\w+)"', code))
    assert set(get_args(CommentEvent)) | set(get_args(UpdateEvent)) <= told


def test_the_demo_has_no_warnings() -> None:
    assert lint(demo_document(8001, "key-of-the-crm", {}))[1] == []
