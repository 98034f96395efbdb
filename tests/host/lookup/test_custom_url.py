"""The custom lookup URL: what is encoded, what is left out, and when there is no link."""

from datetime import UTC, datetime

import pytest

from host.crm.session_facts.record_links import NoLink
from host.crm.settings.crm import CrmSettings
from host.crm.templates.variables import Context
from host.lookup import custom_url

CALL = Context(
    session_id=103646,
    channel="call",
    now=datetime(2026, 5, 1, tzinfo=UTC),
    lookup_type="IVR_Call",
    identifier="a/b c",
    email="james.bond@007",
    phone="+12223334444",
    support_number="+18005550100",
    outbound_number="+18005550101",
    agent_number="007",
    queue_id=7,
    queue_path=("Orders", "Order confirmation", "Order info"),
)
NOBODY = Context(session_id=103646, channel="chat", now=CALL.now, lookup_type="Web")


def link(template: str, context: Context = CALL, **crm: str) -> str | NoLink:
    return custom_url.build(f"https://crm.example{template}", context, CrmSettings(**crm), ["crm.example"])


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ANI", "%2B12223334444"),
        ("CUID", "a%2Fb%20c"),
        ("EMAIL", "james.bond%40007"),
        ("MENU_PATH", "Orders%2FOrder%20confirmation%2FOrder%20info"),
        ("MENU_ID", "7"),
        ("CHANNEL", "voice_call"),
        ("TYPE", "IVR_Call"),
        ("CUSTOMER_PHONE_NUMBER", "%2B12223334444"),
        ("SUPPORT_PHONE_NUMBER", "%2B18005550100"),
        ("OUTBOUND_NUMBER", "%2B18005550101"),
        ("SESSION_ID", "103646"),
        ("CUSTOM_AGENT_ID", "007"),
    ],
)
def test_every_variable_is_percent_encoded(variable: str, value: str) -> None:
    assert link(f"/find?x={{{variable}}}") == f"https://crm.example/find?x={value}"
    assert link(f"/find/{{{variable}}}") == f"https://crm.example/find/{value}"


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("/find?phone={ANI}&menu={MENU_PATH}", "/find"),
        ("/find?a=1&phone={ANI}&b=2&id={SESSION_ID}&c", "/find?a=1&b=2&id=103646&c"),
        ("/find?who={EMAIL},{SESSION_ID}&x=", "/find?x="),
        ("/app#/find?phone={ANI}", "/app#/find"),
        ("/app?a=b&u={CUID}#/find?x=1&phone={ANI}", "/app?a=b#/find?x=1"),
    ],
)
def test_a_parameter_without_a_value_is_left_out_with_its_name(template: str, url: str) -> None:
    assert link(template, NOBODY) == f"https://crm.example{url}"


def test_a_fragment_has_a_query_too() -> None:
    assert link("/#/find?phone={ANI}&x={EMAIL}") == (
        "https://crm.example/#/find?phone=%2B12223334444&x=james.bond%40007"
    )


@pytest.mark.parametrize("template", ["/find/{CUID}", "/app#/find/{CUID}"])
def test_a_path_without_its_value_leads_nowhere(template: str) -> None:
    assert link(template, NOBODY) == NoLink("{CUID} has no value")


def test_a_host_without_its_value_leads_nowhere() -> None:
    found = custom_url.build("https://{CUID}.crm.example/", NOBODY, CrmSettings(), ["crm.example"])
    assert found == NoLink("{CUID} has no value")


def test_the_number_has_the_set_format_in_its_form_for_searches() -> None:
    assert link("/?p={ANI}", phone_format="automatic") == "https://crm.example/?p=%2A222%2A333%2A4444"
    assert link("/?p={ANI}", phone_format="us_local") == "https://crm.example/?p=2223334444"


def test_only_listed_hosts_are_opened() -> None:
    found = custom_url.build("https://elsewhere.example/?p={ANI}", CALL, CrmSettings(), ["crm.example"])
    assert isinstance(found, NoLink)
    assert "page_hosts" in found.reason


def test_values_cannot_become_parameters_or_variables() -> None:
    nasty = Context(session_id=1, channel="chat", now=CALL.now, identifier="{EMAIL}&admin=1#x", email="a@b")
    assert link("/find?u={CUID}", nasty) == "https://crm.example/find?u=%7BEMAIL%7D%26admin%3D1%23x"
