"""The only module that touches the browser, and only through `window.bus`, none of whose functions throws."""

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
        """Show a record; return why not, or nothing."""
        return str(bus.pop(url))

    def restore(self, url: str) -> str:
        """Show a record that was shown before; return why not, or nothing."""
        return str(bus.restore(url))

    async def fetch(self, method: str, path: str, body: str) -> str:
        """Ask our server; return `{"status", "body"}` as JSON text, or nothing."""
        return str(await bus.fetch(method, path, body))

    def notify(self, text: str) -> None:
        """Tell the agent something."""
        bus.notify(text)

    def log(self, kind: str, line: str, detail: str) -> None:
        """Add an entry to the event log."""
        bus.log(kind, line, detail)

    def refuse(self, reason: str, frame: str) -> None:
        """Count a message that was dropped."""
        bus.refuse(reason, frame)


def config() -> "dict[str, Any]":
    """Return what the page was given."""
    found: "dict[str, Any]" = json.loads(str(bus.config()))
    return found


def spawn(coroutine: "Coroutine[Any, Any, None]") -> None:
    """Run a coroutine beside what goes on."""
    asyncio.create_task(coroutine)  # noqa: RUF006 - the page's loop holds it


def connect(receive: "Callable[[str, str], None]") -> None:
    """Get every message from now on, those that waited first."""
    bus.connect(create_proxy(receive))
