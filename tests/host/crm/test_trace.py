import json

import pytest
from sqlalchemy import update

from host.crm import trace
from host.crm.trace import MASK, Secrets, TraceRow
from host.db.tables import sessions
from tests.host.crm.world import World

SECRETS = Secrets(frozenset({"s3cret/key"}))


def call(world: World) -> TraceRow:
    return TraceRow(
        at=world.now,
        endpoint="create_account",
        decision="created 7; the record is next",
        method="POST",
        url="https://crm.example/a?phone=%2B12223334444&api_key=abc&x=s3cret%2Fkey",
        request={
            "headers": {"Authorization": "Basic abc", "X-Api-Key": "k", "Content-Type": "application/json"},
            "body": {
                "name": "James Bond",
                "phone": "(222) 333-4444",
                "email": "james.bond@agents.co",
                "note": "s3cret/key",
            },
        },
        status=201,
        took_ms=12,
        read_out=[7],
    )


def test_secrets_are_never_written(world: World) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        trace.write(connection, session_id, call(world), SECRETS)
        [row] = trace.rows(connection, session_id)
    assert row.request == {
        "headers": {"Authorization": MASK, "X-Api-Key": MASK, "Content-Type": "application/json"},
        "body": {"name": "James Bond", "phone": "(222) 333-4444", "email": "james.bond@agents.co", "note": MASK},
    }
    assert row.url == f"https://crm.example/a?phone=%2B12223334444&api_key={MASK}&x={MASK}"
    assert (row.status, row.took_ms, row.read_out, row.is_masked) == (201, 12, [7], False)


def test_a_person_is_masked_once_the_session_has_ended(world: World) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        trace.write(connection, session_id, call(world), SECRETS)
        trace.mask(connection, session_id)
        [row] = trace.rows(connection, session_id)
    text = json.dumps([row.url, row.request, row.decision], ensure_ascii=False)
    assert row.is_masked
    assert not any(word in text for word in ("James", "Bond", "333", "agents.co"))
    assert (row.read_out, row.decision) == ([7], "created 7; the record is next")


def test_what_is_written_after_the_end_is_masked_at_once(world: World) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        connection.execute(update(sessions).where(sessions.c.id == session_id).values(ends_at=world.now))
        trace.write(connection, session_id, call(world), SECRETS)
        assert trace.rows(connection, session_id)[0].is_masked


@pytest.mark.parametrize(
    "spelling",
    [
        "+12223334444",
        "+1 222 333 4444",
        "*222*333*4444",
        "(222) 333-4444",
        "2223334444",
        "%2B1%20222%20333%204444",
        "3334444",
    ],
)
def test_a_number_is_masked_in_every_format(world: World, spelling: str) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        trace.write(connection, session_id, TraceRow(world.now, "find", f"for x={spelling} 12 hits"), SECRETS)
        trace.mask(connection, session_id)
        assert trace.rows(connection, session_id)[0].decision == f"for x={MASK} 12 hits"
