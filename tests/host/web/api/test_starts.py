from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import func, select

from host.db import tables
from host.db.tables import end_users, sessions
from host.sessions import repository, used_tokens
from host.sessions.model import Session
from host.wire.session_types import SESSION_TYPES
from tests.host.web.api.conftest import JWT_SECRET, SECRET, Gateway, basic

CALL = {
    "call_type": "voice_outbound_api",
    "queue": "Developers / James",
    "lang": "pt-BR",
    "end_user": {"identifier": "007", "name": "James Bond", "email": "james.bond@007", "phone": "+12223334444"},
    "outbound_number": "+13334445555",
    "support_number": "+14445556666",
    "custom_data": {"order": {"label": "Order", "value": 12}},
    "campaign": {"id": 7, "name": "Spring"},
    "custom_sip_headers": {"X-Account": "12"},
    "va_data_parameters": {"intent": {"name": "refund"}},
    "session_variable": {"tier": "gold"},
    "device_type": "Phone",
    "agent_email": "agent@example.com",
    "ticket_id": 12,
}


def kept(gateway: Gateway, shape: dict[str, Any]) -> Session:
    with gateway.services.database.read() as connection:
        return repository.get(connection, shape["id"])


def test_a_call_is_what_was_said(gateway: Gateway) -> None:
    answer = gateway.post("/calls", CALL)
    assert answer.status_code == 201
    shape = answer.json
    assert answer.headers["Location"] == f"/api/v1/calls/{shape['id']}"
    assert {
        name: shape[name] for name in ("call_type", "lang", "outbound_number", "support_number", "device_type")
    } == {name: CALL[name] for name in ("call_type", "lang", "outbound_number", "support_number", "device_type")}
    assert shape["status"] == "queued"
    assert shape["menu_path"] == {"name": "Developers / James", "materialized_path": "1/2"}
    assert shape["end_user"] == {"id": 1, **CALL["end_user"], "out_contact_id": None}  # type: ignore[dict-item]
    assert (shape["campaign_id"], shape["campaign_name"]) == (7, "Spring")
    assert shape["custom_data"] == CALL["custom_data"]
    assert shape["out_ticket_id"] == 12


def test_what_is_passed_along_is_kept_for_the_events(gateway: Gateway) -> None:
    call = kept(gateway, gateway.start("/calls", **CALL))
    for name in ("custom_sip_headers", "va_data_parameters", "session_variable"):
        assert call.details[name] == CALL[name]
    assert call.kept_for == 1


@pytest.mark.parametrize("kind", SESSION_TYPES, ids=lambda kind: str(kind.key))
def test_every_type_of_the_table_can_be_started(gateway: Gateway, kind: Any) -> None:
    path, name = ("/calls", "call_type") if kind.is_call else ("/chats", "chat_type")
    shape = gateway.start(path, **{name: kind.key})
    assert (shape["session_type"], shape["session_type_v2"]) == (kind.name, kind.name_v2)


def test_nothing_has_to_be_said(gateway: Gateway) -> None:
    assert gateway.start("/calls")["call_type"] == "voice_inbound_api"
    assert gateway.start("/chats")["chat_type"] == "messaging_web"
    assert gateway.send("POST", "/calls", headers=basic()).status_code == 201


def test_a_queue_may_be_given_by_its_id_and_lends_its_language(gateway: Gateway) -> None:
    shape = gateway.start("/chats", menu_id=3)
    assert (shape["selected_menu"], shape["lang"]) == ({"id": 3, "name": "Sales", "parent_id": None}, "de")


def test_signed_custom_data_comes_first(gateway: Gateway) -> None:
    claims = {"custom_data": {"tier": "gold"}, "exp": int(gateway.clock.now().timestamp()) + 60}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(JWT_SECRET))
    shape = gateway.start("/chats", custom_data={"order": 12, "tier": "none"}, custom_data_jwt=token)
    assert list(shape["custom_data"]) == ["tier", "order"]
    assert shape["custom_data"]["tier"]["value"] == "gold"


