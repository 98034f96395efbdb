"""All processes are killed while an agent answers, holds, transfers, ends, wraps up: nothing is lost or doubled."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from e2e.product import PASSWORD, Product
from e2e.waiting import eventually as wait_for
from host.company import FILE as KEY_FILE
from host.db.engine import Database
from host.db.tables import journal
from host.gate import strict
from host.sessions.lifecycle import ENDED, MACHINES
from host.simulation.clients.browser import AgentBrowser
from host.simulation.clients.platform_api import PlatformApi
from host.simulation.faults import Dice, Faults
from host.simulation.players.commands import Commands
from host.simulation.players.page import Page
from host.wire.envelope import Accepted

EMAILS = ("agent@example.com", "agent2@example.com")
ADAPTERS = ("call", "chat")
QUEUE, OTHER_QUEUE = "Developers / James", "Support / Web"
COMMANDS = ("answer", "hold", "transfer", "end", "wrap_up")
WITHIN_S = 120.0
LONGEST_UNTIL_KILL_S = 0.06
"""A command takes some 20 ms; so the kill comes before, in or after its transaction."""

Found = TypeVar("Found")


class Desk:
    """An agent's open adapters."""

    def __init__(self, agent_id: int, browser: AgentBrowser, dice: Dice) -> None:
        self.id = agent_id
        self.browser = browser
        self.status = ""
        self.offers: dict[str, set[int]] = {adapter: set() for adapter in ADAPTERS}
        self.events: dict[str, Accepted] = {}
        self._commands = {adapter: Commands() for adapter in ADAPTERS}
        self._pages = [
            Page(browser, adapter, f"tab-{agent_id:08d}", commands=self._commands[adapter], reader=self, dice=dice)
            for adapter in ADAPTERS
        ]
        self._running: list[asyncio.Task[None]] = []

    async def come(self) -> None:
        await self.browser.sign_in()
        for adapter, page in zip(ADAPTERS, self._pages, strict=True):
            self._commands[adapter].send = page.send
            self._running.append(asyncio.create_task(page.run()))
        await self.connected()

    async def connected(self) -> None:
        await asyncio.wait_for(asyncio.gather(*(page.welcomed.wait() for page in self._pages)), WITHIN_S)

    async def act(self, adapter: str, name: str, **args: Any) -> str | None:
        return await asyncio.wait_for(self._commands[adapter].run(name, args), WITHIN_S)

    async def shows(self, adapter: str, session_id: int) -> bool:
        """Tell whether a freshly loaded adapter shows the session."""
        page = await asyncio.to_thread(self.browser._ask, "GET", f"/agent/?type={adapter}&from=custom")
        return f'data-session="{session_id}"' in page.text

    async def go(self) -> None:
        for page in self._pages:
            await page.close()
        await asyncio.gather(*self._running)

    def on_event(self, event: Accepted, adapter: str, tab: str) -> None:
        self.events.setdefault(event.meta["id"], event)

    def on_offers(self, offers: Mapping[str, int], adapter: str) -> None:
        self.offers[adapter] = set(offers.values())

    def on_status(self, status: str) -> None:
        self.status = status

    def on_covered(self, adapter: str, after: int, until: int) -> None:
        pass


