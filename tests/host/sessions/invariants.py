"""What holds in the database after every action on sessions, whoever did it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import jsonschema_rs
from sqlalchemy import Connection, RowMapping, Table, select

from host.crm.settings.crm import CrmSettings
from host.db.tables import claims, journal, participants, sessions, streams, transfers, users, wrap_ups
from host.reports.failed_items import FailedItem
from host.reports.session_metadata import schema
from host.reports.session_metadata.document import documents
from host.sessions import durations, repository
from host.sessions.lifecycle import ALL_MACHINES, ENDED
from host.users import status
from tests.host.world import file_url

AGENTS = {"agent", "manager"}
PRESENT = {"connecting", "connected"}
OPEN = {"invited", *PRESENT}
WAITING = {"scheduled", "selecting", "queued", "requeued"}
OWNED = {"ongoing", "dismissed", "connecting", "connected"}
CHANNELS = ("call", "chat")
SCHEMA = jsonschema_rs.Draft202012Validator(schema.schema(), validate_formats=True)


class Rows:
    """All rows of one moment."""

    def __init__(self, connection: Connection) -> None:
        self.sessions = _all(connection, sessions)
        self.participants = _all(connection, participants)
        self.transfers = _all(connection, transfers)
        self.wrap_ups = _all(connection, wrap_ups)
        self.users = _all(connection, users)
        self.claims = [dict(row) for row in connection.execute(select(claims)).mappings()]
        self.streams = [dict(row) for row in connection.execute(select(streams)).mappings()]
        self.journal = _all(connection, journal)
        self.by_id = {each["id"]: each for each in self.sessions}

    def parts(self, session_id: int) -> list[RowMapping]:
        return [each for each in self.participants if each["session_id"] == session_id]

    def facts(self, session_id: int) -> list[RowMapping]:
        return [each for each in self.journal if each["session_id"] == session_id and each["seq"] is None]

    def events(self, session_id: int, name: str) -> Counter[int]:
        """How often each agent's adapter has posted this about a session."""
        mine = (each for each in self.journal if each["session_id"] == session_id and each["seq"] is not None)
        return Counter(each["agent_id"] for each in mine if each["name"] == name)


def _all(connection: Connection, table: Table) -> list[RowMapping]:
    return list(connection.execute(select(table).order_by(table.c.id)).mappings())


def broken(connection: Connection, now: datetime) -> list[str]:
    """Return each sentence that is not true."""
    rows = Rows(connection)
    checks = (chains, ends, places, loads, agent_statuses, fronts, posted, sequences, pending)
    return [problem for check in checks for problem in check(rows)] + list(holds(connection, rows, now))


def chains(rows: Rows) -> Iterator[str]:
    """The journal leads from each status to the next one, as the machines allow, without gaps."""
    for session in rows.sessions:
        first, *others = rows.facts(session["id"])
        yield from _chain(f"session {session['id']}", first["name"], session, session["channel"], others)
    for part in rows.participants:
        moves = [each for each in rows.facts(part["session_id"]) if each["data"].get("participant_id") == part["id"]]
        began = next((each["data"]["from"] for each in moves if "from" in each["data"]), part["status"])
        yield from _chain(f"participant {part['id']}", began, part, "participant", moves)


def _chain(what: str, began: str, row: RowMapping, machine: str, facts: list[RowMapping]) -> Iterator[str]:
    steps = {(source, each.fact, each.target) for each in ALL_MACHINES[machine].values() for source in each.sources}
    here = began
    for fact in facts:
        if "from" not in fact["data"] or (machine != "participant" and "participant_id" in fact["data"]):
            continue
        step = (fact["data"]["from"], fact["name"], fact["data"]["to"])
        if step not in steps:
            yield f"{what}: no machine has the step {step}"
        if step[0] != here:
            yield f"{what}: {step} follows {here}"
        here = step[2]
    if here != row["status"]:
        yield f"{what}: the journal says {here}, the row {row['status']}"


def ends(rows: Rows) -> Iterator[str]:
    """A session has ended exactly when nobody takes part any more."""
    for session in rows.sessions:
        has_ended = session["status"] in ENDED
        if has_ended != (session["ends_at"] is not None):
            yield f"session {session['id']}: {session['status']}, ends_at {session['ends_at']}"
        still = [each["type"] for each in rows.parts(session["id"]) if each["status"] in OPEN]
        if has_ended and still:
            yield f"session {session['id']} has ended, but there are {still}"
        if not has_ended and "end_user" not in still:
            yield f"session {session['id']} goes on without its consumer"
        if has_ended and any(
            each["status"] == "pending" for each in rows.transfers if each["session_id"] == session["id"]
        ):
            yield f"session {session['id']} has ended, its transfer is pending"


