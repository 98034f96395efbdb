import copy
from typing import Any

import pytest

from host.errors import SettingsError
from host.settings.validation import validated

Json = dict[str, Any]


BASIC: Json = {"method": "basic", "username": "patchbay", "password": ""}
OAUTH: Json = {
    "method": "oauth2",
    "authorization_url": "https://crm.example/authorize",
    "token_url": "https://crm.example/token",
    "client_id": "patchbay",
    "client_secret": "s",
}


def problems_of(given: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        validated(given)
    return dict(refused.value.problems)


def changed(document: Json, path: str, value: object) -> Json:
    """Return a copy with `value` at `crm.endpoints.create_account.url`."""
    copied = copy.deepcopy(document)
    *above, last = path.split(".")
    holder = copied
    for key in above:
        holder = holder.setdefault(key, {})
    holder[last] = value
    return copied


FIND = {"url": "https://crm.example/accounts", "parameters": [{"name": "phone", "value": "{PHONE_NUMBER}"}]}


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        ("verson", 1, "verson", "unknown key; did you mean version?"),
        ("version", 2, "version", "found 2; allowed: 1"),
        ("time_zone", "Mars/Base", "time_zone", "allowed: a time zone such as UTC"),
        ("after_session_delay_s", -1, "after_session_delay_s", "found -1"),
        ("after_session_delay_s", "900", "after_session_delay_s", "found '900'; allowed: a number"),
        ("after_session_delay_s", True, "after_session_delay_s", "found True; allowed: a number"),
        ("crm.type", "zendesk", "crm.type", "found 'zendesk'; allowed: 'none' or 'custom'"),
        ("crm.phone_format", "e146", "crm.phone_format", "did you mean e164?"),
        ("crm.timeout_s", 11, "crm.timeout_s", "found 11"),
        ("crm.ask_on_many", "yes", "crm.ask_on_many", "found 'yes'; allowed: true or false"),
        ("crm.allowed_hosts", ["https://crm.example"], "crm.allowed_hosts[0]", "allowed: a host"),
        ("crm.comment_on", ["begin"], "crm.comment_on[0]", "found 'begin'; allowed: 'start'"),
        ("crm.auth", {"method": "basik"}, "crm.auth.method", "'basic', 'bearer', 'oauth2'"),
        ("crm.auth", {"headers": []}, "crm.auth.method", "is missing; allowed: 'headers'"),
        ("crm.auth", {"method": "bearer"}, "crm.auth.token", "is missing; needed: a text"),
        ("crm.auth", {"method": "bearer", "token": " "}, "crm.auth.token", "is empty; needed: the token"),
        ("crm.auth", {**BASIC, "username": ""}, "crm.auth.username", "is empty; needed: the user name"),
        ("crm.auth", {**OAUTH, "client_secret": ""}, "crm.auth.client_secret", "is empty; needed: the secret"),
        ("crm.auth", {**OAUTH, "authorization_url": ""}, "crm.auth.authorization_url", "is empty; needed: the page"),
        ("crm.timeout_s", 1.5, "crm.timeout_s", "found 1.5; allowed: a whole number of seconds, 1 to 10"),
        (
            "crm.endpoints.find_account_by_id",
            {**FIND, "timeout_s": 2.5},
            "crm.endpoints.find_account_by_id.timeout_s",
            "2.5",
        ),
        ("crm.ca_bundle", "authorities.pem", "crm.ca_bundle", "found 'authorities.pem', which isn't absolute"),
        ("crm.ca_bundle", "/missing.pem", "crm.ca_bundle", "which can't be read (No such file or directory)"),
        ("crm.ca_bundle", "/etc/hostname", "crm.ca_bundle", "which holds no certificate of an authority"),
        ("crm.client_certificate", "/missing.pem", "crm.client_certificate", "which can't be read (No such file"),
        (
            "crm.client_certificate",
            "/etc/hostname",
            "crm.client_certificate",
            "which holds no certificate with its key",
        ),
        ("crm.account_lookup_url", "javascript:alert(1)", "crm.account_lookup_url", "an absolute URL"),
        ("crm.record_lookup_url", "https://x.example/{RECRD_ID}", "crm.record_lookup_url", "{RECORD_ID}"),
        ("crm.endpoints.find_acount_by_id", FIND, "crm.endpoints.find_acount_by_id", "find_account_by_id"),
        ("crm.subject_template", "{FOO_BAR_BAZ}", "crm.subject_template", "unknown variable"),
        ("lookup_urls.phone", "https://x.example/{ACCOUNT_ID}", "lookup_urls.phone", "not available here"),
        ("display_crm", {"enabled": True}, "display_crm.url", "is empty"),
        ("embedding.allowed_origins", ["http://x/"], "embedding.allowed_origins[0]", "http://x"),
        ("embedding.commands", {"http://x": ["Dail"]}, "embedding.commands.http://x[0]", "did you mean Dial?"),
        ("smtp", {"host": "mail.example"}, "smtp.security", "starttls or tls"),
        ("external_storage", {"folder_path": "a/../../b"}, "external_storage.folder_path", "without .."),
        ("external_storage", {"folder_path": "{DAET}"}, "external_storage.folder_path", "did you mean DATE?"),
        ("external_storage", {"local": {"folder": "/etc"}}, "external_storage.local.folder", "inside the data"),
        ("external_storage", {"enabled": True, "backend": "s3"}, "external_storage.s3.bucket", "is empty"),
        ("external_storage", {"s3": {"endpoint_url": "http://s3.example"}}, "external_storage.s3.endpoint_url", "http"),
        ("users", [{"email": "james"}], "users[0].email", "an e-mail address"),
        ("users", [{"email": "a@b", "roles": ["boss"]}], "users[0].roles[0]", "'admin', 'supervisor' or 'agent'"),
        ("users", [{"email": "a@b"}, {"email": "A@b"}], "users[1].email", "twice"),
        ("queues", [{"name": "A / B"}], "queues[0].name", "which joins paths"),
        ("queues", [{"name": "A", "queues": [{"name": "B"}, {"name": "B"}]}], "queues[0].queues[1].name", "twice"),
        (
            "queues",
            [{"name": "A", "business_hours": {"mon": [["9:00", "17:00"]]}}],
            "queues[0].business_hours.mon[0]",
            "09:00",
        ),
        ("queues", [{"name": "A", "business_hours": {"monday": []}}], "queues[0].business_hours.monday", "'mon'"),
        ("field_mappings", [{"title": "x", "crm_field": "x"}], "field_mappings[0].custom_data_label", "is missing"),
        ("listeners.files", ["../x.py"], "listeners.files[0]", "a Python file"),
        ("listeners.files", ["a/my-own.py"], "listeners.files[0]", "a name that Python can import"),
        ("listeners.files", ["json.py"], "listeners.files[0]", "Python has a module json already"),
        ("listeners.files", ["a/patchbay.py"], "listeners.files[0]", "Python has a module patchbay already"),
        ("listeners.files", ["a/mine.py", "b/mine.py"], "listeners.files", "found mine.py twice"),
        ("voice", 3, "voice", "found a number; allowed: an object"),
        ("crm", None, "crm", "found null; allowed: an object"),
    ],
)
def test_names_what_is_wrong_and_what_is_allowed(path: str, value: object, where: str, says: str) -> None:
    problems = problems_of(changed({}, path, value))
    assert list(problems) == [where]
    assert says in problems[where]


