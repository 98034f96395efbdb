"""Gives the listeners access to the browser, only through `window.bus`, whose functions never throw."""

import asyncio
import json

from pyscript import window
from pyscript.ffi import create_proxy

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

bus = window.bus


class BrowserPage:
    """The page around the adapters."""

    def pop(self, url: str) -> str:
        """Show a record; return why it can't be shown, or an empty text."""
        return str(bus.pop(url))

    def restore(self, url: str) -> str:
        """Show a record that was shown before; return why it can't be shown, or an empty text."""
        return str(bus.restore(url))

    async def fetch(self, method: str, path: str, body: str) -> str:
        """Send a request to our server; return `{"status", "body"}` as JSON text, or an empty text."""
        return str(await bus.fetch(method, path, body))

    def notify(self, text: str) -> None:
        """Show the agent a text."""
        bus.notify(text)

    def log(self, kind: str, line: str, detail: str) -> None:
        """Add an entry to the event log."""
        bus.log(kind, line, detail)

    def refuse(self, reason: str, frame: str) -> None:
        """Count a dropped message."""
        bus.refuse(reason, frame)


def config() -> "dict[str, Any]":
    """Return the page's configuration."""
    found: "dict[str, Any]" = json.loads(str(bus.config()))
    return found


def spawn(coroutine: "Coroutine[Any, Any, None]") -> None:
    """Start a coroutine as a task."""
    asyncio.create_task(coroutine)  # noqa: RUF006 - the page's loop holds it


def connect(receive: "Callable[[str, str], None]") -> None:
    """Pass all messages to `receive`, first those that have waited."""
    bus.connect(create_proxy(receive))
