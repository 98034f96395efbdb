"""Renders the consumer's page: the state of their chat, and its lines."""

from adapter_pages import fragments
from adapter_pages.fragments import Append, render
from adapter_pages.lines import Line
from adapter_pages.talk import Conversation

LOG = "conversation"
"""The region that the consumer's lines are appended to."""


def regions(talk: Conversation) -> dict[str, str]:
    """Return the inside of each region of the consumer's page."""
    return {"talk-state": render("consumer/_state.html", talk=talk)}


def append(line: Line) -> Append:
    """Return one line of the consumer's conversation."""
    return fragments.append(LOG, line)
