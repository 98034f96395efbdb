from datetime import UTC, datetime
from typing import Any

import pytest

from host.crm.intents import step_input
from host.crm.intents.step_input import LookUp, StepInput, Upload
from host.crm.session_facts.snapshots import Snapshot

AT = datetime(2026, 5, 1, 10, 0, 3, 250000, UTC)
WHEN: dict[str, Any] = {"event": "end", "at": "2026-05-01T10:00:03.250000+00:00", "status": "finished", "agent_id": 7}
FILE = {"path": "uploads/01J", "name": "photo.png", "type": "image/png", "kind": "photos"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, LookUp()),
        ({"create_new": True}, LookUp(create_new=True)),
        (WHEN, Snapshot("end", AT, "finished", 7)),
        (WHEN | {"details": {"code": "sold"}}, Snapshot("end", AT, "finished", 7, {"code": "sold"})),
        (WHEN | FILE, Upload(Snapshot("end", AT, "finished", 7), **FILE)),
    ],
)
def test_a_row_is_read_as_its_kind_and_written_as_it_was(row: dict[str, Any], expected: StepInput) -> None:
    read = step_input.read(row)
    assert read == expected
    assert read.as_json() == row


@pytest.mark.parametrize(
    "stored", [None, [], 12, {"event": "end"}, WHEN | {"at": "soon"}, WHEN | {"at": 12}, WHEN | {"path": "x"}]
)
def test_what_no_version_has_written_is_read_as_nothing(stored: object) -> None:
    assert step_input.read(stored) == LookUp()


def test_a_moment_without_an_agent_had_none() -> None:
    row = {name: value for name, value in WHEN.items() if name != "agent_id"}
    assert step_input.read(row) == Snapshot("end", AT, "finished", None)


def test_the_moment_of_an_upload_is_when_the_file_came() -> None:
    snapshot = Snapshot("upload", AT, "connected", 7)
    assert [step_input.snapshot_in(each) for each in (LookUp(), snapshot, Upload(snapshot, **FILE))] == [
        None,
        snapshot,
        snapshot,
    ]