class Round:
    """One session, and one command in which everything is killed."""

    def __init__(
        self, product: Product, api: PlatformApi, desks: list[Desk], number: int, chance: random.Random
    ) -> None:
        self._product = product
        self._api = api
        self._desks = desks
        self._killed_in = COMMANDS[number % len(COMMANDS)]
        is_call = self._killed_in == "hold" or number // len(COMMANDS) % 2 == 0
        self._adapter = "call" if is_call else "chat"
        self._chance = chance
        self._dice = Faults({}, 1).dice("gateway")
        self.phone = f"+491511000{number:05d}"
        self.session_id = 0
        self.errors: list[str] = []

    async def play(self) -> None:
        body = {"queue": QUEUE, "end_user": {"name": "Jill Masterson", "phone": self.phone}}
        [reply] = await self._api.post(f"/{self._adapter}s", body, self._dice, self.phone)
        self.session_id = reply.body["id"]
        first = await self._answered()
        second = next(desk for desk in self._desks if desk is not first)
        await self._agrees(first)
        if self._adapter == "call":
            await self._act(first, "hold")
            await self._act(first, "resume")
        if self._killed_in == "transfer":
            await self._transfer(first)
            await eventually(lambda: self._is_offered_to(second), "the other agent is asked")
            await self._act(second, "answer")
            await self._agrees(second)
            first, second = second, first
            await self._act(second, "wrap_up", disposition="", notes="handed over")
        await self._act(first, "end")
        assert (await self._state())["status"] == "finished"
        await self._act(first, "wrap_up", disposition="", notes="done")
        await eventually(self._all_available, "both agents are free")

    async def _answered(self) -> Desk:
        """Let the agent answer to whom it is offered; return them."""
        desk = await self._offered()
        await self._act(desk, "answer")
        if self._killed_in == "answer" and self.errors:
            # The offer ran out before everything was up again, so it goes on to whoever is free.
            self.errors.clear()
            await eventually(lambda: not self._is_offered_to(desk), "the offer is gone")
            desk = await self._offered()
            if error := await desk.act(self._adapter, "answer", session_id=self.session_id):
                self.errors.append(f"session {self.session_id}: the second answer was refused: {error}")
        return desk

    async def _transfer(self, desk: Desk) -> None:
        menus = (await self._api.get("/menus")).body
        [target] = [each["id"] for each in menus if each["menu_path"]["name"] == OTHER_QUEUE]
        await self._act(desk, "transfer", to="queue", target=target, warm=False)

    async def _act(self, desk: Desk, name: str, **args: Any) -> None:
        running = asyncio.create_task(desk.act(self._adapter, name, session_id=self.session_id, **args))
        if name == self._killed_in:
            await asyncio.sleep(self._chance.uniform(0, LONGEST_UNTIL_KILL_S))
            await asyncio.to_thread(self._product.kill)
            await asyncio.to_thread(self._product.start)
            await asyncio.gather(*(each.connected() for each in self._desks))
            known = {name for action in MACHINES[self._adapter].values() for name in (*action.sources, action.target)}
            assert (await self._state())["status"] in known
        if (error := await running) is not None:
            self.errors.append(f"session {self.session_id}: {name} was refused: {error}")

    async def _agrees(self, desk: Desk) -> None:
        """Check that both sides see the same: the adapter has the session, and the API says whose it is."""
        state = await self._state()
        assert state["agent_info"]["id"] == desk.id, state
        assert await desk.shows(self._adapter, self.session_id)

    async def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = (await self._api.get(f"/{self._adapter}s/{self.session_id}")).body
        return state

    async def _offered(self) -> Desk:
        return await eventually(lambda: next(filter(self._is_offered_to, self._desks), None), "it is offered")

    def _is_offered_to(self, desk: Desk) -> bool:
        return self.session_id in desk.offers[self._adapter]

    def _all_available(self) -> bool:
        return all(desk.status == "Available" for desk in self._desks)


async def eventually(look: Callable[[], Found | None], what: str) -> Found:
    """Wait until `look` returns a true value, and return that."""
    for _ in range(int(WITHIN_S / 0.05)):
        if found := look():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {WITHIN_S:g} s: {what}")


async def _play(product: Product, count: int, seed: int) -> tuple[list[Round], list[Desk]]:
    key = strict.read((product.folder / KEY_FILE).read_text())
    api = PlatformApi(product.url, key["key"], key["secret"])
    dice = Faults({}, 1).dice("agents")
    ids = {each["email"]: each["id"] for each in (await api.get("/agents")).body}
    desks = [Desk(ids[email], AgentBrowser(product.url, email, PASSWORD), dice) for email in EMAILS]
    for desk in desks:
        await desk.come()
    chance = random.Random(seed)
    rounds = [Round(product, api, desks, number, chance) for number in range(count)]
    for each in rounds:
        await each.play()
    for each in rounds:
        assert (await each._state())["status"] in ENDED
    for desk in desks:
        await desk.go()
    return rounds, desks


