"""What handlers may do to the page around the adapters."""

from patchbay.crm import Crm

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from typing import Protocol

    from patchbay.event import Event

    class Page(Protocol):
        """The page; `browser.BrowserPage` in the browser, `patchbay.testing.FakePage` in tests."""

        def pop(self, url: str) -> str:
            """Show a record; return why not, or nothing."""

        def restore(self, url: str) -> str:
            """Show a record that was shown before; return why not, or nothing."""

        async def fetch(self, method: str, path: str, body: str) -> str:
            """Ask our server; return `{"status", "body"}` as JSON text, or nothing. Never raises."""

        def notify(self, text: str) -> None:
            """Tell the agent something, one line."""

        def log(self, kind: str, line: str, detail: str) -> None:
            """Add an entry to the event log; kind is `event`, `note`, `refused` or `error`."""

        def refuse(self, reason: str, frame: str) -> None:
            """Count a message that was dropped."""


class Shell:
    """The page, as handlers see it."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self.crm = Crm(page)

    def pop(self, url: str) -> bool:
        """Show a record in the CRM area.

        Only absolute http and https addresses on the CRM's page hosts are shown; a refusal stands in the event log.

        Returns:
            Whether it is shown.
        """
        return self._is_shown(self._page.pop(str(url)), url)

    def restore(self, url: str) -> bool:
        """Show a record again that popped before this page was loaded; one that has a tab is left as it is.

        Returns:
            Whether it has a tab.
        """
        return self._is_shown(self._page.restore(str(url)), url)

    def _is_shown(self, problem: str, url: str) -> bool:
        if problem:
            self._page.log("refused", f"Record not shown. {problem}", str(url))
        return not problem

    def notify(self, text: str) -> None:
        """Tell the agent something in one line."""
        self._page.notify(str(text))

    def log_event(self, event: "Event") -> None:
        """Add an event to the event log, with its whole message."""
        self._page.log("event", event.line, event.text)

    def log(self, line: str, detail: str = "") -> None:
        """Add a line to the event log; the detail can be unfolded."""
        self._page.log("note", str(line), str(detail))
