"""Who gets the mail with a session's outcome.

Source: docs/reference/files.md, E-mail with the outcome.
"""

from host.email_update.settings import EmailOutcome
from host.queues.settings import QueueEmailOutcome

FINISHED = ("finished", "nothing")
"""Status and fail reason of a session that is finished successfully."""


def recipient(portal: EmailOutcome, queue: QueueEmailOutcome | None) -> str | None:
    """Return the address; None: no mail is sent.

    Args:
        portal: The setting for all queues.
        queue: That of the queue that the session was in last, and not of those above it; None: it was in none.
    """
    setting = queue if queue is not None and queue.enabled else portal
    return (setting.address or None) if setting.enabled else None


def is_successful(status: str, fail_reason: str) -> bool:
    """Tell whether a session is finished successfully: no other session sends a mail."""
    return (status, fail_reason) == FINISHED