def check(product: Product, rounds: list[Round], desks: list[Desk]) -> None:
    assert [error for each in rounds for error in each.errors] == []
    entries = _journal(product)
    _check_streams(entries)
    _check_chains(entries, {each.session_id for each in rounds})
    _check_events(entries, rounds, desks)
    _check_crm(product, rounds)


def _journal(product: Product) -> list[Mapping[str, Any]]:
    database = Database(f"sqlite:///{product.folder / 'patchbay.db'}")
    try:
        with database.read() as connection:
            return [dict(row) for row in connection.execute(select(journal).order_by(journal.c.id)).mappings()]
    finally:
        database.close()


def _check_streams(entries: list[Mapping[str, Any]]) -> None:
    """Each stream is numbered from 1, without a gap."""
    streams: dict[tuple[int, str], list[int]] = {}
    for entry in entries:
        if entry["seq"] is not None:
            streams.setdefault((entry["agent_id"], entry["adapter"]), []).append(entry["seq"])
    assert streams
    assert all(seqs == list(range(1, len(seqs) + 1)) for seqs in streams.values()), streams


def _check_chains(entries: list[Mapping[str, Any]], session_ids: set[int]) -> None:
    """Each change of a session begins with the status in which the one before has ended."""
    status: dict[int, str] = {}
    for entry in entries:
        data, session_id = entry["data"], entry["session_id"]
        if session_id in session_ids and "from" in data and "participant_id" not in data:
            assert data["from"] == status.get(session_id, "queued"), entry
            status[session_id] = data["to"]
    assert set(status) == session_ids
    assert set(status.values()) == {"finished"}


def _check_events(entries: list[Mapping[str, Any]], rounds: list[Round], desks: list[Desk]) -> None:
    """Each agent joined once and was told so once; who was there at the end was told of it once."""
    counts = Counter((entry["name"], entry["session_id"], entry["agent_id"]) for entry in entries if entry["seq"])
    doubled = {key: times for key, times in counts.items() if key[0] != "Agent_Login" and times > 1}
    assert doubled == {}
    for each in rounds:
        kind = "Call" if each._adapter == "call" else "Chat"
        joins = sum(counts[f"New_{kind}", each.session_id, desk.id] for desk in desks)
        assert joins == (2 if each._killed_in == "transfer" else 1)
        assert sum(counts[f"End_{kind}", each.session_id, desk.id] for desk in desks) == 1
    posted = {desk.id: set(desk.events) for desk in desks}
    missed = [
        entry["name"]
        for entry in entries
        if entry["seq"] and entry["name"] != "Agent_Login" and entry["ulid"] not in posted[entry["agent_id"]]
    ]
    assert missed == []


def _check_crm(product: Product, rounds: list[Round]) -> None:
    for each in rounds:
        [account] = wait_for(partial(product.crm.accounts, each.phone), within_s=WITHIN_S, what="an account")
        [record] = wait_for(partial(product.crm.records, account["id"]), within_s=WITHIN_S, what="a record")
        comments = wait_for(partial(product.crm.comments, record["id"]), within_s=WITHIN_S, what="comments")
        markers = Counter(comment["external_id"] for comment in comments)
        assert set(markers.values()) == {1}, markers


def _played(product: Product, kills: int, *, seed: int) -> Any:
    """Play in a thread of its own: Playwright's loop runs in this one once a story has used a browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(_play(product, kills, seed=seed))).result()


@pytest.mark.timeout(600)
def test_four_kills(product: Product) -> None:
    rounds, desks = _played(product, 4, seed=4)

    check(product, rounds, desks)


@pytest.mark.drill
@pytest.mark.timeout(1800)
def test_twenty_kills(fresh_product: Product) -> None:
    rounds, desks = _played(fresh_product, 20, seed=20)

    check(fresh_product, rounds, desks)
