"""What can be done with sessions that are there."""

from datetime import timedelta

import pytest

from host.events.tabs import Tab
from host.queues import tree
from host.reports.session_metadata.model import CallMetadata, ChatMetadata
from host.sessions import repository
from tests.host.web.api.conftest import Gateway

# 50-files.md, "Session metadata", in its order.
COMMON = """status sub_status fail_reason fail_details disconnected_by created_at queued_at assigned_at connected_at
ends_at scheduled_at updated_at wait_duration {channel}_duration hold_duration rating feedback verified support_number
outbound_number device_type answer_type end_user out_ticket_id out_ticket_url selected_menu menu_path agent_info
campaign_id campaign_name participants transfers escalations handle_durations queue_durations
virtual_agent_handle_durations consumer_handle_durations consumer_event_durations offer_events deflection_details
recordings photos videos smart_actions deflection dispositions custom_data survey diagnostics"""
KEYS = "id {channel}_uuid lang {channel}_type session_type session_type_v2 " + COMMON
CHATS_ONLY = "message_count average_response_time longest_response_time first_msg_sent_at last_msg_sent_at transcript"


def keys(channel: str) -> list[str]:
    return KEYS.format(channel=channel).split() + (CHATS_ONLY.split() if channel == "chat" else [])


@pytest.mark.parametrize("channel", ["call", "chat"])
def test_the_keys_are_the_metadatas_in_its_order(gateway: Gateway, channel: str) -> None:
    shape = gateway.start(f"/{channel}s")
    shown = gateway.get(f"/{channel}s/{shape['id']}").json
    assert list(shown) == [*keys(channel), "recording_url"]
    assert shown == shape


def test_the_models_can_say_their_schema() -> None:
    assert list(CallMetadata.model_json_schema(mode="serialization")["properties"]) == keys("call")
    assert list(ChatMetadata.model_json_schema(mode="serialization")["properties"]) == keys("chat")


def test_a_caller_who_hangs_up_while_waiting_has_abandoned(gateway: Gateway) -> None:
    call = gateway.start("/calls", queue="Developers / James")
    gateway.clock.forward(timedelta(seconds=42.7))
    answer = gateway.post(f"/calls/{call['id']}/end", {"by": "end_user"})
    assert answer.status_code == 200
    shape = answer.json
    assert (shape["status"], shape["fail_reason"]) == ("failed", "eu_abandoned")
    assert shape["disconnected_by"] == "disconnected_by_end_user"
    assert (shape["wait_duration"], shape["call_duration"]) == (42, None)
    assert shape["ends_at"] == "2026-05-01T10:00:42.700+00:00"


def test_ending_again_changes_nothing(gateway: Gateway) -> None:
    call = gateway.start("/calls")
    first = gateway.post(f"/calls/{call['id']}/end").json
    gateway.clock.forward(timedelta(minutes=1))
    assert gateway.post(f"/calls/{call['id']}/end", {"by": "system"}).json == first


def test_a_chat_is_ended_by_its_consumer(gateway: Gateway) -> None:
    chat = gateway.start("/chats")
    shape = gateway.post(f"/chats/{chat['id']}/end", {"by": "end_user"}).json
    assert (shape["status"], shape["fail_reason"]) == ("canceled", "nothing")


def test_a_message_is_the_consumers(gateway: Gateway) -> None:
    chat = gateway.start("/chats")
    answer = gateway.post(f"/chats/{chat['id']}/message", {"text": "Hi!", "from": "end_user"})
    assert answer.status_code == 201
    assert answer.json == {
        "id": 1,
        "chat_id": chat["id"],
        "from": "end_user",
        "text": "Hi!",
        "at": "2026-05-01T10:00:00.000+00:00",
    }
    shown = gateway.get(f"/chats/{chat['id']}").json
    assert (shown["message_count"], shown["first_msg_sent_at"]) == (1, "2026-05-01T10:00:00.000+00:00")


