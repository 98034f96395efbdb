"""What an agent does in a session that they have: the steps of its plan, its end, the wrap-up."""

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

from host.simulation.ledger import SessionLog
from host.simulation.plan import Step

POPS_WITHIN_S = 90.0
"""How long an agent waits for the record before ending the session; then the pop counts as lost."""
WARM_FOR_S = 12.0
"""How long an agent waits for the answer to a warm transfer before going on alone."""
WRAPS_UP_AFTER_S = 0.3
DISPOSITION = "Solved"


class Actor(Protocol):
    """The agent whose hands these are."""

    id: int

    async def act(self, adapter: str, name: str, **args: Any) -> str | None:
        """Run a command; return the code of the host's error, or None once it is done."""
        ...

    async def await_pop(self, session_id: int, within_s: float) -> bool:
        """Wait until the session's record has popped; tell whether it has."""
        ...


@dataclass(frozen=True)
class Hands:
    """The hands of one agent in one session."""

    agent: Actor
    log: SessionLog
    adapter: str
    queue_ids: tuple[int, ...]
    awaits_pops: bool

    async def serve(self, session_id: int, stint: int) -> None:
        """Do the steps of a stint, and end the session after the last one."""
        plan = self.log.plan
        for step in plan.stints[stint]:
            await asyncio.sleep(step.after_s)
            if await self._do(step, session_id) and step.name == "transfer":
                return
        self.log.last_joined.set()
        await asyncio.sleep(plan.talk_s)
        if plan.ends_by == "agent":
            await self._end(session_id)

    async def hand_over(self, session_id: int) -> None:
        """Leave a session that another agent has or gets; the first agent of a call leaves by ending their part."""
        if self.adapter == "call" and any(is_warm for _, is_warm in self.log.transfers):
            if await self._act("end", session_id) is None:
                self.log.left[self.agent.id] += 1
        else:
            self.log.left[self.agent.id] += 1
        await self.wrap_up(session_id)

    async def wrap_up(self, session_id: int) -> None:
        """Finish the wrap-up, if the plan says so."""
        if self.log.plan.wraps_up:
            await asyncio.sleep(WRAPS_UP_AFTER_S)
            await self._act("wrap_up", session_id, disposition=DISPOSITION, notes=f"of {self.log.plan.name}")

    async def _do(self, step: Step, session_id: int) -> bool:
        """Do a step; tell whether the host did it."""
        if step.name == "message":
            text = f"answer {len(self.log.said)} to session {session_id} by {self.agent.id}"
            is_done = await self._act("message", session_id, text=text) is None
            if is_done:
                self.log.said.append(text)
            return is_done
        if step.name in ("transfer", "warm_transfer"):
            return await self._transfer(session_id, is_warm=step.name == "warm_transfer")
        return await self._act(step.name, session_id) is None

    async def _transfer(self, session_id: int, *, is_warm: bool) -> bool:
        target = self.queue_ids[1 - self.log.plan.queue]
        self.log.transfers.append((self.agent.id, is_warm))
        if await self._act("transfer", session_id, to="queue", target=target, warm=is_warm) is not None:
            self.log.transfers.pop()
            return False
        if is_warm:
            await asyncio.sleep(WARM_FOR_S)  # ends with the Transfer that says who has it
        return True

    async def _end(self, session_id: int) -> None:
        if self.awaits_pops and not await self.agent.await_pop(session_id, POPS_WITHIN_S):
            self.log.unpopped.add(self.agent.id)
        await self._act("end", session_id)

    async def _act(self, name: str, session_id: int, **args: Any) -> str | None:
        return await self.agent.act(self.adapter, name, session_id=session_id, **args)
