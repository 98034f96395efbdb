"""A small host with webhooks, whose worker is the test."""

import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from host.db.engine import Database
from host.db.tables import webhook_deliveries
from host.events import journal
from host.sessions.chats import NewChat
from host.sessions.model import Session
from host.webhooks import deliveries, receivers
from host.webhooks.batch import Batches
from host.webhooks.deliveries import Delivery
from host.webhooks.planner import Planner
from host.webhooks.posting import Clients
from host.webhooks.settings import Webhook
from tests.host.webhooks.receiver import SECRET, Receiver
from tests.host.world import World


def webhook(url: str, **more: Any) -> Webhook:
    return Webhook.model_validate({"url": url, "secret": SECRET, **more})


class Hooked:
    """A world whose facts are told."""

    def __init__(self, database: Database, receiver: Receiver) -> None:
        self.world = World(database)
        self.database, self.clock = database, self.world.clock
        self.webhooks = [webhook(receiver.url)]
        self.batches = Batches(database, self.clock, self.shapes, Clients(), threading.Event())
        journal.listen(database, Planner(lambda: self.webhooks).on_fact)

    @property
    def key(self) -> str:
        return self.webhooks[0].key

    def shapes(self, _connection: Connection, sessions: Sequence[Session]) -> Mapping[int, Mapping[str, Any]]:
        return {session.id: {"id": session.id, "status": session.status} for session in sessions}

    def start(self, **given: Any) -> int:
        session, _ = self.world.chats.start(NewChat(queue="Developers / James", **given))
        return session.id

    def send(self, *, after: timedelta = timedelta(0)) -> None:
        self.clock.forward(after)
        for each in self.webhooks:
            self.batches.run(each)

    def waiting(self) -> list[Delivery]:
        query = select(webhook_deliveries).order_by(webhook_deliveries.c.id)
        with self.database.read() as connection:
            return [deliveries.read(row) for row in connection.execute(query).mappings()]

    def states(self) -> list[tuple[str, int, str | None]]:
        return [(each.state, each.tries, each.error) for each in self.waiting()]

    def receiver(self) -> receivers.Receiver:
        with self.database.read() as connection:
            return receivers.get(connection, self.key)
