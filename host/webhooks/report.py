"""Lists the webhooks and what they have not received, for admins and supervisors. Nothing personal, no URLs.

Source: docs/operations.md, Deliveries and jobs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from host.db.tables import journal
from host.db.tables import webhook_deliveries as rows
from host.webhooks import deliveries, receivers
from host.webhooks.deliveries import FAILED, WAITING, Delivery
from host.webhooks.event_types import type_of
from host.webhooks.receivers import Receiver
from host.webhooks.settings import Webhook

AT_MOST = 25
"""Messages shown of each webhook."""


@dataclass(frozen=True)
class Undelivered:
    """A message that failed, or is tried again."""

    delivery: Delivery
    event: str
    """`session.ended`."""
    session_id: int | None
    at: datetime
    """Of the event."""


@dataclass(frozen=True)
class WebhookReport:
    """One webhook."""

    key: str
    host: str | None
    """None: the settings have it no more."""
    receiver: Receiver
    waiting: int
    failed: int
    messages: list[Undelivered]
    """The first that failed or were tried, the failed ones first."""


def count(connection: Connection) -> dict[str, int]:
    """Return the number of messages of all webhooks by state: `{"waiting": 3, "failed": 0}`."""
    counted = select(rows.c.state, func.count()).group_by(rows.c.state)
    return {WAITING: 0, FAILED: 0} | dict(connection.execute(counted).all())


def of_all(connection: Connection, webhooks: Sequence[Webhook]) -> list[WebhookReport]:
    """Return the webhooks of the settings in their order, then others that have messages."""
    counted = select(rows.c.webhook, rows.c.state, func.count()).group_by(rows.c.webhook, rows.c.state)
    counts = {(key, state): count for key, state, count in connection.execute(counted)}
    hosts: dict[str, str | None] = {webhook.key: webhook.host for webhook in webhooks}
    hosts |= {key: None for key, _ in sorted(counts) if key not in hosts}
    return [
        WebhookReport(
            key,
            host,
            receivers.get(connection, key),
            counts.get((key, WAITING), 0),
            counts.get((key, FAILED), 0),
            _messages(connection, key),
        )
        for key, host in hosts.items()
    ]


def _messages(connection: Connection, key: str) -> list[Undelivered]:
    in_trouble = or_(rows.c.state == FAILED, rows.c.tries > 0)
    facts = (journal.c.name, journal.c.data.label("fact"), journal.c.session_id, journal.c.at)
    query = select(rows, *facts).join(journal, journal.c.id == rows.c.journal_id)
    first = query.where(rows.c.webhook == key, in_trouble).order_by(rows.c.state, rows.c.id).limit(AT_MOST)
    return [
        Undelivered(
            deliveries.read(row), type_of(row["name"], row["fact"]) or row["name"], row["session_id"], row["at"]
        )
        for row in connection.execute(first).mappings()
    ]
