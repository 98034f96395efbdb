import json
from urllib.parse import quote, quote_plus

import pytest
from sqlalchemy import update

from host.crm.intents import trace
from host.crm.intents.trace import MASK, Secrets, TraceRow
from host.db.tables import sessions
from tests.host.crm.crm_settings import PATIENT_S, updating
from tests.host.crm.faulty_crm import FaultyCrm
from tests.host.crm.story import Tell
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
        trace.mask_session(connection, session_id)
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
        trace.mask_session(connection, session_id)
        assert trace.rows(connection, session_id)[0].decision == f"for x={MASK} 12 hits"


SHORT = Secrets(frozenset({"1", "orgid77", "longer-secret"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://127.0.0.1:8001/v1", "http://127.0.0.1:8001/v1"),
        ("answered 201; 11 hits", "answered 201; 11 hits"),
        ("orgid77 is told", "orgid77 is told"),
        ("a longer-secret is not", f"a {MASK} is not"),
        ('{"key": "longer-secret"}', f'{{"key": "{MASK}"}}'),
    ],
)
def test_only_long_secrets_are_masked_inside_texts(world: World, text: str, expected: str) -> None:
    session_id = world.session()
    with world.database.write() as connection:
        trace.write(connection, session_id, TraceRow(world.now, "find", text, url=text, read_out=text), SHORT)
        [row] = trace.rows(connection, session_id)
    assert (row.decision, row.url, row.read_out) == (expected, expected, expected)


@pytest.mark.parametrize("value", sorted(SHORT.values))
def test_a_secret_is_masked_as_a_whole_header_value_however_short(world: World, value: str) -> None:
    session_id = world.session()
    request = {"headers": {"orgId": value, "Accept": "application/json"}, "body": None}
    with world.database.write() as connection:
        trace.write(connection, session_id, TraceRow(world.now, "find", "", request=request), SHORT)
        [row] = trace.rows(connection, session_id)
    assert row.request
    assert row.request["headers"] == {"orgId": MASK, "Accept": "application/json"}


@pytest.mark.parametrize(
    "secret", ['planted"quote', "planted\\slash", "planted/and+more", "planted geheim ß", "p\tlanted-tab"]
)
def test_a_secret_is_masked_in_every_spelling(secret: str) -> None:
    spellings = [secret, quote(secret, safe=""), quote_plus(secret), json.dumps({"a": secret})]
    for spelling in spellings:
        assert "lanted" not in Secrets(frozenset({secret})).mask(spelling)


@pytest.mark.parametrize("person", [{"phone": "1"}, {"phone": "27"}, {"identifier": "127"}, {"identifier": "201"}])
def test_a_short_number_of_a_person_leaves_host_and_words_alone(world: World, person: dict[str, str]) -> None:
    session_id = world.session(person)
    url = f"http://127.0.0.1:8001/v1?q={next(iter(person.values()))}"
    with world.database.write() as connection:
        trace.write(connection, session_id, TraceRow(world.now, "find", "answered 201; found: 1", url=url), SECRETS)
        trace.mask_session(connection, session_id)
        [row] = trace.rows(connection, session_id)
    assert row.url == f"http://127.0.0.1:8001/v1?q={MASK}"
    assert row.decision == "answered 201; found: 1"


def test_short_header_values_leave_the_crms_address_readable(crm: FaultyCrm, tell: Tell) -> None:
    auth = {"method": "headers", "headers": [{"key": "orgId", "value": "1"}, {"key": "X-Api-Key", "value": "k" * 20}]}
    story = tell(updating(crm, auth=auth, timeout_s=PATIENT_S))
    session_id = story.answered()
    story.end(session_id)
    with story.database.read() as connection:
        rows = [row for row in trace.rows(connection, session_id) if row.request]
    assert rows
    for row in rows:
        assert row.url
        assert row.url.startswith(f"{crm.url}/")
        assert row.request
        assert (row.request["headers"]["orgId"], row.request["headers"]["X-Api-Key"]) == (MASK, MASK)
    assert {asked.headers["orgId"] for asked in crm.asked} == {"1"}


@pytest.mark.parametrize("at", [trace.TEXT_MAX - 6, 1000 - 6, 10])
def test_a_secret_that_stands_where_a_text_is_cut_is_masked(world: World, at: int) -> None:
    session_id = world.session()
    text = f"{'x' * at} s3cret/key {'y' * trace.TEXT_MAX}"
    with world.database.write() as connection:
        trace.write(connection, session_id, TraceRow(world.now, "find", "", read_out=text), SECRETS)
        [row] = trace.rows(connection, session_id)
    assert "s3c" not in row.read_out
    assert row.read_out.endswith("...")
