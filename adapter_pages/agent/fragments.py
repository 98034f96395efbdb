"""Renders an agent's desk: regions, panels, lines, and a session's trace.

Regions are swapped whole when they change; panels come and go; lines are appended. Inputs and logs stand
in the panels, outside all regions, so that typed text and what was read out survive every update.
"""

from collections.abc import Sequence

from adapter_pages.agent.desk import Chat, Desk
from adapter_pages.shared import fragments
from adapter_pages.shared.fragments import Append, render
from adapter_pages.shared.messages import Line
from host.crm.intents.trace import TraceRow


def regions(desk: Desk) -> dict[str, str]:
    """Return the inside of each region of an adapter: `{"offers": "<section ..."}`."""
    found = {
        "status": render("agent/_status.html", desk=desk),
        "offers": render("agent/_offers.html", desk=desk),
        "chat-tabs": render("agent/_tabs.html", desk=desk),
        "quiet": render("agent/_quiet.html", desk=desk),
    }
    for chat in desk.chats:
        about = chat.about
        panel = panel_id(about.session_id)
        found[f"{panel}-state"] = render("agent/_state.html", chat=chat)
        found[f"{panel}-card"] = render("agent/_card.html", card=about.card, session_id=about.session_id)
    return found


def panels(desk: Desk) -> dict[str, str]:
    """Return one panel a chat, its log still empty: its lines come by `append`.

    So no panel outgrows a socket message, however much was said.
    """
    return {panel_id(chat.about.session_id): _panel(chat) for chat in desk.chats}


def append(session_id: int, line: Line) -> Append:
    """Return one line of an adapter's chat."""
    return fragments.append(log_id(session_id), line)


def trace(rows: Sequence[TraceRow]) -> str:
    """Return what was asked of the CRM for a session, and what was decided."""
    return render("agent/_trace.html", rows=rows)


def panel_id(session_id: int) -> str:
    """`chat-103646`."""
    return f"chat-{session_id}"


def log_id(session_id: int) -> str:
    """`chat-103646-log`."""
    return f"{panel_id(session_id)}-log"


def _panel(chat: Chat) -> str:
    return render("agent/_panel.html", chat=chat, with_lines=False)
