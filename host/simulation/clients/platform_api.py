"""A client of the platform API that repeats what was not answered, with the same key, as a gateway does."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from host.gate import lenient
from host.simulation.errors import SimulationError
from host.simulation.faults import Dice

PREFIX = "/api/v1"
TIMEOUT_S = 30
ANSWERS_WITHIN_S = 120.0
"""How long a request is repeated before the simulation gives up."""
PAUSE_S = 0.5
CONNECTIONS = 32


@dataclass(frozen=True)
class Reply:
    """An answer of the platform API."""

    status: int
    body: Any

    @property
    def is_done(self) -> bool:
        """Whether the host did it, now or before."""
        return self.status in (200, 201)

    @property
    def error(self) -> str:
        """The code of the error: `fields`; the status where there is none."""
        code = self.body.get("error") if isinstance(self.body, dict) else None
        return str(code or self.status)


class PlatformApi:
    """The platform API of one host."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        self._url = url + PREFIX
        self._session = requests.Session()
        self._session.auth = (key, secret)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS, pool_connections=CONNECTIONS))

    async def get(self, path: str, *, within_s: float = ANSWERS_WITHIN_S, **query: Any) -> Reply:
        """Read something.

        Raises:
            SimulationError: The host did not answer in time.
        """
        return await self._until_answered("GET", path, within_s, params=query)

    async def post(self, path: str, body: Mapping[str, Any], dice: Dice, key: str | None = None) -> list[Reply]:
        """Do something; return all answers: more than one where a fault sent it twice.

        Raises:
            SimulationError: The host did not answer in time.
        """
        await asyncio.sleep(dice.delay_s())
        headers = {} if key is None else {"Idempotency-Key": key}
        request: dict[str, Any] = {"json": dict(body), "headers": headers}
        if dice.strikes("duplicate"):
            both = (self._until_answered("POST", path, **request) for _ in range(2))
            return list(await asyncio.gather(*both))
        first = await self._until_answered("POST", path, **request)
        if dice.strikes("drop"):  # the answer is lost, so it is sent again
            return [first, await self._until_answered("POST", path, **request)]
        return [first]

    async def _until_answered(
        self, method: str, path: str, within_s: float = ANSWERS_WITHIN_S, **request: Any
    ) -> Reply:
        give_up_at = time.monotonic() + within_s
        while True:
            try:
                reply = await asyncio.to_thread(self._send, method, path, **request)
                reason = str(reply.status)
            except requests.RequestException as error:
                reply, reason = None, type(error).__name__
            if reply is not None and reply.status < 500 and reply.status != 429:
                return reply
            if time.monotonic() > give_up_at:
                raise SimulationError(f"{path} was not answered within {within_s:g} s: {reason}.")
            await asyncio.sleep(PAUSE_S)

    def _send(self, method: str, path: str, **request: Any) -> Reply:
        answer = self._session.request(method, self._url + path, timeout=TIMEOUT_S, **request)
        try:
            body = lenient.read(answer.content)
        except ValueError:
            body = None
        return Reply(answer.status_code, body)
