"""Renders an agent's desk: regions, panels, messages, and a session's trace.

A region is replaced as a whole when it changes; panels are added and removed; messages are appended. Inputs and logs
are in the panels, outside all regions, so that typed text and the log stay through every update.
"""

from collections.abc import Sequence

from adapter_pages.agent import call_fragments
from adapter_pages.agent.chat_view import Chat
from adapter_pages.agent.desk import Desk
from adapter_pages.shared import fragments
from adapter_pages.shared.fragments import Append, render
from adapter_pages.shared.messages import MessageView
from host.crm.intents.trace import TraceRow
from host.queues.settings import QuickReply


def regions(desk: Desk) -> dict[str, str]:
    """Return the inner HTML of each region of an adapter: `{"offers": "<section ..."}`."""
    # A call's bands come first, so that the focus can go there when its offer is gone.
    found = call_fragments.regions(desk.call) if desk.adapter == "call" else {}
    found |= {
        "status": render("agent/_status.html", desk=desk),
        "offers": render("agent/_offers.html", desk=desk),
        "chat-tabs": render("agent/_tabs.html", desk=desk),
        "quiet": render("agent/_quiet.html", desk=desk),
    }
    for chat in desk.chats:
        about = chat.about
        panel = panel_id(about.session_id)
        found[f"{panel}-state"] = render("agent/_state.html", chat=chat)
        found[f"{panel}-receipt"] = render("agent/_receipt.html", receipt=chat.receipt)
        found[f"{panel}-buttons"] = render("agent/_buttons.html", chat=chat)
        found[f"{panel}-wrap-up"] = call_fragments.wrap_up(chat.wrap_up)
        found[f"{panel}-card"] = render("agent/_card.html", about=about)
    return found


def panels(desk: Desk) -> dict[str, str]:
    """Return a panel for each chat, with an empty log: messages come by `append`.

    So a panel always fits into one socket message.
    """
    return {panel_id(chat.about.session_id): _panel(chat) for chat in desk.chats}


def append(session_id: int, line: MessageView) -> Append:
    """Return one message of an adapter's chat."""
    return fragments.append(log_id(session_id), line)


def trace(rows: Sequence[TraceRow]) -> str:
    """Return the HTML of a session's trace: requests to the CRM and decisions."""
    return render("agent/_trace.html", rows=rows)


def quick_replies(session_id: int, replies: Sequence[QuickReply]) -> str:
    """Return the options of the list of quick replies."""
    return render("agent/_replies.html", session_id=session_id, replies=replies)


def panel_id(session_id: int) -> str:
    """`chat-103646`."""
    return f"chat-{session_id}"


def log_id(session_id: int) -> str:
    """`chat-103646-log`."""
    return f"{panel_id(session_id)}-log"


def _panel(chat: Chat) -> str:
    return render("agent/_panel.html", chat=chat, with_lines=False)
