"""Who gets the mail with the outcome."""

import pytest

from host.email_update.recipient import is_successful, recipient
from host.email_update.settings import EmailOutcome
from host.queues.settings import QueueEmailOutcome

GLOBAL_OFF = EmailOutcome(enabled=False, address="crm@portal.example")
GLOBAL = EmailOutcome(enabled=True, address="crm@portal.example")
GLOBAL_EMPTY = EmailOutcome(enabled=True)
OFF = QueueEmailOutcome(enabled=False, address="crm@queue.example")
QUEUE = QueueEmailOutcome(enabled=True, address="crm@queue.example")
EMPTY = QueueEmailOutcome(enabled=True)


@pytest.mark.parametrize(
    ("portal", "queue", "expected"),
    [
        (GLOBAL_OFF, OFF, None),
        (GLOBAL_OFF, QUEUE, "crm@queue.example"),
        (GLOBAL, OFF, "crm@portal.example"),
        (GLOBAL, QUEUE, "crm@queue.example"),
        (GLOBAL, EMPTY, None),
        (GLOBAL_OFF, EMPTY, None),
        (GLOBAL_EMPTY, OFF, None),
        (GLOBAL_EMPTY, QUEUE, "crm@queue.example"),
        (GLOBAL, None, "crm@portal.example"),
        (GLOBAL_OFF, None, None),
    ],
)
def test_the_queues_setting_overrides_the_global_one(
    portal: EmailOutcome, queue: QueueEmailOutcome | None, expected: str | None
) -> None:
    assert recipient(portal, queue) == expected


@pytest.mark.parametrize(
    ("status", "fail_reason", "expected"),
    [
        ("finished", "nothing", True),
        ("finished", "no_response", False),
        ("failed", "nothing", False),
        ("failed", "eu_abandoned", False),
        ("canceled", "nothing", False),
        ("deflected", "nothing", False),
        ("voicemail_received", "nothing", False),
        ("ongoing", "nothing", False),
    ],
)
def test_only_a_session_that_is_finished_successfully_sends_a_mail(
    status: str, fail_reason: str, expected: bool
) -> None:
    assert is_successful(status, fail_reason) is expected
