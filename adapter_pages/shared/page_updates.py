"""Sends a page the difference between its content and the current state."""

from collections.abc import Iterable, Mapping

from adapter_pages.shared import fragments
from adapter_pages.shared.fragments import Append
from adapter_pages.shared.messages import MessageView
from host.web.sockets.page_socket import PageSocket


class PageUpdates:
    """The content of one page, so that only changes are sent.

    Args:
        connection: The page's socket.
    """

    def __init__(self, connection: PageSocket) -> None:
        self._connection = connection
        self._regions: dict[str, str] = {}
        self._panels: set[str] | None = None
        self._lines: dict[int, int] = {}  # session id to the id of its last message

    @property
    def last_lines(self) -> Mapping[int, int]:
        """The last message that the page shows of each session, by session id."""
        return self._lines

    def has_panels(self, ids: Iterable[str]) -> bool:
        """Tell whether the page shows exactly these panels."""
        return set(ids) == self._panels

    def show_panels(self, panels: Mapping[str, str]) -> None:
        """Show these panels in this order; panels that the page already has keep their typed text.

        Args:
            panels: Panel id to its HTML.
        """
        missing = {panel: html for panel, html in panels.items() if panel not in (self._panels or set())}
        self._connection.send(op="panels", ids=list(panels), html=missing)
        self._panels = set(panels)

    def show_regions(self, regions: dict[str, str]) -> None:
        """Show these regions.

        Args:
            regions: Region id to its inner HTML.
        """
        changed = {name: html for name, html in regions.items() if self._regions.get(name) != html}
        for name, html in changed.items():
            self._connection.send(op="regions", html={name: html})
        self._regions = regions

    def append(self, session_id: int, line: MessageView, shown: Append) -> None:
        """Append a message, unless the page shows it already."""
        if line.id <= self._lines.get(session_id, 0):
            return
        if line.earlier:
            self._connection.send(op="append", **fragments.earlier_append(shown.region, line)._asdict())
        self._connection.send(op="append", **shown._asdict())
        self._lines[session_id] = line.id
