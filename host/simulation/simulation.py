"""Runs a simulation: brings agents and consumers to a running host, waits until all is quiet, and judges.

Source: docs/simulate.md, What must be true.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from host.simulation import model, people, plan
from host.simulation.clients.browser import Browser
from host.simulation.clients.crm import StarterCrm
from host.simulation.clients.platform_api import PlatformApi
from host.simulation.errors import SimulationError
from host.simulation.faults import CRM_FAULTS, Faults
from host.simulation.ledger import Ledger
from host.simulation.model import CrmFacts, Verdict
from host.simulation.plan import SessionPlan
from host.simulation.players.agent import Agent, World
from host.simulation.players.consumer import Consumer
from host.simulation.report import Report

QUIET_WITHIN_S = 60.0
"""How long the last events, wrap-ups and comments may take after the last consumer has gone."""
LOOKS_EVERY_S = 1.0
THREADS = 32
PER_PAGE = 500

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is simulated."""

    calls: int
    chats: int
    seed: int
    over_s: float
    """The seconds in which the sessions begin."""
    faults: Mapping[str, float]
    """Name to share."""


class Simulation:
    """One simulation on one host."""

    def __init__(
        self, wanted: Wanted, api: PlatformApi, browsers: Mapping[int, Browser], crm: StarterCrm | None, say: Say
    ) -> None:
        """Take the parts.

        Args:
            wanted: What is simulated.
            api: The gateway.
            browsers: The agents' browsers, by user id; they are signed in.
            crm: The starter CRM, if the host uses it.
            say: Tells people how far it is.
        """
        self._wanted = wanted
        self._api = api
        self._browsers = browsers
        self._crm = crm
        self._say = say
        self._ledger = Ledger()
        self._faults = Faults(wanted.faults, wanted.seed)
        self._plans = plan.make(calls=wanted.calls, chats=wanted.chats, seed=wanted.seed, over_s=wanted.over_s)
        self._run = f"{secrets.randbelow(10_000):04d}"
        self._agents: list[Agent] = []

    async def run(self) -> Report:
        """Run it.

        Raises:
            SimulationError: The host doesn't answer, or lacks the queues of a simulation.
        """
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
        began_at = time.monotonic()
        self._break_crm()
        try:
            await self._come()
            self._say(f"{len(self._agents)} agents are there; {len(self._plans)} sessions begin.")
            await self._live()
        finally:
            self._mend_crm()
        verdict = await self._settle()
        await asyncio.gather(*(agent.go() for agent in self._agents))
        return Report(
            wanted=self._wanted,
            agents=len(self._agents),
            verdict=verdict,
            ledger=self._ledger,
            struck=self._faults.struck,
            statuses=await self._statuses(),
            cuts=sum(agent.cuts for agent in self._agents),
            took_s=time.monotonic() - began_at,
        )

    async def _come(self) -> None:
        menus = await self._api.get("/menus")
        try:
            queue_ids = people.queue_ids([(each["menu_path"]["name"], each["id"]) for each in menus.body])
        except (KeyError, TypeError) as error:
            raise SimulationError(
                "The host lacks the queues of simulations; let patchbay simulate add them."
            ) from error
        world = World(self._ledger, self._faults, queue_ids, awaits_pops=self._crm is not None)
        ids = list(self._browsers)
        self._agents = [Agent(number, id, self._browsers[id], world) for number, id in enumerate(ids)]
        await asyncio.gather(*(agent.come() for agent in self._agents))

    async def _live(self) -> None:
        began_at = time.monotonic()
        await asyncio.gather(*(self._consumer(each).live(began_at) for each in self._plans))

    def _consumer(self, each: SessionPlan) -> Consumer:
        return Consumer(each, self._api, self._ledger, self._faults.dice(f"session {each.number}"), self._run)

    async def _settle(self) -> Verdict:
        """Judge again and again until nothing is wrong, or the time is over: the last comments take a while."""
        give_up_at = time.monotonic() + QUIET_WITHIN_S
        while True:
            verdict = await self._judge()
            if verdict.is_ok or time.monotonic() > give_up_at:
                return verdict
            await asyncio.sleep(LOOKS_EVERY_S)

    async def _judge(self) -> Verdict:
        sessions = await self._sessions()
        ours = self._browsers.keys()
        agents = [each for each in (await self._api.get("/agents")).body if each["id"] in ours]
        crm = await asyncio.to_thread(self._crm_facts) if self._crm else None
        return model.judge(self._ledger, sessions, agents, crm)

    async def _sessions(self) -> dict[int, Mapping[str, Any]]:
        wanted = {log.id for log in self._ledger.logs if log.id is not None}
        found: dict[int, Mapping[str, Any]] = {}
        for path in ("/calls", "/chats"):
            page = 1
            while wanted - found.keys():
                reply = await self._api.get(path, per_page=PER_PAGE, page=page, sort_direction="DESC")
                found |= {each["id"]: each for each in reply.body if each["id"] in wanted}
                if len(reply.body) < PER_PAGE:
                    break
                page += 1
        if missing := wanted - found.keys():
            raise SimulationError(f"The platform API doesn't list the sessions {sorted(missing)[:5]}.")
        return found

    async def _statuses(self) -> Sequence[str]:
        return [str(each["status"]) for each in (await self._sessions()).values()]

    def _crm_facts(self) -> dict[int, CrmFacts]:
        crm, found = self._crm, {}
        for log in self._ledger.logs:
            if log.id is None or crm is None:
                continue
            accounts = crm.accounts(log.plan.phone(self._run))
            records = [record for account in accounts for record in crm.records(account["id"])]
            comments = [comment for record in records for comment in crm.comments(record["id"])]
            markers = [str(comment.get("external_id") or comment["id"]) for comment in comments]
            found[log.id] = CrmFacts(len(accounts), len(records), markers)
        return found

    def _break_crm(self) -> None:
        for name in CRM_FAULTS.keys() & self._faults.shares.keys():
            share = self._faults.shares[name]
            if self._crm is None or not self._crm.break_it(name, share, self._wanted.seed):
                raise SimulationError(f"The fault {name} needs the starter CRM, started with --faults.")

    def _mend_crm(self) -> None:
        if self._crm is not None and CRM_FAULTS.keys() & self._faults.shares.keys():
            self._faults.struck.update(self._crm.hits())
            self._crm.mend()