def test_a_message_with_a_key_is_written_once(gateway: Gateway) -> None:
    path = f"/chats/{gateway.start('/chats')['id']}/message"
    first, again = (gateway.post(path, {"text": "Hi!"}, key="m1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert gateway.post(path, {"text": "Bye!"}, key="m1").status_code == 409


def test_a_key_counts_in_its_own_chat_only(gateway: Gateway) -> None:
    for _ in range(2):
        chat = gateway.start("/chats")
        assert gateway.post(f"/chats/{chat['id']}/message", {"text": "Hi!"}, key="m1").status_code == 201


def test_nobody_writes_to_a_chat_that_has_ended(gateway: Gateway) -> None:
    chat = gateway.start("/chats")
    gateway.post(f"/chats/{chat['id']}/end")
    answer = gateway.post(f"/chats/{chat['id']}/message", {"text": "Hi!"})
    assert (answer.status_code, answer.json["error"]) == (409, "transition")
    assert "canceled" in answer.json["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": " "}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "a\x00"}, "text"),
        ({"text": "Hi!", "from": "agent"}, "from"),
        ({"text": "Hi!", "form": "end_user"}, "form"),
    ],
)
def test_a_wrong_field_of_a_message_is_named(gateway: Gateway, body: dict[str, object], field: str) -> None:
    answer = gateway.post(f"/chats/{gateway.start('/chats')['id']}/message", body)
    assert (answer.status_code, list(answer.json["fields"])) == (422, [field])


@pytest.mark.parametrize("path", ["/calls/{chat}", "/chats/{call}", "/calls/4711", f"/calls/{10**30}", "/chats/0"])
def test_what_is_not_there_is_a_404(gateway: Gateway, path: str) -> None:
    ids = {"call": gateway.start("/calls")["id"], "chat": gateway.start("/chats")["id"]}
    assert gateway.get(path.format(**ids)).status_code == 404
    assert gateway.post(path.format(**ids) + "/end").status_code == 404


def test_a_call_has_no_messages(gateway: Gateway) -> None:
    call = gateway.start("/calls")
    assert gateway.post(f"/chats/{call['id']}/message", {"text": "Hi!"}).status_code == 404


def test_an_agent_who_has_it_is_shown(gateway: Gateway) -> None:
    chat = gateway.start("/chats", queue="Developers / James")
    with gateway.services.database.write() as connection:
        session = repository.get(connection, chat["id"])
        taken = {"offered_to": 1}
        repository.move(connection, session, "offer", now=gateway.clock.now(), changes=taken)
    gateway.clock.forward(timedelta(seconds=5))
    gateway.services.actions.offers.answer(chat["id"], 1)
    gateway.clock.forward(timedelta(seconds=60))
    shown = gateway.get(f"/chats/{chat['id']}").json
    assert (shown["status"], shown["wait_duration"], shown["chat_duration"]) == ("ongoing", 5, 60)
    assert shown["agent_info"] == {
        "id": 1,
        "name": "James Bond",
        "first_name": "James",
        "last_name": "Bond",
        "email": "agent@example.com",
        "agent_number": "007",
        "avatar_url": None,
    }


def test_agents_are_listed(gateway: Gateway) -> None:
    [agent] = gateway.get("/agents").json
    assert (agent["email"], agent["agent_number"], agent["status"]) == ("agent@example.com", "007", "Offline")
    assert (agent["roles"], agent["max_chats"], agent["menu_ids"]) == (["agent"], 3, [2])
    assert "password" not in str(agent)


def test_menus_are_listed_parents_first(gateway: Gateway) -> None:
    menus = gateway.get("/menus").json
    assert [(menu["id"], menu["parent_id"], menu["menu_path"]["materialized_path"]) for menu in menus] == [
        (1, None, "1"),
        (2, 1, "1/2"),
        (3, None, "3"),
    ]
    assert menus[1]["menu_path"]["name"] == "Developers / James"
    assert [menu["agent_ids"] for menu in menus] == [[], [1], []]