def test_a_call_for_later_waits_for_its_time(gateway: Gateway) -> None:
    shape = gateway.start("/calls", call_type="voice_scheduled_web", scheduled_at="2026-05-01T14:00:00+02:00")
    assert (shape["status"], shape["queued_at"]) == ("scheduled", None)
    assert shape["scheduled_at"] == "2026-05-01T12:00:00.000+00:00"


@pytest.mark.parametrize(
    "name",
    [
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "\U0001f469\u200d\U0001f4bb",
        "Jean\u00a0Dupont",
        "Co\u00adop",
        "a\u202eb",
    ],
)
def test_names_of_every_script_are_taken(gateway: Gateway, name: str) -> None:
    """Joiners and no-break blanks belong to names; a page isolates what turns a line around."""
    assert gateway.start("/chats", end_user={"name": name})["end_user"]["name"] == name


@pytest.mark.parametrize("path", ["/calls", "/chats"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"queue": "Nowhere"}, "queue"),
        ({"queue": ""}, "queue"),
        ({"queue": 7}, "queue"),
        ({"menu_id": 4711}, "menu_id"),
        ({"menu_id": 10**30}, "menu_id"),
        ({"menu_id": True}, "menu_id"),
        ({"menu_id": "1"}, "menu_id"),
        ({"queue": "Sales", "menu_id": 1}, "menu_id"),
        ({"lang": "english!"}, "lang"),
        ({"end_user": "James"}, "end_user"),
        ({"end_user": {"email": "james"}}, "end_user.email"),
        ({"end_user": {"name": "a\nb"}}, "end_user.name"),
        ({"end_user": {"name": "x" * 301}}, "end_user.name"),
        ({"end_user": {"name": "a\x00b"}}, "end_user.name"),
        ({"end_user": {"name": "\ud800"}}, "end_user.name"),
        ({"end_user": {"adress": "x"}}, "end_user.adress"),
        ({"outbound_number": 1}, "outbound_number"),
        ({"support_number": ["1"]}, "support_number"),
        ({"custom_data": [1]}, "custom_data"),
        ({"custom_data": {"a": {"label": "A"}}}, "custom_data.a"),
        ({"custom_data": {"a": "x" * 17_000}}, "custom_data"),
        ({"custom_data_jwt": "x.y.z"}, "custom_data_jwt"),
        ({"custom_data_jwt": 7}, "custom_data_jwt"),
        ({"custom_data": '{"a": "\\ud800"}'}, "custom_data.a"),
        ({"custom_data": {"a": "\ud800"}}, "custom_data.a"),
        ({"ticket_id": 10**29}, "ticket_id"),
        ({"ticket_id": float("inf")}, "ticket_id"),
        ({"menu_id": float("nan")}, "menu_id"),
        ({"session_variable": {"a": 2**53 + 1}}, "session_variable.a"),
        ({"end_user": {"identifier": "\x85"}}, "end_user.identifier"),
        ({"va_data_parameters": "x"}, "va_data_parameters"),
        ({"session_variable": {"a": "x" * 17_000}}, "session_variable"),
        ({"session_variable": {"a": {"b\x00": 1}}}, "session_variable.a"),
        ({"device_type": "iphone"}, "device_type"),
        ({"agent_email": "nobody@example.com"}, "agent_email"),
        ({"ticket_id": ""}, "ticket_id"),
        ({"ticket_id": 1.5}, "ticket_id"),
        ({"ticket_id": True}, "ticket_id"),
        ({"ques": "x"}, "ques"),
    ],
)
def test_a_wrong_field_is_named(gateway: Gateway, path: str, body: dict[str, Any], field: str) -> None:
    answer = gateway.post(path, body)
    assert answer.status_code == 422, answer.text
    assert list(answer.json["fields"]) == [field]
    assert answer.json["error"] == "fields"
    assert gateway.get(path).json == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/calls", {"campaign": {"id": []}}, "campaign.id"),
        ("/calls", {"campaign": {"title": "x"}}, "campaign.title"),
        ("/calls", {"custom_sip_headers": {"X-A": 1}}, "custom_sip_headers.X-A"),
        ("/calls", {"custom_sip_headers": []}, "custom_sip_headers"),
        ("/calls", {"scheduled_at": "9999-12-31T23:59:59-12:00"}, "scheduled_at"),
        ("/calls", {"scheduled_at": "0001-01-01T00:00:00+14:00"}, "scheduled_at"),
        ("/calls", {"scheduled_at": "3000-01-01T00:00:00Z"}, "scheduled_at"),
        ("/chats", {"campaign": {"id": 3, "name": "Spring"}}, "campaign"),
        ("/chats", {"custom_sip_headers": {"X-A": "1"}}, "custom_sip_headers"),
        ("/chats", {"custom_sip_headers": {}}, "custom_sip_headers"),
        ("/calls", {"call_type": "messaging_web"}, "call_type"),
        ("/chats", {"chat_type": "voice_inbound_api"}, "chat_type"),
        ("/calls", {"scheduled_at": "tomorrow"}, "scheduled_at"),
        ("/calls", {"scheduled_at": "2026-05-01T10:00:00"}, "scheduled_at"),
        ("/calls", {"scheduled_at": 1777629600}, "scheduled_at"),
        ("/calls", {"chat_type": "messaging_web"}, "chat_type"),
    ],
)
def test_calls_and_chats_have_fields_of_their_own(
    gateway: Gateway, path: str, body: dict[str, Any], field: str
) -> None:
    assert list(gateway.post(path, body).json["fields"]) == [field]


