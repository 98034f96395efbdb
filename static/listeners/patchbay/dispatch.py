"""Hand each event to its handlers, once; a handler that raises is reported and stops nobody."""

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
        size: How many are remembered at least; at most twice as many are.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._young: "set[str]" = set()
        self._old: "set[str]" = set()

    def add(self, event_id: object) -> bool:
        """Remember an id; return whether it is new. What is no text is always new."""
        if not isinstance(event_id, str) or not event_id:
            return True
        if event_id in self._young or event_id in self._old:
            return False
        if len(self._young) >= self._size:
            self._old, self._young = self._young, set()
        self._young.add(event_id)
        return True


class Dispatcher:
    """The listeners' one entrance.

    Args:
        registry: Who listens to what.
        shell: What handlers are given.
        page: Where refusals and failures are reported.
        spawn: Runs a coroutine: `asyncio.create_task`.
    """

    def __init__(self, registry: "Registry", shell: "Shell", page: "Page", spawn: "Spawn") -> None:
        self._registry = registry
        self._shell = shell
        self._page = page
        self._spawn = spawn
        self._seen = Seen()

    def receive(self, text: str, frame: str) -> None:
        """Take a message that the airlock let through; never raises for what it holds.

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
