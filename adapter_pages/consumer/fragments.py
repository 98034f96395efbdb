"""Renders the consumer's page: the state of their chat, and its messages."""

from adapter_pages.consumer.conversation import Conversation
from adapter_pages.shared import fragments
from adapter_pages.shared.fragments import Append, render
from adapter_pages.shared.messages import MessageView

LOG = "conversation"
"""Id of the region to which messages are appended."""


def regions(conversation: Conversation) -> dict[str, str]:
    """Return the inner HTML of each region of the consumer's page."""
    return {
        "chat-state": render("consumer/_state.html", conversation=conversation),
        "receipt": render("agent/_receipt.html", receipt=conversation.receipt),
    }


def append(line: MessageView) -> Append:
    """Return one message of the consumer's conversation."""
    return fragments.append(LOG, line)
