"""An agent's browser: signs in by the form, and gets tickets for sockets with the token of the page."""

import asyncio
import re
from typing import Any, Protocol

import requests

from host.gate import lenient
from host.simulation.errors import SimulationError

TIMEOUT_S = 30
SEE_OTHER = 303
CONFIG = re.compile(r'<script type="application/json" id="page-config">(.*?)</script>', re.DOTALL)
PAGE = "/agent/?type=chat&from=custom"


class Browser(Protocol):
    """What gives an adapter its tickets."""

    url: str
    """Of the host, without a slash at the end."""

    async def ticket(self) -> str:
        """Return a ticket for one connection.

        Raises:
            OSError: The host doesn't answer, or refuses.
        """
        ...

    async def leave(self) -> None:
        """Sign out."""
        ...


class AgentBrowser:
    """A browser in which one agent is signed in."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self.url = url
        self._email = email
        self._password = password
        self._session = requests.Session()
        self._session.headers["Origin"] = url
        self._csrf = ""

    async def sign_in(self) -> None:
        """Sign in by the form.

        Raises:
            SimulationError: The host refuses.
            OSError: The host doesn't answer.
        """
        await asyncio.to_thread(self._sign_in)

    async def ticket(self) -> str:
        """Return a ticket, as the page asks for it."""
        return await asyncio.to_thread(self._ticket)

    async def leave(self) -> None:
        """Sign out; the agent is Offline then."""
        await asyncio.to_thread(self._ask, "POST", "/sign-out", data={"csrf_token": self._csrf})

    def _sign_in(self) -> None:
        given = {"email": self._email, "password": self._password, "next": PAGE}
        answer = self._ask("POST", "/sign-in", data=given)
        config = CONFIG.search(self._ask("GET", PAGE).text) if answer.status_code == SEE_OTHER else None
        if config is None:
            raise SimulationError(f"{self._email} can't sign in ({answer.status_code}).")
        self._csrf = lenient.read(config[1])["csrf"]

    def _ticket(self) -> str:
        answer = self._ask("POST", "/agent/ticket", headers={"X-CSRF-Token": self._csrf, "Accept": "application/json"})
        answer.raise_for_status()
        return str(lenient.read(answer.content)["ticket"])

    def _ask(self, method: str, path: str, **request: Any) -> requests.Response:
        answer = self._session.request(method, self.url + path, timeout=TIMEOUT_S, allow_redirects=False, **request)
        for cookie in self._session.cookies:
            cookie.secure = False  # browsers send secure cookies to this machine without TLS, too
        return answer