@pytest.mark.parametrize("given", [[], "crm", None, 3])
def test_a_file_is_an_object(given: object) -> None:
    assert "allowed: an object" in problems_of(given)["settings"]


@pytest.mark.parametrize(
    ("key", "value", "where", "says"),
    [
        ("url", "ftp://crm.example", ".url", "http or https"),
        ("url", "http://crm.example", ".url", "allow_private_addresses"),
        ("method", "GETT", ".method", "did you mean GET?"),
        ("mehtod", "GET", ".mehtod", "did you mean method?"),
        ("parameters", [{"name": "a", "value": "{EMIAL}"}], ".parameters[0].value", "nearest: {EMAIL}"),
        ("parameters", [{"name": "a", "value": ["x"]}], ".parameters[0].value", "found a list"),
        ("parameters", [{"value": 1}], ".parameters[0].name", "is missing"),
        ("parameters", [{"name": "a", "value": "=CONCAT_OR({EMAIL}"}], ".parameters[0].value", "at character"),
        ("headers", [{"key": "X", "value": "{FILE_DATA}"}], ".headers[0].value", "not available here"),
        ("format", "container", "", 'needs "container"'),
        ("template", {"a": 1}, "", '"format" is "property"'),
        ("rows", [{"location": "a", "equals": 1, "in": [2]}], ".rows[0]", "exactly one of"),
        ("rows", [{"location": "a"}], ".rows[0]", "found none"),
        ("id_pattern", "id=(", ".id_pattern", "no regular expression"),
        ("id_pattern", "id", ".id_pattern", "exactly one"),
        ("paging", {"type": "cursor", "location": "next"}, ".paging", 'needs "parameter"'),
        ("phone_formats", ["e164", "last_digits:99"], ".phone_formats[1]", "last_digits:1 to last_digits:15"),
        ("steps", [{"url": "https://x.example"}] * 6, ".steps", "at most 5"),
        ("save", {"a b": "id"}, ".save", "letters, digits and _"),
        ("files", ["photos"], ".files", "belongs to upload_file"),
        ("alternatives", [{"url": "https://x.example/{EMIAL}"}], ".alternatives[0].url", "{EMAIL}"),
        ("alternatives", [{"steps": [{"url": "x"}]}], ".alternatives[0].steps[0].url", "an absolute URL"),
        ("not_found", {"statuses": [4040]}, ".not_found.statuses[0]", "an HTTP status"),
    ],
)
def test_names_what_is_wrong_in_an_endpoint(key: str, value: object, where: str, says: str) -> None:
    problems = problems_of({"crm": {"endpoints": {"find_account_by_query": {**FIND, key: value}}}})
    assert list(problems) == [f"crm.endpoints.find_account_by_query{where}"]
    assert says in problems[f"crm.endpoints.find_account_by_query{where}"]


