"""The shell, as handlers use it: show records, notify the agent, write to the event log."""

from patchbay.crm import Crm

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from typing import Protocol

    from patchbay.event import Event

    class Page(Protocol):
        """The page; `browser.BrowserPage` in the browser, `patchbay.testing.FakePage` in tests."""

        def pop(self, url: str) -> str:
            """Show a record; return why it can't be shown, or an empty text."""

        def restore(self, url: str) -> str:
            """Show a record that was shown before; return why it can't be shown, or an empty text."""

        async def fetch(self, method: str, path: str, body: str) -> str:
            """Send a request to our server; return `{"status", "body"}` as JSON, or an empty text. Never raises."""

        def notify(self, text: str) -> None:
            """Show the agent one line."""

        def log(self, kind: str, line: str, detail: str) -> None:
            """Add an entry to the event log; kind is `event`, `note`, `refused` or `error`."""

        def refuse(self, reason: str, frame: str) -> None:
            """Count a dropped message."""


class Shell:
    """The second argument of handlers."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self.crm = Crm(page)

    def pop(self, url: str) -> bool:
        """Show a record in the CRM area.

        Only absolute http and https addresses on the CRM's page hosts are shown; the event log shows a refusal.

        Returns:
            Whether it is shown.
        """
        return self._is_shown(self._page.pop(str(url)), url)

    def restore(self, url: str) -> bool:
        """Show a record again that popped before this page was loaded; if it has a tab, nothing changes.

        Returns:
            Whether it has a tab.
        """
        return self._is_shown(self._page.restore(str(url)), url)

    def _is_shown(self, problem: str, url: str) -> bool:
        if problem:
            self._page.log("refused", f"Record not shown. {problem}", str(url))
        return not problem

    def notify(self, text: str) -> None:
        """Show the agent one line."""
        self._page.notify(str(text))

    def log_event(self, event: "Event") -> None:
        """Add an event to the event log, with its whole message."""
        self._page.log("event", event.line, event.text)

    def log(self, line: str, detail: str = "") -> None:
        """Add a line to the event log, with a detail that can be opened."""
        self._page.log("note", str(line), str(detail))
