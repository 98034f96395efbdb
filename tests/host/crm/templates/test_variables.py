from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from host.crm.templates.catalogue import VARIABLES
from host.crm.templates.references import Reference
from host.crm.templates.template import parse
from host.crm.templates.variables import Variables, mmss
from host.errors import TemplateError
from tests.host.crm.facts import CALL, NOBODY, RECORDING, searching, variables


def value(text: str, of: Variables | None = None) -> Any:
    return parse(text).fill(of or variables()).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{AGENT_ID}", 7),
        ("{AGENT_CUSTOM_ID}", "007"),
        ("{AGENT_EMAIL}", "agent@example.com"),
        ("{NAME}", "James Bond"),
        ("{FIRST_NAME}", "James"),
        ("{LAST_NAME}", "Bond"),
        ("{CCAIP_ID}", 4711),
        ("{EMAIL}", "james.bond@007"),
        ("{SESSION_TYPE}", "Voice Inbound (IVR)"),
        ("{PHONE_NUMBER}", "+12223334444"),
        ("{Call_ID}", 103646),
        ("{Chat_ID}", None),
        ("{LANG}", "en"),
        ("{CUSTOM_USER_ID}", "test.user3"),
        ("{ACCOUNT_ID}", None),
        ("{RECORD_ID}", None),
        ("{SESSION_ID}", 103646),
        ("{MENU_PATH}", "Developers/James"),
        ("{OUTBOUND_PHONE_NUMBER}", None),
        ("{QUEUE_NAME}", "James"),
        ("{QUEUE_ID}", 12),
        ("{RATING}", None),
        ("{FEEDBACK}", None),
        ("{CALL_DURATION}", "62:03"),
        ("{HOLD_TIME}", "00:05"),
        ("{WAIT_TIME}", "00:00"),
        ("{ACW_DURATION}", None),
        ("{DEVICE_TYPE}", "Phone"),
        ("{DISCONNECTED_BY}", "end_user"),
        ("{CHANNEL}", "voice_call"),
        ("{TICKET_SUBJECT}", "Voice Inbound (IVR) via Patchbay"),
        ("{VERIFIED}", "no"),
        ("{SOURCE_TYPE}", "PHONE"),
        ("{DIRECTION}", "incoming"),
        ("{STATUS}", "finished"),
        ("{EVENT}", "end"),
        ("{NOW}", "2026-05-01T10:00:00.000Z"),
        ("{NOW_MS}", 1777629600000),
        ("{PHONE_LAST_DIGITS:7}", "3334444"),
        ("{TYPE}", "IVR_Call"),
        ("{ANI}", "+12223334444"),
        ("{CUID}", "test.user3"),
    ],
)
def test_says_the_facts_of_a_session(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_of_the_table_can_be_asked_for(name: str) -> None:
    reference = Reference(name, "key" if VARIABLES[name].takes == "key" else None, "7")
    variables(NOBODY)(reference)
    variables(CALL, file=RECORDING)(reference)


def test_a_variable_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(TemplateError, match="unknown variable"):
        variables()(Reference("FAX"))


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("James Bond", "James", "Bond"),
        ("James", "James", "--"),
        ("Ana de la Cruz", "Ana", "de la Cruz"),
        ("", None, None),
    ],
)
def test_splits_names(name: str, first: str | None, last: str | None) -> None:
    known = variables(name=name)
    assert (value("{FIRST_NAME}", known), value("{LAST_NAME}", known)) == (first, last)


@pytest.mark.parametrize(
    ("identifier", "is_mobile", "expected"),
    [("", True, "james.bond"), ("", False, None), ("given", True, "given")],
)
def test_mobile_sessions_are_identified_by_their_email(identifier: str, is_mobile: bool, expected: str | None) -> None:
    assert value("{CUSTOM_USER_ID}", variables(identifier=identifier, is_mobile=is_mobile)) == expected


def test_finds_write_numbers_differently_in_the_automatic_format() -> None:
    known = replace(CALL, outbound_number="+12223335555")
    create = Variables(known, phone_format="automatic")
    find = Variables(known, phone_format="automatic", for_find=True)
    text = "{PHONE_NUMBER} {OUTBOUND_PHONE_NUMBER} {ANI}"
    assert value(text, create) == "+1 222 333 4444 +1 222 333 5555 +1 222 333 4444"
    assert value(text, find) == "*222*333*4444 *222*333*5555 *222*333*4444"


def test_custom_data_keeps_its_types() -> None:
    data = {"Device Type": {"label": "Device", "value": "iPhone"}, "age": {"label": "Age", "value": 7}, "raw": True}
    known = variables(custom_data=data)
    assert value('{CUSTOM_DATA."Device Type"}', known) == "iPhone"
    assert value("{CUSTOM_DATA.age}", known) == 7
    assert value("{CUSTOM_DATA.raw}", known) is True
    assert value("{CUSTOM_DATA.none}", known) is None


def test_the_admins_subject_and_description_win() -> None:
    known = variables(subject_template="{CHANNEL}: {TICKET_SUBJECT}{NAME}", description_template="From {NAME}\n<b>")
    assert value("{TICKET_SUBJECT}", known) == "voice_call: James Bond"
    assert value("{TICKET_DESCRIPTION}", known) == "From James Bond\n<b>"
    assert value("{TICKET_DESCRIPTION_HTML}", known) == "From James Bond<br>&lt;b&gt;"


def test_the_description_lists_the_known_facts() -> None:
    lines = value("{TICKET_DESCRIPTION}").splitlines()
    assert lines[:3] == ["Session: 103646", "Type: Voice Inbound (IVR)", "Queue: Developers/James"]
    assert value("{TICKET_DESCRIPTION}", variables(NOBODY)) == "Session: 103646"


def test_files_are_told_in_every_form() -> None:
    known = variables(file=RECORDING)
    assert value("{FILE_NAME} {FILE_TYPE} {FILE_KIND}", known) == "call-103646.mp3 audio/mpeg call_recordings"
    assert value("{FILE_SIZE}", known) == 5
    assert value("{FILE_DATA}", known) == "YXVkaW8="
    assert value("{FILE_DATA_URI}", known) == "data:audio/mpeg;base64,YXVkaW8="


def test_durations_may_exceed_an_hour() -> None:
    assert [mmss(timedelta(seconds=s)) for s in (0, 59, 3600, 6001)] == ["00:00", "00:59", "60:00", "100:01"]


def test_other_facts_make_other_variables() -> None:
    known = searching().with_context(account_id=5).with_phone_format("us_local")
    assert value("{ACCOUNT_ID} {PHONE_NUMBER}", known) == "5 2223334444"
    assert known.for_find


def test_verified_is_yes_only_where_the_company_said_so() -> None:
    assert value("{VERIFIED}", variables(CALL, is_verified=True)) == "yes"
    assert value("{VERIFIED}", variables(CALL, custom_data={"reserved_verified_customer": {"value": True}})) == "no"
