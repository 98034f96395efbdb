from typing import Any, get_args

import pytest

from host.webhooks.event_types import BY_FACT, TYPES, EventName, type_of


def test_the_table_has_every_name_once() -> None:
    assert list(TYPES) == list(get_args(EventName))
    assert len(BY_FACT) == sum(len(kind.facts) for kind in TYPES.values())


@pytest.mark.parametrize(
    ("fact", "data", "event"),
    [
        ("queued", {}, "session.created"),
        ("scheduled", {}, "session.created"),
        ("queued", {"from": "scheduled", "to": "queued"}, "session.queued"),
        ("assigned", {"from": "queued", "to": "assigned"}, "session.offered"),
        ("message", {"message_id": 1}, "message.created"),
        ("status", {"status": "Available"}, "agent.status_changed"),
        ("unheld", {"participant_id": 3}, "session.resumed"),
        ("wrapped_up", {"wrap_up_id": 1, "disposition": "sold"}, "session.wrapped_up"),
        ("front", {}, None),
        ("signed_out", {}, None),
        ("account_found", {"account_id": 7}, None),
    ],
)
def test_facts_and_their_events(fact: str, data: dict[str, Any], event: str | None) -> None:
    assert type_of(fact, data) == event