def places(rows: Rows) -> Iterator[str]:
    """An open session waits, is offered, or has an agent: exactly one of them."""
    for session in rows.sessions:
        id, is_offered = session["id"], session["offered_to"] is not None
        if is_offered != (session["status"] == "assigned") or is_offered != (session["offer_ends_at"] is not None):
            yield f"session {id}: {session['status']}, offered to {session['offered_to']}"
        here = [each["user_id"] for each in rows.parts(id) if each["type"] in AGENTS and each["status"] in PRESENT]
        if len(set(here)) != len(here):
            yield f"session {id}: an agent is there twice: {here}"
        if session["status"] in OWNED and session["agent_id"] not in here:
            yield f"session {id}: {session['status']} of agent {session['agent_id']}, but there are {here}"
        if session["status"] in WAITING | {"assigned"} and here:
            yield f"session {id}: {session['status']}, but agents {here} are there"
        if session["status"] in WAITING | {"assigned"} and any(each["status"] == "invited" for each in rows.parts(id)):
            yield f"session {id}: {session['status']}, but somebody is invited"
        if session["status"] in OWNED and session["kept_for"] is not None:
            yield f"session {id}: {session['status']}, but kept for {session['kept_for']}"


def loads(rows: Rows) -> Iterator[str]:
    """An agent has one call and `max_chats` chats at most, offers and invitations included."""
    for agent in rows.users:
        has: defaultdict[str, set[int]] = defaultdict(set)
        for part in rows.participants:
            session = rows.by_id[part["session_id"]]
            if part["user_id"] == agent["id"] and part["status"] in OPEN and session["status"] != "dismissed":
                has[session["channel"]].add(session["id"])
        for session in rows.sessions:
            if session["offered_to"] == agent["id"]:
                has[session["channel"]].add(session["id"])
        if len(has["call"]) > 1 or len(has["chat"]) > agent["max_chats"]:
            yield f"agent {agent['id']} has {dict(has)}, {agent['max_chats']} chats are allowed"


def agent_statuses(rows: Rows) -> Iterator[str]:
    """The status of an agent at work says what they have."""
    for agent in rows.users:
        if agent["status"] not in status.AT_WORK:
            continue
        has = {
            (rows.by_id[each["session_id"]]["channel"], rows.by_id[each["session_id"]]["status"])
            for each in rows.participants
            if each["user_id"] == agent["id"] and each["status"] in PRESENT
        }
        wraps_up = any(each["agent_id"] == agent["id"] and each["finished_at"] is None for each in rows.wrap_ups)
        is_in_call = any(channel == "call" for channel, _ in has)
        is_in_chat = ("chat", "ongoing") in has
        should = "In-call" if is_in_call else "In-chat" if is_in_chat else "Wrap-up" if wraps_up else "Available"
        if agent["status"] != should:
            yield f"agent {agent['id']} is {agent['status']}, should be {should}: {has}"


def fronts(rows: Rows) -> Iterator[str]:
    """The chat in front is one that its agent has or wraps up; with ongoing chats, one is in front."""
    for agent in rows.users:
        mine = {
            each["session_id"]: each["type"]
            for each in rows.participants
            if each["user_id"] == agent["id"] and each["status"] in PRESENT
        }
        chats = {id: each for id, each in mine.items() if rows.by_id[id]["channel"] == "chat"}
        ending = {
            each["session_id"]
            for each in rows.wrap_ups
            if each["agent_id"] == agent["id"] and each["finished_at"] is None
        }
        front = agent["active_chat_id"]
        if front is not None and front not in chats and front not in ending:
            yield f"agent {agent['id']} has chat {front} in front, which isn't theirs: {chats}, {ending}"
        ongoing = [id for id, type in chats.items() if type == "agent" and rows.by_id[id]["status"] == "ongoing"]
        if front is None and ongoing:
            yield f"agent {agent['id']} has nothing in front of {ongoing}"


