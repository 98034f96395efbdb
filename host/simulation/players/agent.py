"""An agent of a simulation: two adapters in one tab, and hands that do what the plans of the sessions say."""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests

from host.clock import SystemClock
from host.simulation.clients.browser import Browser
from host.simulation.faults import Dice, Faults
from host.simulation.ledger import ENDED, JOINED, Ledger, Seen, SessionLog
from host.simulation.players.commands import Commands
from host.simulation.players.hands import Hands
from host.simulation.players.page import Page
from host.wire.envelope import Accepted

ADAPTERS = ("call", "chat")
POP = "CRM_Record_Pop"
MISSED = ("Missed Call", "Missed Chat")
UNREAD_FOR = timedelta(seconds=4)
"""How old the messages can be that a page has not read when it is closed."""
OUTAGE = (requests.RequestException, OSError)


@dataclass(frozen=True)
class World:
    """What all players share."""

    ledger: Ledger
    faults: Faults
    queue_ids: tuple[int, ...]
    """The ids of `plan.QUEUES`."""
    awaits_pops: bool
    """Whether records pop, so that agents wait for them before they end a session."""


class Agent:
    """One agent at work."""

    def __init__(self, number: int, agent_id: int, browser: Browser, world: World) -> None:
        self.id = agent_id
        self._browser = browser
        self._world = world
        self._ledger = world.ledger
        self._dice: Dice = world.faults.dice(f"agent {number}")
        self._commands = {adapter: Commands() for adapter in ADAPTERS}
        self._pages: dict[str, Page] = {}
        self._offers: dict[str, set[str]] = {adapter: set() for adapter in ADAPTERS}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stints: dict[int, asyncio.Task[None]] = {}
        self._popped: dict[int, asyncio.Event] = {}
        self._is_coming_back = False
        self._clock = SystemClock()
        self.cuts = 0

    async def come(self) -> None:
        """Open the adapters, and wait until they are connected."""
        self._open_tab()
        await self._connected()

    async def go(self) -> None:
        """Close the adapters and sign out."""
        for task in list(self._tasks):
            task.cancel()
        await self._close_tab(self._pages)
        with suppress(*OUTAGE):
            await self._browser.leave()

    async def act(self, adapter: str, name: str, **args: Any) -> str | None:
        """Run a command; return the code of the host's error, or None once it is done."""
        await asyncio.sleep(self._dice.delay_s())
        began_at = time.monotonic()
        error = await self._commands[adapter].run(name, args)
        self._ledger.took("command", began_at)
        if error is not None:
            self._ledger.refused[f"{name}: {error}"] += 1
        return error

    async def await_pop(self, session_id: int, within_s: float) -> bool:
        """Wait until the session's record has popped; tell whether it has."""
        try:
            await asyncio.wait_for(self._popped.setdefault(session_id, asyncio.Event()).wait(), within_s)
        except TimeoutError:
            return False
        return True

    def on_covered(self, adapter: str, after: int, until: int) -> None:
        """Note which part of a stream has come."""
        self._ledger.ranges[self.id, adapter].append((after, until))

    def on_status(self, status: str) -> None:
        """Be available again after a missed session."""
        if status in MISSED and not self._is_coming_back:
            self._is_coming_back = True
            self._begin(self._come_back())

    def on_offers(self, offers: Mapping[str, int], adapter: str) -> None:
        """React to offers that are new."""
        for key in offers.keys() - self._offers[adapter]:
            self._begin(self._react(offers[key], key, adapter))
        self._offers[adapter] |= set(offers)

    def on_event(self, event: Accepted, adapter: str, tab: str) -> None:
        """Note an event; the first time, do what follows from it."""
        data, meta = event.data, event.meta
        session_id = data.get("call_id") or data.get("chat_id")
        seen = Seen(meta["id"], event.type, self.id, adapter, meta["seq"], session_id, data)
        is_first = self._ledger.see(seen, fresh_in=None if meta["replayed"] else tab)
        if session_id is not None and is_first:
            self._begin(self._follow(event.type, session_id, data, adapter))

    async def _follow(self, event_type: str, session_id: int, data: Mapping[str, Any], adapter: str) -> None:
        log = await self._ledger.of(session_id)
        if log is None:
            return
        if event_type in JOINED:
            self._join(log, session_id, adapter)
        elif event_type in ENDED:
            log.ended.set()
            self._stop(session_id)
            await self._hands(log, adapter).wrap_up(session_id)
        elif event_type == "Transfer" and data.get("from_agent_id") == self.id != data.get("to_agent_id"):
            self._stop(session_id)
            await self._hands(log, adapter).hand_over(session_id)
        elif event_type == POP:
            self._popped.setdefault(session_id, asyncio.Event()).set()
            self._ledger.took("session to pop", log.began_at)
        elif event_type == "Chat_Inbound_Message" and data["message"] in log.written:
            self._ledger.took("message to event", log.written[data["message"]])

    def _join(self, log: SessionLog, session_id: int, adapter: str) -> None:
        stint = min(log.joins, len(log.plan.stints) - 1)
        log.joins += 1
        log.joined.set()
        self._stints[session_id] = self._begin(self._hands(log, adapter).serve(session_id, stint))
        if self._dice.strikes("closed_tabs"):
            self._begin(self._change_tab())

    def _hands(self, log: SessionLog, adapter: str) -> Hands:
        return Hands(self, log, adapter, queue_ids=self._world.queue_ids, awaits_pops=self._world.awaits_pops)

    async def _react(self, session_id: int, key: str, adapter: str) -> None:
        log = await self._ledger.of(session_id)
        if log is None:
            return
        reactions, before = log.plan.reactions, log.offers
        log.offers += 1
        if before == 0:
            self._ledger.took("session to offer", log.began_at)
        reaction = reactions[before] if before < len(reactions) else "answer"
        await asyncio.sleep(self._dice.between(0.1, 0.6))
        if reaction == "decline":
            await self.act(adapter, "decline", session_id=session_id)
        elif reaction == "answer":
            began_at = time.monotonic()
            error = await self.act(adapter, "answer", session_id=session_id)
            counted = log.answered if error is None else log.unsure
            counted[self.id] += 1
            self._ledger.took("answer", began_at)

    async def _come_back(self) -> None:
        await asyncio.sleep(self._dice.between(0.2, 0.8))
        await self.act("call", "status", status="Available")
        self._is_coming_back = False

    async def _change_tab(self) -> None:
        """Close the tab and open another one, or the other way round."""
        await asyncio.sleep(self._dice.between(0, 1.5))
        before = self._pages
        if self._dice.between(0, 1) < 0.5:
            self._open_tab()
            await self._connected()
            await self._close_tab(before)
            return
        blind_since = self._clock.now() - UNREAD_FOR
        await self._close_tab(before)
        await asyncio.sleep(self._dice.between(0.2, 2))
        self._open_tab()
        await self._connected()
        self._ledger.blind[self.id].append((blind_since, self._clock.now()))

    async def _connected(self) -> None:
        await asyncio.gather(*(page.welcomed.wait() for page in self._pages.values()))

    def _open_tab(self) -> None:
        tab, pages = f"tab-{uuid4().hex[:12]}", {}
        for adapter in ADAPTERS:
            commands = self._commands[adapter]
            page = Page(self._browser, adapter, tab, commands=commands, reader=self, dice=self._dice)
            commands.send = page.send
            pages[adapter] = page
            self._begin(page.run())
        self._pages = pages

    async def _close_tab(self, pages: Mapping[str, Page]) -> None:
        for page in pages.values():
            await page.close()
            self._ledger.closed_tabs.add(page.tab)
            self.cuts += page.cuts

    def _stop(self, session_id: int) -> None:
        if task := self._stints.pop(session_id, None):
            task.cancel()

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._ledger.problems.append(f"the simulation itself failed: {type(error).__name__}: {error}")
