"""Error messages of CRMs, and how people see them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.crm.agent_view import status_words
from host.crm.intents.intents import Intent
from host.crm.response import error_text
from host.crm.settings.crm import CrmSettings
from tests.host.crm.crm_settings import PATIENT_S
from tests.host.crm.crm_settings import updating as hurried
from tests.host.crm.facts import NOW, answer
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Tell

ZOHO = {"data": [{"code": "X", "details": {"api_name": "Email"}, "message": "invalid data", "status": "error"}]}
ZENDESK = {
    "error": "RecordInvalid",
    "description": "Record validation errors",
    "details": {"base": [{"description": "Requester is suspended"}]},
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": "no"}, "no"),
        ({"message": "Subject is too long", "id": 7}, "Subject is too long"),
        ([{"message": "Required: [Name]", "errorCode": "MISSING", "fields": ["Name"]}], "Required: [Name]; MISSING"),
        (ZOHO, "invalid data; Email"),
        (ZENDESK, "RecordInvalid; Record validation errors; Requester is suspended"),
        ({"errors": {"email": ["is invalid", "is taken"]}}, "is invalid; is taken"),
        ({"error": {"code": 400, "message": "Bad"}}, "Bad"),
        ({"Message": "In capitals"}, "In capitals"),
        ({"code": 12}, '{"code": 12}'),
        (b"<html><head><title>Oops</title></head><body><h1>Bad &amp; gone</h1></body></html>", "Bad & gone"),
        (b"plain\ttext\r\nof lines", "plain text of lines"),
        (b"", ""),
        ({"message": "half an emoji \ud83d, \u202eturned\u0000"}, "half an emoji \ufffd, turned\ufffd"),
    ],
)
def test_the_words_are_found_in_whatever_form(body: Any, expected: str) -> None:
    assert error_text.message_of(answer(body, 400)) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_answer_is_too_odd(body: Any) -> None:
    said = error_text.message_of(answer(body, 400))
    assert len(said) <= error_text.READ_MAX
    assert said.isprintable()


@given(st.binary(max_size=300))
def test_no_bytes_are_too_odd(body: bytes) -> None:
    assert error_text.message_of(answer(body, 400)).isprintable()


def updating(crm: FaultyCrm, **changes: Any) -> CrmSettings:
    return hurried(crm, timeout_s=PATIENT_S, **changes)


def refusing(crm: FaultyCrm, body: Any, status: int = 422) -> None:
    crm.acts["POST /comments"] = lambda _: (status, body)


def test_a_refused_step_tells_the_crms_own_words(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm, comment_on=["start"], update_on=[]))
    refusing(crm, {"message": "Body is too long"})
    session_id = story.answered()
    [event] = story.card(session_id).events
    assert 'The CRM refused (add_comment, answered 422): "Body is too long".' in event.words
    assert story.intent(session_id, "comment", "start").tries == 1


def test_its_words_are_shortened_and_say_nothing_of_anybody(crm: FaultyCrm, tell: Tell) -> None:
    auth = {"method": "headers", "headers": [{"key": "X-Api-Key", "value": "planted-secret"}]}
    story = tell(updating(crm, comment_on=["start"], update_on=[], auth=auth))
    said = "James Bond (222) 333-4444 james.bond@agents.co eve@example.org +49 30 1234567 planted-secret"
    refusing(crm, {"message": f"{said} {'x' * 500}"})
    session_id = story.answered()
    error = story.intent(session_id, "comment", "start").error
    assert error
    assert len(error["said"]) == error_text.SHOWN_MAX
    assert error["said"].startswith("••• ••• ••• ••• ••• ••• ")
    assert error["said"].endswith("x…")
    for word in ("Bond", "333-4444", "3334444", "agents.co", "eve@", "1234567", "planted"):
        assert word not in story.dump()


def test_a_secret_at_the_end_of_the_line_is_not_cut_in_two(crm: FaultyCrm, tell: Tell) -> None:
    auth = {"method": "headers", "headers": [{"key": "X-Api-Key", "value": "planted-secret"}]}
    story = tell(updating(crm, comment_on=["start"], update_on=[], auth=auth))
    refusing(crm, {"message": "x" * (error_text.SHOWN_MAX - 6) + " planted-secret"})
    session_id = story.answered()
    assert "plant" not in story.card(session_id).events[0].words


def test_an_answer_that_does_not_fit_is_told_too(crm: FaultyCrm, tell: Tell) -> None:
    story = tell(updating(crm))
    crm.fail("no_id")
    session_id = story.start()
    story.run(session_id)
    words = story.card(session_id).steps[0].words
    assert words.startswith("The CRM's answer does not fit the settings (create_account, no id under id")
    assert 'found the keys message): "made".' in words


def kept(code: str, message: str) -> Intent:
    error = {"code": code, "message": message, "endpoint": "create_account", "at": ""}
    facts: dict[str, Any] = dict.fromkeys(Intent.__dataclass_fields__)
    return Intent(**{**facts, "step": "account", "occurrence": "", "state": "failed", "error": error, "input": {}})


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("crm_unavailable", "answered 500", "The CRM has an error of its own"),
        ("crm_unavailable", "answered 503", "The CRM has an error of its own"),
        ("crm_unavailable", "answered 429", "The CRM is busy"),
        ("crm_unavailable", "answered 408", "The CRM is busy"),
        ("crm_unavailable", "the token URL answered 502", "The CRM has an error of its own"),
        ("crm_unavailable", "no connection to 127.0.0.1: Connection refused", "The CRM cannot be reached"),
        ("crm_unavailable", "there is no host named answered.example", "The CRM cannot be reached"),
        ("crm_unavailable", "crm.example failed 5 times in a row; it is left alone", "The CRM fails again and again"),
        ("crm_unavailable", "20 requests to crm.example are waiting already", "The CRM is busy"),
        ("crm_timeout", "timed out after 5 s", "The CRM does not answer"),
        ("crm_rejected", "answered 400", "The CRM refused"),
    ],
)
def test_what_answers_can_be_reached(code: str, message: str, words: str) -> None:
    assert status_words.words_of(kept(code, message), "failed", NOW).startswith(f"{words} (create_account, {message}).")


@pytest.mark.parametrize("fault", ["500", "503", "429"])
def test_a_crm_that_answers_is_not_out_of_reach(crm: FaultyCrm, tell: Tell, fault: str) -> None:
    story = tell(updating(crm))
    crm.fail(fault)
    session_id = story.start()
    story.run(session_id)
    words = story.card(session_id).steps[0].words
    assert f"answered {fault}" in words
    assert "cannot be reached" not in words


def test_an_ignored_filter_is_one_sentence(crm: FaultyCrm, tell: Tell) -> None:
    for number in range(99):
        crm.create("accounts", {"phone": f"+1999888{number:04}"}, "")
    crm.ignores_filters = True
    story = tell(updating(crm, comment_on=[], update_on=[]))
    session_id = story.start()
    story.run(session_id)
    [row] = [line for line in story.decisions_of(session_id).splitlines() if "no match" in line]
    assert " and 96 more: " in row
    assert row.count("than was searched") == 1
