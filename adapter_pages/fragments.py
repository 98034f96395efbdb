"""Renders what the pages show: the same fragments in the page as it loads and over its socket.

Regions are swapped whole when they change; panels come and go; lines are appended. Inputs and logs stand
in the panels, outside all regions, so that typed text and what was read out survive every update.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from adapter_pages.desk import Chat, Desk
from adapter_pages.lines import Line
from adapter_pages.talk import Talk
from host.crm.trace import TraceRow
from host.gate import writing

CONSUMER_LOG = "conversation"
"""The region that the consumer's lines are appended to."""


class Append(NamedTuple):
    """One line for the socket's `append`."""

    region: str
    id: str
    html: str


def as_json(value: Any) -> str:
    """Write a value for people; what surrounds it escapes it."""
    return writing.text(value, indent=2, default=str)


_templates = Environment(
    loader=PackageLoader("adapter_pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_templates.filters["as_json"] = as_json


def regions(desk: Desk) -> dict[str, str]:
    """Return the inside of each region of an adapter: `{"offers": "<section ..."}`."""
    found = {
        "status": _render("agent/_status.html", desk=desk),
        "offers": _render("agent/_offers.html", desk=desk),
        "chat-tabs": _render("agent/_tabs.html", desk=desk),
        "quiet": _render("agent/_quiet.html", desk=desk),
    }
    for chat in desk.chats:
        about = chat.about
        panel = panel_id(about.session_id)
        found[f"{panel}-state"] = _render("agent/_state.html", chat=chat)
        found[f"{panel}-card"] = _render("agent/_card.html", card=about.card, session_id=about.session_id)
    return found


def panels(desk: Desk) -> dict[str, str]:
    """Return one panel a chat, its log still empty: its lines come by `append`.

    So no panel outgrows a socket message, however much was said.
    """
    return {panel_id(chat.about.session_id): _panel(chat) for chat in desk.chats}


def append(session_id: int, line: Line) -> Append:
    """Return one line of an adapter's chat."""
    return Append(log_id(session_id), f"message-{line.id}", message(line))


def message(line: Line) -> str:
    """Return one line of a conversation, for either reader."""
    return _render("agent/_line.html", line=line)


def page(lines: Sequence[Line]) -> str:
    """Return a page of lines, and the way to the one before."""
    return _render("agent/_lines.html", lines=lines)


def trace(rows: Sequence[TraceRow]) -> str:
    """Return what was asked of the CRM for a session, and what was decided."""
    return _render("agent/_trace.html", rows=rows)


def consumer_regions(talk: Talk) -> dict[str, str]:
    """Return the inside of each region of the consumer's page."""
    return {"talk-state": _render("consumer/_state.html", talk=talk)}


def consumer_append(line: Line) -> Append:
    """Return one line of the consumer's conversation."""
    return Append(CONSUMER_LOG, f"message-{line.id}", message(line))


def earlier_append(region: str, line: Line) -> Append:
    """Return the way to what came before the first line of a page."""
    return Append(region, f"earlier-{line.id}", _render("agent/_earlier.html", line=line))


def panel_id(session_id: int) -> str:
    """`chat-103646`."""
    return f"chat-{session_id}"


def log_id(session_id: int) -> str:
    """`chat-103646-log`."""
    return f"{panel_id(session_id)}-log"


def _panel(chat: Chat) -> str:
    return _render("agent/_panel.html", chat=chat, with_lines=False)


def _render(template: str, **values: Any) -> str:
    return _templates.get_template(template).render(**values).strip()
