"""Tests handlers without a browser: a fake page that records calls, and a way to send events.

from patchbay.testing import Desk, load
desk = Desk(load("mine.py"))
desk.send("New_Chat", {"chat_id": 73522})
assert desk.page.popped == ["https://crm.example/records/42"]
"""

import json
import sys

from patchbay import registry as page_registry
from patchbay.dispatch import Dispatcher
from patchbay.shell import Shell

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from patchbay.registry import Registry


class FakePage:
    """A page that records its calls.

    Args:
        problem: The result of `pop`: why a record can't be shown, or an empty text.
    """

    def __init__(self, problem: str = "") -> None:
        self.problem = problem
        self.popped: "list[str]" = []
        self.restored: "list[str]" = []
        self.answers: "dict[str, tuple[int, Any]]" = {}
        """`{"GET /api/crm/accounts/7": (200, {"id": 7})}`: the CRM's answers by request."""
        self.asked: "list[tuple[str, str, Any]]" = []
        self.notified: "list[str]" = []
        self.logged: "list[tuple[str, str, str]]" = []
        self.refused: "list[tuple[str, str]]" = []

    def pop(self, url: str) -> str:
        """Record the URL, unless `problem` is set."""
        if not self.problem:
            self.popped.append(url)
        return self.problem

    def restore(self, url: str) -> str:
        """Record the URL, unless `problem` is set."""
        if not self.problem:
            self.restored.append(url)
        return self.problem

    async def fetch(self, method: str, path: str, body: str) -> str:
        """Record the request; return its answer in `answers`, else 404."""
        self.asked.append((method, path, json.loads(body) if body else None))
        missing = {"error": "not_found", "message": "The CRM has no such thing.", "status": 404, "retryable": False}
        status, content = self.answers.get(method + " " + path, (404, missing))
        return json.dumps({"status": status, "body": content})

    def notify(self, text: str) -> None:
        """Record the text."""
        self.notified.append(text)

    def log(self, kind: str, line: str, detail: str) -> None:
        """Record the entry."""
        self.logged.append((kind, line, detail))

    def refuse(self, reason: str, frame: str) -> None:
        """Record the reason."""
        self.refused.append((reason, frame))


def load(path: str) -> "Registry":
    """Run a listener file on CPython, and return its handlers, which are registered nowhere else.

    Args:
        path: `listeners/mine.py`.
    """
    import runpy  # noqa: PLC0415 - MicroPython has none

    return page_registry.collect(lambda: runpy.run_path(path))


def run(coroutine: "Coroutine[Any, Any, None]") -> None:
    """Run a coroutine to its end; on MicroPython it must not wait for anything."""
    if sys.implementation.name == "cpython":
        import asyncio  # noqa: PLC0415 - not needed elsewhere
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

        # In a thread, since with Playwright's tests this thread has a running loop.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, coroutine).result()
        return
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        pass


class Desk:
    """A shell without a browser; it posts events as an adapter does."""

    def __init__(self, registry: "Registry", page: "FakePage | None" = None) -> None:
        self.page = page or FakePage()
        self.shell = Shell(self.page)
        self._dispatcher = Dispatcher(registry, self.shell, self.page, run)

    def send(self, type: str, data: "dict[str, Any]", **meta: "Any") -> None:
        """Post an event as an adapter does; `meta` may have `id`, `seq`, `at`, `replayed`."""
        self.receive(json.dumps({"type": type, "data": data, "meta": meta}))

    def receive(self, text: str, frame: str = "chat_adapter") -> None:
        """Post any text."""
        self._dispatcher.receive(text, frame)
