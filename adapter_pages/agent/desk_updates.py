"""Keeps an adapter's page up to date with its agent's desk."""

from collections.abc import Mapping

from adapter_pages.agent import fragments
from adapter_pages.agent.desk import Desk
from adapter_pages.shared.page_updates import PageUpdates
from host.web.sockets.page_socket import PageSocket


class DeskUpdates:
    """Sends an adapter what changed on the desk.

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
        """Show the desk: panels first, since regions and lines stand in them."""
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