def test_tells_all_problems_at_once() -> None:
    given = {
        "crm": {
            "timeout_s": 0,
            "tpye": "custom",
            "endpoints": {
                "find_account_by_query": {**FIND, "parameters": [{"name": "a", "value": "{EMIAL}"}]},
                "create_account": {"url": "x"},
            },
        },
        "chat": {"dismiss_after_s": None},
        "users": [{}],
    }
    assert set(problems_of(given)) == {
        "crm.timeout_s",
        "crm.tpye",
        "crm.endpoints.find_account_by_query.parameters[0].value",
        "crm.endpoints.create_account.url",
        "chat.dismiss_after_s",
        "users[0].email",
    }


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (["create_record"], ["create_record"]),
        (["create_account", "find_record_by_query"], ["find_record_by_query"]),
        (["find_account_by_query", "add_comment"], ["add_comment"]),
        (["upload_file"], ["upload_file"]),
        (["create_record", "update_record"], ["create_record"]),
    ],
)
def test_a_later_endpoint_needs_its_earlier_one(given: list[str], wrong: list[str]) -> None:
    endpoint = {"url": "https://crm.example/x"}
    problems = problems_of({"crm": {"endpoints": dict.fromkeys(given, endpoint)}})
    assert list(problems) == [f"crm.endpoints.{name}" for name in wrong]


def test_a_secret_in_the_wrong_place_isnt_repeated() -> None:
    problems = problems_of({"crm": {"auth": "hunter2"}, "smtp": {"password": ["hunter2"]}, "users": ["hunter2"]})
    assert len(problems) == 3
    assert "hunter2" not in str(problems)


def test_an_inherited_problem_is_told_once() -> None:
    given = {"crm": {"timeout_s": 99, "endpoints": {"find_account_by_query": {**FIND, "alternatives": [{}]}}}}
    assert list(problems_of(given)) == ["crm.timeout_s"]


@pytest.mark.parametrize(
    "crm",
    [
        {"timeout_s": 7.0},
        {"auth": BASIC},
        {"auth": OAUTH},
        {"auth": {**OAUTH, "grant": "client_credentials", "authorization_url": ""}},
        {"auth": {"method": "bearer", "token": "t"}},
    ],
)
def test_what_is_enough_is_taken(crm: Json) -> None:
    assert validated({"crm": crm})
