"""Sends an adapter's page what has changed on the desk."""

from collections.abc import Mapping

from adapter_pages.agent import fragments
from adapter_pages.agent.desk import Desk
from adapter_pages.shared.page_updates import PageUpdates
from host.web.sockets.page_socket import PageSocket


class DeskUpdates:
    """The updates of one adapter's page.

    Args:
        connection: The adapter's socket.
    """

    def __init__(self, connection: PageSocket) -> None:
        self._page = PageUpdates(connection)
        self._desk: Desk | None = None

    @property
    def last_lines(self) -> Mapping[int, int]:
        """The last message that the page shows of each session, by session id."""
        return self._page.last_lines

    def show(self, desk: Desk) -> None:
        """Send the changes: panels first, since they contain regions and messages."""
        if desk == self._desk:
            return
        self._desk = desk
        if not self._page.has_panels(fragments.panel_id(chat.about.session_id) for chat in desk.chats):
            self._page.show_panels(fragments.panels(desk))
        self._page.show_regions(fragments.regions(desk))
        for chat in desk.chats:
            session_id = chat.about.session_id
            for line in chat.lines:
                self._page.append(session_id, line, fragments.append(session_id, line))
