"""Which settings name the same CRM, and which name another one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.session_facts.crm_identity import KEY_MAX, identity_of
from host.crm.settings.crm import CrmSettings
from host.errors import SettingsError
from host.settings.validation import validated

OAUTH = {
    "method": "oauth2",
    "authorization_url": "https://login.crm.example/authorize",
    "token_url": "https://login.crm.example/token",
    "client_id": "us",
    "client_secret": "s3cret",
    "base_url_from_token": "instance_url",
}


def settings(*urls: str, **keys: Any) -> CrmSettings:
    names = ("find_account_by_query", "create_account", "create_record", "add_comment")
    endpoints = {name: {"url": url} for name, url in zip(names, urls, strict=False)}
    return CrmSettings.model_validate({"type": "custom", "endpoints": endpoints, **keys})


ONE = "https://api.crm.example/contacts"


@pytest.mark.parametrize(
    ("urls", "keys", "key"),
    [
        ([ONE], {}, "api.crm.example"),
        ([ONE], {"name": "Another name"}, "api.crm.example"),
        ([ONE], {"auth": {"method": "basic", "username": "us", "password": "changed"}}, "api.crm.example"),
        ([ONE, "https://api.crm.example/v2/contacts"], {}, "api.crm.example"),
        (["https://API.crm.Example:443/contacts?x=1"], {}, "api.crm.example"),
        (["http://api.crm.example:80/contacts"], {}, "api.crm.example"),
        (["https://api.crm.example./contacts"], {}, "api.crm.example"),
        (["https://Bücher.example/contacts"], {}, "xn--bcher-kva.example"),
        (["https://api.crm.example:8443/contacts"], {}, "api.crm.example:8443"),
        (["http://localhost:8001/api"], {}, "localhost:8001"),
        (["http://[::1]:8001/api"], {}, "[::1]:8001"),
        ([ONE, "https://files.crm.example/up"], {}, "api.crm.example, files.crm.example"),
        (["https://files.crm.example/up", ONE, ONE], {}, "api.crm.example, files.crm.example"),
        (["https://{CUSTOM_DATA.tenant}.crm.example/x"], {}, "{custom_data.tenant}.crm.example"),
        ([ONE], {"key": "the old one"}, "the old one"),
        ([ONE], {"type": "none"}, ""),
        ([ONE], {"type": "none", "key": "the old one"}, ""),
    ],
)
def test_a_crm_is_known_by_its_hosts_or_by_the_key_that_it_is_given(
    urls: list[str], keys: dict[str, Any], key: str
) -> None:
    assert identity_of(settings(*urls, **keys)).key == key


def test_the_address_that_oauth_tells_is_a_host_like_any_other() -> None:
    found = settings("{BASE_URL}/contacts", auth=OAUTH)
    assert identity_of(found, "https://acme.crm.example/services").key == "acme.crm.example"
    assert identity_of(found).key == "login.crm.example"
    assert identity_of(found, "https://acme.crm.example").owns(identity_of(found).key)
    assert not identity_of(found, "https://acme.crm.example").owns("other.crm.example")


@given(st.lists(st.from_regex(r"[a-z]{3,20}\.example", fullmatch=True), min_size=1, max_size=4))
def test_the_order_of_endpoints_does_not_matter(hosts: list[str]) -> None:
    urls = [f"https://{host}/x" for host in hosts]
    assert identity_of(settings(*urls)) == identity_of(settings(*reversed(urls)))


def test_a_key_of_many_hosts_fits_and_stays_unlike_others() -> None:
    hosts = [f"https://{'a' * 60}.{number}.example/x" for number in range(4)]
    long, other = identity_of(settings(*hosts)).key, identity_of(settings(*hosts[:3], "https://b.example/")).key
    assert len(long) <= KEY_MAX
    assert long != other


@pytest.mark.parametrize("key", ["a\nb", "k" * 201])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(SettingsError, match=r"crm\.key"):
        validated({"crm": {"key": key}})
