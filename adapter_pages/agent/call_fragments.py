"""Renders the bands of the call adapter, the wrap-up form, and the list of the agent's last calls."""

from collections.abc import Sequence

from adapter_pages.agent.call_view import Call
from adapter_pages.agent.recent_calls import RecentCall
from adapter_pages.agent.wrap_up_view import WrapUpView
from adapter_pages.shared.fragments import render

BANDS = ("who", "timer", "parties", "about", "buttons")


def regions(call: Call | None) -> dict[str, str]:
    """Return the inner HTML of each band of a call; all are empty without a call."""
    card = render("agent/_card.html", about=call.about) if call else ""
    found = {"call-wrap-up": wrap_up(call.wrap_up if call else None), "call-card": card}
    bands = {f"call-{band}": render(f"agent/call/_{band}.html", call=call) if call else "" for band in BANDS}
    return found | bands


def wrap_up(view: WrapUpView | None) -> str:
    """Return the form of a wrap-up; nothing without one."""
    return render("agent/_wrap_up.html", wrap_up=view) if view else ""


def recent(calls: Sequence[RecentCall]) -> str:
    """Return the list of the agent's last calls."""
    return render("agent/call/_recent.html", calls=calls)