def test_an_unknown_field_gets_the_nearest_name(gateway: Gateway) -> None:
    answer = gateway.post("/calls", {"custom_sip_header": {}})
    assert "did you mean custom_sip_headers?" in answer.json["fields"]["custom_sip_header"]


def test_an_unknown_type_gets_the_nearest_name(gateway: Gateway) -> None:
    answer = gateway.post("/calls", {"call_type": "voice_outbond"})
    assert "did you mean voice_outbound?" in answer.json["fields"]["call_type"]


def test_all_wrong_fields_are_named_at_once(gateway: Gateway) -> None:
    answer = gateway.post("/chats", {"lang": "?", "custom_data": 1, "end_user": {"email": "x"}})
    assert set(answer.json["fields"]) == {"lang", "custom_data", "end_user.email"}


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', "{'a': 1}", "[" * 100_000, b"\xff\xfe\xfd"])
def test_a_body_that_is_no_json_object_is_refused(gateway: Gateway, text: str | bytes) -> None:
    answer = gateway.send("POST", "/calls", data=text, headers=basic(), content_type="application/json")
    assert (answer.status_code, answer.json["error"]) == (400, "bad_request")


def test_a_body_that_is_nested_too_deep_is_refused(gateway: Gateway) -> None:
    text = '{"session_variable": ' + '{"a":' * 500 + "1" + "}" * 500 + "}"
    answer = gateway.send("POST", "/calls", data=text, headers=basic(), content_type="application/json")
    assert list(answer.json["fields"]) == ["session_variable"]


def test_a_form_is_refused(gateway: Gateway) -> None:
    answer = gateway.send("POST", "/calls", data={"queue": "Sales"}, headers=basic())
    assert answer.status_code == 400
    assert "application/json" in answer.json["message"]


def test_a_repeated_key_is_the_same_session(gateway: Gateway) -> None:
    first, again = gateway.post("/calls", CALL, key="k1"), gateway.post("/calls", CALL, key="k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert count(gateway, sessions) == 1
    assert count(gateway, end_users) == 1


def test_a_repeated_request_counts_even_when_its_jwt_has_run_out(gateway: Gateway) -> None:
    claims = {"custom_data": {"tier": "gold"}, "exp": int(gateway.clock.now().timestamp()) + 60}
    body = {"custom_data_jwt": jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(JWT_SECRET))}
    first = gateway.post("/chats", body, key="k1")
    gateway.clock.forward(timedelta(hours=1))
    assert gateway.post("/chats", body, key="k1").json["id"] == first.json["id"]
    assert gateway.post("/chats", body, key="k2").status_code == 422


