"""Benchmark: from a chat's start by the platform API, through the agent's answer, to the record page.

The baseline is the CRM alone: a plain client sends the same requests one after the other, and their times are added.
With a CRM that answers at once, the time from the offer to the agent's click is subtracted, because the CRM has
answered by then. With a slow CRM nothing is subtracted: the agent waits for the CRM.
"""

import time

import requests

from bench.chats import Desk, Seen, desk, phone_of
from bench.run import Row, Series, at_most_more, rounds
from bench.world import World
from e2e.product import StarterCrm

ROUNDS = 15
MOST_MORE_MS = 60
SLOW_S = 0.2
SETTLES_S = 0.5
"""A pause after a chat, in which its comments are written."""
PATIENCE_S = 30
FIRST_OWN = 5000
"""Consumers of the baseline have numbers from this one on."""


def measure(world: World) -> list[Row]:
    """Chat with a CRM that answers at once, then with one that takes 200 ms."""
    crm = world.product.crm
    with world.profile() as context, desk(world, context) as agent:
        agent.chat()  # a warm-up: it opens connections and starts processes
        fast = _row("CRM at 0 ms", [seen.total_ms - seen.reaction_ms for seen in _chats(agent)], alone(crm, FIRST_OWN))
        crm.fault("hang_then_commit", seconds=SLOW_S)
        slow = _row("CRM at 200 ms", [seen.total_ms for seen in _chats(agent)], alone(crm, FIRST_OWN + ROUNDS))
    return [fast, slow]


def _chats(agent: Desk) -> list[Seen]:
    seen = []
    for _ in rounds(ROUNDS):
        time.sleep(SETTLES_S)
        seen.append(agent.chat())
    return seen


def _row(name: str, ours: list[float], crm: list[float]) -> Row:
    return Row(f"chat to pop, {name}", Series(name, ours), Series("the CRM alone", crm), at_most_more(MOST_MORE_MS))


def alone(crm: StarterCrm, first: int) -> list[float]:
    """Send the requests of the demo's settings before a pop; return the milliseconds for each unknown consumer."""
    with requests.Session() as session:
        session.headers["X-Api-Key"] = crm.api_key
        return [_alone(session, f"{crm.url}/api", number) for number in range(first, first + ROUNDS)]


def _alone(session: requests.Session, api: str, number: int) -> float:
    phone = phone_of(number)
    started = time.perf_counter()
    session.get(f"{api}/accounts", params={"phone": phone}, timeout=PATIENCE_S).raise_for_status()
    person = {"account": {"name": f"Consumer {number}", "phone": phone, "external_id": f"account-{number}"}}
    made = session.post(f"{api}/accounts", json=person, timeout=PATIENCE_S)
    made.raise_for_status()
    record = {
        "account_id": made.json()["account"]["id"],
        "subject": "Messaging (Web) via Patchbay",
        "description": "Session: 1",
        "phone": phone,
        "external_id": f"record-{number}",
    }
    session.post(f"{api}/records", json={"record": record}, timeout=PATIENCE_S).raise_for_status()
    return (time.perf_counter() - started) * 1000