@pytest.mark.parametrize(("path", "fail_reason"), [("/chats", "after_hours"), ("/calls", "nothing")])
def test_what_comes_to_a_closed_queue_is_deflected(gateway: Gateway, path: str, fail_reason: str) -> None:
    with gateway.services.database.write() as connection:
        tree.upsert(connection, ("Developers", "James"), settings={"business_hours": {}})
    shape = gateway.start(path, queue="Developers / James")
    assert (shape["status"], shape["fail_reason"], shape["deflection"]) == ("deflected", fail_reason, "after_hours")
    at = gateway.clock.now().isoformat(timespec="milliseconds")
    assert shape["deflection_details"] == [{"deflection": "after_hours", "menu_id": 2, "at": at}]
    assert shape["disconnected_by"] == "disconnected_by_system"
    assert gateway.get(f"{path}/{shape['id']}").json["status"] == "deflected"


def test_the_organization_is_shown(gateway: Gateway) -> None:
    gateway.services.settings.import_file({"time_zone": "Europe/Berlin", "product_name": "Our desk"})
    assert gateway.get("/settings/organization").json == {
        "name": "Our desk",
        "time_zone": "Europe/Berlin",
        "languages": ["de", "en"],
        "public_url": gateway.services.config.public_url,
    }


def test_a_dismissed_chat_is_resumed(gateway: Gateway) -> None:
    chats, chat = gateway.services.chats, gateway.start("/chats", queue="Developers / James")
    path = f"/chats/{chat['id']}/resume"
    assert gateway.post(path).status_code == 409
    gateway.services.agents.arrive(Tab("connection", 1, "chat", "tab-1"))
    gateway.services.agents.set_status(1, "Available")
    gateway.services.actions.offers.answer(chat["id"], 1)
    assert gateway.post(path).json["status"] == "ongoing"
    chats.dismiss(chat["id"], 1)
    assert gateway.get(f"/chats/{chat['id']}").json["status"] == "dismissed"
    resumed = [gateway.post(path) for _ in range(2)]
    assert [(answer.status_code, answer.json["status"], answer.json["id"]) for answer in resumed] == [
        (200, "ongoing", chat["id"])
    ] * 2
    gateway.post(f"/chats/{chat['id']}/end", {"by": "end_user"})
    assert gateway.post(path).status_code == 409


def test_a_smart_action_is_reported(gateway: Gateway) -> None:
    call = gateway.start("/calls")
    report = {"id": "sa-1", "type": "verification", "status": "succeeded"}
    shape = gateway.post(f"/calls/{call['id']}/smart_action", report).json
    assert (shape["smart_actions"], shape["verified"]) == ([{**report, "value": None}], True)
    answer = gateway.post(f"/calls/{call['id']}/smart_action", {**report, "type": "guess"})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["type"])


def test_a_caller_goes_from_the_menu_to_a_voicemail(gateway: Gateway) -> None:
    call = gateway.start("/calls", in_menu=True)
    assert call["status"] == "selecting"
    path = f"/calls/{call['id']}"
    assert gateway.post(f"{path}/queue", {"queue": "Developers / James"}).json["status"] == "queued"
    assert gateway.post(f"{path}/queue", {"queue": "Sales"}).status_code == 409
    assert gateway.post(f"{path}/voicemail", {"status": "recording"}).json["status"] == "voicemail"
    assert gateway.post(f"{path}/voicemail", {"status": "received"}).json["status"] == "voicemail_received"


def test_a_gateway_says_that_the_line_was_busy(gateway: Gateway) -> None:
    call = gateway.start("/calls", call_type="voice_outbound_api")
    shape = gateway.post(f"/calls/{call['id']}/end", {"by": "system", "fail_reason": "eu_busy"}).json
    assert (shape["status"], shape["fail_reason"]) == ("failed", "eu_busy")
    assert gateway.post(f"/calls/{call['id']}/end", {"fail_reason": "nothing"}).status_code == 422
