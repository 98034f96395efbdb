"""What a page shows already, so that it is sent only what changed."""

from collections.abc import Mapping

from adapter_pages import fragments
from adapter_pages.desk import Desk
from adapter_pages.fragments import Append
from adapter_pages.lines import Line
from adapter_pages.talk import Talk
from host.web.connection import Connection


class Shown:
    """Sends the difference between what a page shows and what it ought to show."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._regions: dict[str, str] = {}
        self._panels: set[str] | None = None
        self._lines: dict[int, int] = {}  # session id -> its last message
        self._desk: Desk | None = None

    @property
    def last_lines(self) -> Mapping[int, int]:
        """The last message that the page shows of each session, by session id."""
        return self._lines

    def desk(self, desk: Desk) -> None:
        """Show an agent's adapter: panels first, since regions and lines stand in them."""
        if desk == self._desk:
            return
        self._desk = desk
        self._show_panels(desk)
        self._show_regions(fragments.regions(desk))
        for chat in desk.chats:
            session_id = chat.about.session_id
            for line in chat.lines:
                self._append(session_id, line, fragments.append(session_id, line))

    def talk(self, talk: Talk) -> None:
        """Show a consumer's chat."""
        self._show_regions(fragments.consumer_regions(talk))
        for line in talk.lines:
            self._append(talk.session_id, line, fragments.consumer_append(line))

    def _append(self, session_id: int, line: Line, shown: Append) -> None:
        if line.id <= self._lines.get(session_id, 0):
            return
        if line.earlier:
            self._connection.send(op="append", **fragments.earlier_append(shown.region, line)._asdict())
        self._connection.send(op="append", **shown._asdict())
        self._lines[session_id] = line.id

    def _show_panels(self, desk: Desk) -> None:
        ids = {fragments.panel_id(chat.about.session_id) for chat in desk.chats}
        if ids == self._panels:
            return
        html = fragments.panels(desk)
        missing = {panel: html[panel] for panel in html if panel not in (self._panels or set())}
        self._connection.send(op="panels", ids=list(html), html=missing)
        self._panels = ids

    def _show_regions(self, regions: dict[str, str]) -> None:
        changed = {name: html for name, html in regions.items() if self._regions.get(name) != html}
        for name, html in changed.items():
            self._connection.send(op="regions", html={name: html})
        self._regions = regions
