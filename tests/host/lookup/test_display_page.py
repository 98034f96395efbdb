"""The display URL is filled in for the agent who looks at it; nobody else is known there."""

from datetime import UTC, datetime

import pytest

from host.crm.session_facts.record_links import NoLink
from host.lookup import display_page
from host.users.directory import User

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BOND = User(
    id=7,
    email="agent+1@example.com",
    name="James Bond",
    agent_number="007",
    roles=frozenset({"agent"}),
    max_chats=3,
    status="Available",
    status_since=NOW,
    status_before=None,
    idle_since=NOW,
    active_chat_id=None,
    is_active=True,
)


def shown(template: str, agent: User = BOND, base_url: str = "") -> str | NoLink:
    return display_page.url(template, agent, NOW, ["crm.example"], base_url=base_url)


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://crm.example/", "https://crm.example/"),
        ("https://crm.example/?agent={AGENT_CUSTOM_ID}&who={AGENT_EMAIL}", "?agent=007&who=agent%2B1%40example.com"),
        ("https://crm.example/home/{AGENT_ID}?phone={PHONE_NUMBER}&a=1", "home/7?a=1"),
        ("https://crm.example/?session={SESSION_ID}&channel={CHANNEL}&now={NOW}", ""),
    ],
)
def test_only_what_is_known_of_the_agent_has_a_value(template: str, url: str) -> None:
    assert shown(template) == "https://crm.example/" + url.removeprefix("https://crm.example/")


def test_the_apis_own_address_may_start_it() -> None:
    assert shown("{BASE_URL}/home", base_url="https://crm.example") == "https://crm.example/home"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("https://crm.example/{ACCOUNT_ID}", "{ACCOUNT_ID} has no value"),
        ("https://elsewhere.example/", "elsewhere.example is not one of the page_hosts (crm.example)"),
    ],
)
def test_the_reason_is_told_where_there_is_no_page(template: str, reason: str) -> None:
    assert shown(template) == NoLink(reason)


def test_variables_that_never_have_a_value_are_found() -> None:
    assert display_page.empty_variables("https://crm.example/?a={ANI}&b={AGENT_ID}") == ["{ANI}"]
