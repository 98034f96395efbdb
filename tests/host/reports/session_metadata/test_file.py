"""The metadata as a file: its keys, its order, its schema, the files that it names."""

import json
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from host.crm.settings.crm import CrmSettings
from host.files import session_files
from host.files.session_files import NewSessionFile
from host.reports.session_metadata import file, schema
from host.reports.session_metadata.model import CallMetadata, ChatMetadata, Consumer
from tests.host.reports.session_metadata.test_parts import after, call, chat, shown, world
from tests.host.world import World, file_url

__all__ = ["world"]

KEYS = """
id {channel}_uuid lang {channel}_type session_type session_type_v2 status sub_status fail_reason fail_details
disconnected_by created_at queued_at assigned_at connected_at ends_at scheduled_at updated_at wait_duration
{channel}_duration hold_duration rating feedback verified support_number outbound_number device_type answer_type
end_user out_ticket_id out_ticket_url selected_menu menu_path agent_info campaign_id campaign_name participants
transfers escalations handle_durations queue_durations virtual_agent_handle_durations consumer_handle_durations
consumer_event_durations offer_events deflection_details recordings photos videos smart_actions deflection dispositions
custom_data survey diagnostics
"""
OF_CHATS = "message_count average_response_time longest_response_time first_msg_sent_at last_msg_sent_at transcript"
VALIDATOR = jsonschema_rs.Draft202012Validator(schema.schema(), validate_formats=True)


def written(world: World, session_id: int) -> bytes:
    with world.database.read() as connection:
        return file.render(connection, session_id, CrmSettings(), url_of=file_url, now=world.clock.now())


def test_the_keys_are_in_their_order(world: World) -> None:
    of_call, of_chat = (list(json.loads(written(world, start(world)))) for start in (call, chat))
    assert of_call == KEYS.format(channel="call").split()
    assert of_chat == [*KEYS.format(channel="chat").split(), *OF_CHATS.split()]


def test_a_file_fits_the_schema_and_is_the_same_each_time(world: World) -> None:
    session_id = chat(world)
    world.offers.answer(session_id, world.james)
    world.chats.write(session_id, "Grüße ✓", None)
    world.chats.end(session_id, by="end_user")
    first = written(world, session_id)
    assert list(VALIDATOR.iter_errors(json.loads(first))) == []
    after(world, 3600)
    assert written(world, session_id) == first
    assert json.loads(first)["transcript"] == f"chat-{session_id}.txt"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("created_at", None),
        ("created_at", "yesterday"),
        ("wait_duration", 1.5),
        ("participants", None),
        ("end_user", {}),
        ("agent_info", {"id": 1}),
        ("chat_uuid", None),
    ],
)
def test_the_schema_refuses_what_is_no_metadata(world: World, key: str, value: Any) -> None:
    made = shown(world, chat(world))
    assert VALIDATOR.is_valid(made)
    assert not VALIDATOR.is_valid({**made, key: value})


def test_the_schema_wants_every_key_and_allows_further_ones(world: World) -> None:
    made = shown(world, call(world))
    assert [key for key in made if VALIDATOR.is_valid({name: made[name] for name in made if name != key})] == []
    assert VALIDATOR.is_valid({**made, "later": 1})


def test_the_files_of_a_session(world: World) -> None:
    session_id = call(world)
    kinds = [
        ("photos", f"call-{session_id}-photo-7.jpg", "7"),
        ("videos", f"call-{session_id}-video-a1.mp4", "a1"),
        ("call_recordings", f"call-{session_id}.mp3", ""),
        ("voicemails", f"call-{session_id}.mp3", ""),
    ]
    with world.database.write() as connection:
        for kind, name, file_id in kinds:
            new = NewSessionFile(kind, name, "image/jpeg", 1, "0" * 64, "content", file_id)  # type: ignore[arg-type]
            session_files.add(connection, session_id, new, now=world.clock.now())
    made = shown(world, session_id)
    assert made["photos"] == [
        {"id": 7, "photo_type": "photo", "url": f"https://files.example/call-{session_id}-photo-7.jpg"}
    ]
    assert made["videos"] == [{"id": "a1", "url": f"https://files.example/call-{session_id}-video-a1.mp4"}]
    assert [each["recording_type"] for each in made["recordings"]] == ["recording", "voicemail"]
    assert VALIDATOR.is_valid(made)


def test_an_error_names_no_value() -> None:
    with pytest.raises(ValidationError) as refused:
        Consumer.model_validate({"id": "jane@example.com", "name": ["Jane Doe"]})
    assert "Jane" not in str(refused.value)
    assert "jane@" not in str(refused.value)


def test_all_lists_are_there_when_they_are_empty() -> None:
    for model in (CallMetadata, ChatMetadata):
        described = model.model_json_schema(mode="serialization")
        lists = [name for name, each in described["properties"].items() if each.get("type") == "array"]
        assert len(lists) == 16
        assert set(lists) <= set(described["required"])
