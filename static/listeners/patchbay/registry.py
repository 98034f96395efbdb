"""Registers handlers by type of event."""

from host.wire.events import EVENTS

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from patchbay.event import Event
    from patchbay.shell import Shell

    Handler = Callable[[Event, Shell], "Awaitable[None] | None"]

ANY = "*"


class Registry:
    """Handlers in the order of their registration."""

    def __init__(self) -> None:
        self._entries: "list[tuple[str, Handler]]" = []

    def on(self, *types: str) -> "Callable[[Handler], Handler]":
        """Register a handler for some types of events: `@on("New_Call", "New_Chat")`, or `@on("*")` for all.

        The handler takes `(event, shell)` and may be `async`.

        Raises:
            ValueError: No type is given, or a type is unknown.
        """
        if not types:
            raise ValueError("on() takes the types of events to listen to, such as New_Chat, or *")
        for type in types:
            if type != ANY and type not in EVENTS:
                raise ValueError(f"on(): no event {type!r}; there are: {', '.join(sorted(EVENTS))}")

        def register(handler: "Handler") -> "Handler":
            for type in types:
                self._entries.append((type, handler))
            return handler

        return register

    def collect(self, load: "Callable[[], object]") -> "Registry":
        """Return a new registry with the handlers that `load` registers here; this one is not changed.

        Raises:
            Exception: The error of `load`; its handlers are dropped.
        """
        before = self._entries
        self._entries = []
        collected = Registry()
        try:
            load()
            collected._entries = self._entries
        finally:
            self._entries = before
        return collected

    def extend(self, other: "Registry") -> None:
        """Add the handlers of another registry."""
        self._entries += other._entries  # noqa: SLF001 - one of us

    def handlers(self, type: str) -> "list[Handler]":
        """Return the handlers of a type, with those of all events."""
        return [handler for wanted, handler in self._entries if wanted in (type, ANY)]
