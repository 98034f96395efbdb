"""A consumer of a simulation: calls or writes, waits, talks, hangs up, rates."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from host.sessions.lifecycle import ENDED
from host.simulation.clients.platform_api import PlatformApi
from host.simulation.faults import Dice
from host.simulation.ledger import Ledger, SessionLog
from host.simulation.plan import QUEUES, SessionPlan

LOOKS_EVERY_S = 4.0
"""How often a waiting consumer asks how their session stands."""
ANSWERED_WITHIN_S = 180.0
ENDED_WITHIN_S = 120.0
"""How long a consumer talks at most; then they hang up, whatever the plan says."""


class Consumer:
    """The consumer of one session."""

    def __init__(self, plan: SessionPlan, api: PlatformApi, ledger: Ledger, dice: Dice, run: str) -> None:
        """Take the parts.

        Args:
            plan: What they do.
            api: The gateway through which they do it.
            ledger: Where it is noted.
            dice: For faults.
            run: Four digits that set this simulation's consumers apart from others.
        """
        self._plan = plan
        self._api = api
        self._ledger = ledger
        self._dice = dice
        self._run = run

    async def live(self, began_at: float) -> None:
        """Do everything that the plan says.

        Args:
            began_at: When the simulation began, on the monotonic clock.
        """
        await asyncio.sleep(max(0.0, began_at + self._plan.begins_s - time.monotonic()))
        log = self._ledger.begin(self._plan)
        if not await self._start(log):
            return
        writing = [asyncio.create_task(self._write(log, number)) for number in range(len(self._plan.messages))]
        if await self._is_answered(log):
            await self._talk(log)
        else:
            await self._hang_up(log)
        await asyncio.gather(*writing)
        if self._plan.rating is not None:
            await self._post(log, "rating", {"rating": self._plan.rating, "feedback": "simulated"})

    async def _start(self, log: SessionLog) -> bool:
        plan = self._plan
        person = {"name": plan.name, "phone": plan.phone(self._run)}
        body = {"queue": " / ".join(QUEUES[plan.queue]), "end_user": person}
        path = f"/{plan.channel}s"
        replies = await self._api.post(path, body, self._dice, f"simulated-{self._run}-{plan.number}")
        self._ledger.took("request", log.began_at)
        for reply in replies:
            if not reply.is_done:
                self._ledger.problems.append(f"session {plan.number} could not begin: {reply.error}")
                return False
            self._ledger.know(log, reply.body["id"])
        return True

    async def _is_answered(self, log: SessionLog) -> bool:
        patience_s = self._plan.patience_s
        try:
            await asyncio.wait_for(log.joined.wait(), ANSWERED_WITHIN_S if patience_s is None else patience_s)
        except TimeoutError:
            if patience_s is None:
                log.helped = "gave up waiting"
            return False
        return True

    async def _talk(self, log: SessionLog) -> None:
        give_up_at = time.monotonic() + ENDED_WITHIN_S
        if self._plan.ends_by == "end_user":
            await _wait(log.last_joined, ENDED_WITHIN_S)
            await asyncio.sleep(self._plan.talk_s)
            await self._hang_up(log)
        while not await self._has_ended(log):
            if time.monotonic() > give_up_at:
                log.helped = "hung up"
                await self._hang_up(log)

    async def _has_ended(self, log: SessionLog) -> bool:
        if await _wait(log.ended, LOOKS_EVERY_S):
            return True
        reply = await self._api.get(f"/{self._plan.channel}s/{log.id}")
        return reply.is_done and reply.body["status"] in ENDED

    async def _write(self, log: SessionLog, number: int) -> None:
        late_s = self._dice.between(0.3, 1.2) if self._dice.strikes("reorder") else 0.0
        await asyncio.sleep(self._plan.messages[number] + late_s)
        text, sent_at = f"message {number} of {self._run} {self._plan.number}", time.monotonic()
        if await self._post(log, "message", {"text": text, "from": "end_user"}, f"message-{number}"):
            log.written[text] = sent_at

    async def _hang_up(self, log: SessionLog) -> None:
        await self._post(log, "end", {"by": "end_user"})

    async def _post(self, log: SessionLog, what: str, body: Mapping[str, Any], key: str | None = None) -> bool:
        replies = await self._api.post(f"/{self._plan.channel}s/{log.id}/{what}", body, self._dice, key)
        for reply in replies:
            if not reply.is_done:
                self._ledger.refused[f"{what}: {reply.error}"] += 1
        return any(reply.is_done for reply in replies)


async def _wait(event: asyncio.Event, within_s: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), within_s)
    except TimeoutError:
        return False
    return True
