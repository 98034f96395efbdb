"""Calls the handlers of each event, once; an error in a handler is reported and doesn't stop the others."""

from host.wire import envelope
from patchbay import traces
from patchbay.event import Event

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from patchbay.registry import Handler, Registry
    from patchbay.shell import Page, Shell

    Spawn = Callable[[Coroutine[Any, Any, None]], object]

REMEMBERED = 2000


class Seen:
    """The ids of the latest events.

    Args:
        size: Number of ids that are kept at least; at most twice as many are kept.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._young: "set[str]" = set()
        self._old: "set[str]" = set()

    def add(self, event_id: object) -> bool:
        """Add an id; return whether it is new. A value that is no text is always new."""
        if not isinstance(event_id, str) or not event_id:
            return True
        if event_id in self._young or event_id in self._old:
            return False
        if len(self._young) >= self._size:
            self._old, self._young = self._young, set()
        self._young.add(event_id)
        return True


class Dispatcher:
    """Receives messages and calls handlers.

    Args:
        registry: The handlers.
        shell: The second argument of handlers.
        page: Gets refusals and errors.
        spawn: Runs a coroutine: `asyncio.create_task`.
    """

    def __init__(self, registry: "Registry", shell: "Shell", page: "Page", spawn: "Spawn") -> None:
        self._registry = registry
        self._shell = shell
        self._page = page
        self._spawn = spawn
        self._seen = Seen()

    def receive(self, text: str, frame: str) -> None:
        """Handle a message that `bus.js` accepted; never raises because of its content.

        Args:
            text: Canonical JSON.
            frame: The name of the adapter's frame: `chat_adapter`.
        """
        decision = envelope.read(text)
        if isinstance(decision, envelope.Dropped):
            self._page.refuse(decision.reason, frame)
        elif self._seen.add(decision.meta.get("id")):
            event = Event(decision.type, decision.data, decision.meta, text)
            for handler in self._registry.handlers(event.type):
                self._call(handler, event)

    def _call(self, handler: "Handler", event: Event) -> None:
        try:
            pending = handler(event, self._shell)
            if pending is not None and hasattr(pending, "send"):
                self._spawn(self._finish(pending, handler, event))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the edge: reported, not swallowed
            self._report(error, handler, event)

    async def _finish(self, pending: "Awaitable[None]", handler: "Handler", event: Event) -> None:
        try:
            await pending
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the edge: reported, not swallowed
            self._report(error, handler, event)

    def _report(self, error: BaseException, handler: "Handler", event: Event) -> None:
        name = getattr(handler, "__name__", "a handler")
        self._page.log("error", f"{name} failed on {event.type}: {error.__class__.__name__}", traces.of(error))
