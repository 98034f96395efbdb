"""Plans the deliveries of a fact, in the transaction that writes it."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from host.events.journal import Entry
from host.webhooks import deliveries
from host.webhooks.event_types import type_of
from host.webhooks.settings import Webhook


class Planner:
    """Listens to the journal (`host.events.journal.listen`)."""

    def __init__(self, webhooks: Callable[[], Sequence[Webhook]]) -> None:
        """Keep the source of the settings.

        Args:
            webhooks: Returns those that the settings have now.
        """
        self._webhooks = webhooks

    def on_fact(self, connection: Connection, fact: Entry) -> None:
        """Plan a delivery to each webhook that wants the fact's event."""
        event = type_of(fact.name, fact.data)
        if event is None:
            return
        wanted = [webhook.key for webhook in self._webhooks() if webhook.wants(event)]
        if wanted:
            deliveries.plan(connection, wanted, fact.id, fact.at)
