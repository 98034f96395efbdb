"""Prints the host's addresses once the web process answers."""

import http.client
import time
from collections.abc import Callable

from host import hosts
from host.config import Config

Say = Callable[[str], None]

READY_WITHIN_S = 60.0


class Announcer:
    """Prints the addresses once."""

    def __init__(self, config: Config, *, demo: bool, say: Say) -> None:
        self._config = config
        self._demo = demo
        self._say = say
        self._is_done = False
        self._give_up_at = time.monotonic() + READY_WITHIN_S

    def __call__(self) -> None:
        """Check whether the web process answers; called repeatedly."""
        if self._is_done:
            return
        if self._answers():
            self._is_done = True
            for line in self._addresses():
                self._say(line)
        elif time.monotonic() > self._give_up_at:
            self._is_done = True
            self._say(f"The web process doesn't answer after {READY_WITHIN_S:g} s; its log above says why.")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(hosts.reachable(self._config.bind), self._config.port, timeout=0.5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _addresses(self) -> list[str]:
        url = self._config.public_url
        lines = [f"Patchbay runs at {url}/ (agents: {url}/shell/, consumers: {url}/consumer/)"]
        if self._demo:
            lines.append(f"The starter CRM runs at http://localhost:{self._config.crm_port}/")
        return [*lines, "Ctrl-C stops everything."]