def posted(rows: Rows) -> Iterator[str]:
    """New_* is posted each time an agent comes, End_* once to those there at the end, Transfer once per transfer."""
    for session in rows.sessions:
        id, name = session["id"], session["channel"].capitalize()
        parts = rows.parts(id)
        agents = [each for each in parts if each["type"] in AGENTS]
        came = Counter(
            each["user_id"]
            for each in agents
            if each["type"] == "agent" and (each["purpose"] == "session" or each["connected_at"] is not None)
        )
        if rows.events(id, f"New_{name}") != came:
            yield f"session {id}: agents came {came}, New_{name} was posted {rows.events(id, f'New_{name}')}"
        over = [
            each["id"]
            for each in rows.facts(id)
            if each["data"].get("to") in ENDED and "participant_id" not in each["data"]
        ]
        left = {
            each["data"]["participant_id"]
            for each in rows.facts(id)
            if over
            and each["id"] > over[0]
            and "participant_id" in each["data"]
            and each["data"].get("from") in PRESENT
        }
        were = Counter({each["user_id"]: 1 for each in agents if each["id"] in left})
        if rows.events(id, f"End_{name}") != were:
            yield f"session {id}: at its end were {were}, End_{name} was posted {rows.events(id, f'End_{name}')}"
        number = sum(each["session_id"] == id for each in rows.transfers)
        if any(count > number for count in rows.events(id, "Transfer").values()):
            yield f"session {id}: {number} transfers, posted {rows.events(id, 'Transfer')}"


def sequences(rows: Rows) -> Iterator[str]:
    """The numbers of each stream have no gaps."""
    for stream in rows.streams:
        key = (stream["agent_id"], stream["adapter"])
        found = sorted(
            each["seq"] for each in rows.journal if each["seq"] and (each["agent_id"], each["adapter"]) == key
        )
        if found != list(range(1, stream["last_seq"] + 1)):
            yield f"stream {key} has {found}, last {stream['last_seq']}"


def pending(rows: Rows) -> Iterator[str]:
    """Nothing is to be shown of a session that has ended, nor to an agent who has nothing to do with it."""
    ringing = {(each["session_id"], each["user_id"]) for each in rows.participants if each["status"] in OPEN}
    ringing |= {(each["id"], each["offered_to"]) for each in rows.sessions if each["offered_to"] is not None}
    for claim in rows.claims:
        if claim["acked_at"] is None and (claim["session_id"], claim["agent_id"]) not in ringing:
            yield f"session {claim['session_id']} rings at agent {claim['agent_id']}, but isn't offered to them"


def holds(connection: Connection, rows: Rows, now: datetime) -> Iterator[str]:
    """Only the consumer of a connected call is on hold, and no longer than the call has lasted."""
    for part in rows.participants:
        session = rows.by_id[part["session_id"]]
        if part["sub_status"] is not None and (part["type"] != "end_user" or session["status"] != "connected"):
            yield f"session {session['id']} ({session['status']}): {part['type']} is {part['sub_status']}"
    facts = durations.hold_facts(connection, list(rows.by_id))
    for each in repository.where(connection, sessions.c.id > 0):
        held, talk = durations.hold(each, facts[each.id], now), durations.talk(each, now)
        if held is not None and not timedelta(0) <= held <= (talk or timedelta(0)):
            yield f"session {each.id}: held {held} of {talk}"


def unshown(connection: Connection, now: datetime) -> list[Any]:
    """Return what is wrong with the metadata: it can't be made, doesn't fit the schema, has durations below zero.

    That of a session which has ended doesn't change as time goes by.
    """
    every = repository.where(connection, sessions.c.id > 0)
    made = documents(connection, every, CrmSettings(), url_of=file_url, now=now)
    ended = [each for each in every if each.has_ended]
    later = documents(connection, ended, CrmSettings(), url_of=file_url, now=now + timedelta(days=1))
    failed: list[Any] = [each for each in made if isinstance(each, FailedItem)]
    shown = [each.model_dump(mode="json", by_alias=True) for each in made if not isinstance(each, FailedItem)]
    unfit = [(each["id"], error.message) for each in shown for error in SCHEMA.iter_errors(each)]
    changing = [(each.id, "changes by itself") for each, then in zip(ended, later, strict=True) if then not in made]
    return failed + unfit + changing + [(each["id"], path) for each in shown for path in _below_zero(each, "")]


def _below_zero(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _below_zero(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _below_zero(inner, f"{path}.{place}")
    elif isinstance(value, int) and value < 0:
        yield path
