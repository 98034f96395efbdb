import pytest

from host.crm.session_facts.record_links import NoLink, attachment_link, checked, link, page_hosts
from tests.host.crm.facts import variables

HOSTS = frozenset({"www.example.com", "localhost:8001"})


def test_builds_the_references_links() -> None:
    assert (
        link("https://www.example.com/contact/{ACCOUNT_ID}", variables(account_id=123), HOSTS)
        == "https://www.example.com/contact/123"
    )
    assert (
        link("https://www.example.com/record/{RECORD_ID}", variables(record_id="a/b"), HOSTS)
        == "https://www.example.com/record/a%2Fb"
    )
    template = "https://www.example.com/Accounts/{RECORD_ID}/Attachments/{ATTACHMENT_ID}"
    assert attachment_link(template, variables(record_id=5), 9) == "https://www.example.com/Accounts/5/Attachments/9"


@pytest.mark.parametrize(
    ("url", "popped"),
    [
        ("https://www.example.com/x", "https://www.example.com/x"),
        ("http://www.example.com:80/", "http://www.example.com/"),
        ("https://WWW.example.com:443/", "https://www.example.com/"),
        ("http://localhost:8001/#a", "http://localhost:8001/#a"),
    ],
)
def test_pages_on_the_list_may_be_popped(url: str, popped: str) -> None:
    assert checked(url, HOSTS) == popped


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//www.example.com/x",
        "https:\\\\www.example.com",
        "https://www.example.com\\@evil.example/",
        "https://www.example.com@evil.example/",
        "https://evil.example/www.example.com",
        "http://localhost:8002/",
        "https://www.example.com:8443/",
        "https://www.example.com/\n",
        "blob:https://www.example.com/x",
        "",
    ],
)
def test_no_other_page_is(url: str) -> None:
    assert isinstance(checked(url, HOSTS), NoLink)


def test_without_a_value_there_is_no_link_but_a_reason() -> None:
    assert link("", variables(record_id=1), HOSTS) == NoLink("no URL is set")
    assert link("https://www.example.com/{RECORD_ID}", variables(account_id=1), HOSTS) == NoLink(
        "{RECORD_ID} has no value"
    )


def test_page_hosts_are_the_literal_ones_unless_set() -> None:
    templates = ("http://localhost:8001/{ACCOUNT_ID}", "https://CRM.example/x", "https://{SAVED.x}/", "")
    assert page_hosts(None, templates) == {"localhost:8001", "crm.example"}
    assert page_hosts(["Other.example"], templates) == {"other.example"}
