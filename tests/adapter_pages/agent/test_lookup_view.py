"""The lookup link on the desk: which template serves a session, and what the adapter shows."""

from typing import Any

import pytest

from adapter_pages.agent import fragments
from adapter_pages.agent.lookup_view import LookupView
from host.settings.document.model import Settings
from tests.adapter_pages.conftest import Office

URLS = {
    "phone": "https://crm.example/find?phone={ANI}&menu={MENU_PATH}",
    "sdk": "https://crm.example/find/{CUID}?email={EMAIL}&type={TYPE}",
}


@pytest.fixture(autouse=True)
def _with_urls(office: Office) -> None:
    office.settings.settings = Settings.model_validate({"lookup_urls": URLS})


def chat_link(office: Office, **given: Any) -> LookupView | None:
    office.answered("Felix", **given)
    return office.desk().chats[0].about.lookup


def test_a_call_from_the_telephone_network_is_looked_up_by_its_number(office: Office) -> None:
    office.call(type="voice_inbound_ivr")
    lookup = office.desk("call").calls[0].about.lookup
    assert lookup == LookupView("https://crm.example/find?phone=%2B12223334444&menu=Developers%2FJames")


def test_a_chat_from_the_web_is_looked_up_by_identifier_and_e_mail(office: Office) -> None:
    lookup = chat_link(office, identifier="cust-7", email="felix+1@example.com")
    assert lookup == LookupView("https://crm.example/find/cust-7?email=felix%2B1%40example.com&type=Web")


def test_the_reason_is_shown_where_there_is_no_link(office: Office) -> None:
    assert chat_link(office) == LookupView(None, "{CUID} has no value")
    html = "".join(fragments.regions(office.desk()).values())
    assert "No link to the CRM: {CUID} has no value." in html
    assert "Copy link" not in html


def test_without_a_template_nothing_is_shown(office: Office) -> None:
    office.settings.settings = Settings.model_validate({"lookup_urls": {"phone": URLS["phone"]}})
    assert chat_link(office, identifier="cust-7") is None
    assert "CRM lookup" not in "".join(fragments.regions(office.desk()).values())


def test_an_offer_has_no_link_yet(office: Office) -> None:
    office.start("Felix", identifier="cust-7")
    assert office.desk().offers
    assert "crm.example" not in "".join(fragments.regions(office.desk()).values())


def test_both_buttons_can_be_reached_and_account_and_record_are_left_out_without_an_api(office: Office) -> None:
    office.answered("Felix", identifier="cust-7")
    html = "".join(fragments.regions(office.desk()).values())
    assert html.count("Open in new browser window</button>") == html.count("Copy link</button>") == 1
    assert "No CRM is set up." not in html


def test_the_buttons_stay_for_the_wrap_up(office: Office) -> None:
    session_id = office.answered("Felix", identifier="cust-7")
    office.chats.end(session_id, by="agent", agent_id=office.agent_id)
    [chat] = office.desk().chats
    assert chat.wrap_up is not None
    assert chat.about.lookup == LookupView("https://crm.example/find/cust-7?type=Web")