@pytest.mark.parametrize(("path", "body"), [("/calls", {"queue": "Sales"}), ("/chats", CALL), ("/chats", {})])
def test_a_key_with_another_request_is_a_conflict(gateway: Gateway, path: str, body: dict[str, Any]) -> None:
    gateway.post("/calls", CALL, key="k1")
    answer = gateway.post(path, body, key="k1")
    assert (answer.status_code, answer.json["error"]) == (409, "repeated_key")
    assert count(gateway, sessions) == 1


def test_the_order_of_fields_does_not_make_another_request(gateway: Gateway) -> None:
    gateway.post("/calls", {"queue": "Sales", "lang": "de"}, key="k1")
    assert gateway.post("/calls", {"lang": "de", "queue": "Sales"}, key="k1").status_code == 200


def test_a_request_that_failed_leaves_its_key_free(gateway: Gateway) -> None:
    assert gateway.post("/calls", {"queue": "Nowhere"}, key="k1").status_code == 422
    assert gateway.post("/calls", {"queue": "Sales"}, key="k1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 181, "schlüssel", "a\tb"])
def test_a_key_that_can_not_be_kept_is_refused(gateway: Gateway, key: str) -> None:
    answer = gateway.post("/calls", {}, key=key)
    assert list(answer.json["fields"]) == ["Idempotency-Key"]


def test_without_a_key_each_request_is_a_session(gateway: Gateway) -> None:
    assert gateway.start("/calls")["id"] != gateway.start("/calls")["id"]


def count(gateway: Gateway, table: Any) -> int:
    with gateway.services.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def signed(gateway: Gateway, **claims: object) -> str:
    claims = {"exp": int(gateway.clock.now().timestamp()) + 600, "custom_data": {"tier": "gold"}, **claims}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(JWT_SECRET))


@pytest.mark.parametrize("path", ["/calls", "/chats"])
def test_a_token_with_an_id_starts_one_session(gateway: Gateway, path: str) -> None:
    body = {"custom_data_jwt": signed(gateway, jti="t-1")}
    first = gateway.post(path, body, key="k1")
    assert first.status_code == 201
    assert gateway.post(path, body, key="k1").json["id"] == first.json["id"]
    for other in ("/calls", "/chats"):
        answer = gateway.post(other, body, key="k2")
        assert (answer.status_code, set(answer.json["fields"])) == (422, {"custom_data_jwt"})
    assert count(gateway, sessions) == 1
    assert gateway.post(path, {"custom_data_jwt": signed(gateway, jti="t-2")}).status_code == 201


def test_a_start_that_fails_leaves_its_token_good(gateway: Gateway) -> None:
    body = {"custom_data_jwt": signed(gateway, jti="t-1")}
    assert gateway.post("/chats", {**body, "queue": "Nowhere"}).status_code == 422
    assert gateway.post("/chats", body).status_code == 201


def test_used_tokens_are_forgotten_when_they_have_run_out(gateway: Gateway) -> None:
    gateway.post("/chats", {"custom_data_jwt": signed(gateway, jti="t-1")})
    with gateway.services.database.write() as connection:
        used_tokens.purge(connection, gateway.clock.now())
    assert count(gateway, tables.used_tokens) == 1
    with gateway.services.database.write() as connection:
        used_tokens.purge(connection, gateway.clock.now() + timedelta(minutes=11))
    assert count(gateway, tables.used_tokens) == 0


def test_the_company_secret_signs_no_custom_data(gateway: Gateway) -> None:
    claims = {"custom_data": {}, "exp": int(gateway.clock.now().timestamp()) + 60}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
    assert gateway.post("/chats", {"custom_data_jwt": token}).status_code == 422


@pytest.mark.parametrize("path", ["/calls", "/chats"])
def test_verified_is_what_the_signed_part_says(gateway: Gateway, path: str) -> None:
    flag = {"reserved_verified_customer": True}
    assert gateway.start(path, custom_data=flag)["verified"] is False
    assert gateway.start(path, custom_data_jwt=signed(gateway, custom_data=flag))["verified"] is True
