"""Renders the consumer's page: the state of their chat, and its lines."""

from adapter_pages.consumer.conversation import Conversation
from adapter_pages.shared import fragments
from adapter_pages.shared.fragments import Append, render
from adapter_pages.shared.messages import Line

LOG = "conversation"
"""The region that the consumer's lines are appended to."""


def regions(talk: Conversation) -> dict[str, str]:
    """Return the inside of each region of the consumer's page."""
    return {"talk-state": render("consumer/_state.html", talk=talk)}


def append(line: Line) -> Append:
    """Return one line of the consumer's conversation."""
    return fragments.append(LOG, line)
