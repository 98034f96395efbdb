"""Sends the due messages of one webhook, batch after batch, under a lease.

A batch is one reading transaction, requests, and one writing transaction. A process that is killed in between has sent
messages that still count as due: they are sent again, with the same ids.

Source: docs/webhooks.md, Retries.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from ulid import ULID

from host.clock import Clock
from host.db.engine import Database, retry_on_deadlock
from host.webhooks import deliveries, messages, posting, receivers
from host.webhooks.deliveries import Failure
from host.webhooks.messages import Message, Shapes
from host.webhooks.posting import Clients, Result
from host.webhooks.receivers import Receiver
from host.webhooks.settings import Webhook

MOST = 100
"""Messages of one batch."""
AT_ONCE = 8
"""Requests to one receiver at the same time."""
BATCH_S = 20.0
"""A batch begins no request after this time; with the last request's, it stays below the lease."""

Sent = tuple[Message, Result]


@dataclass(frozen=True)
class Batches:
    """Sends what is due for a webhook."""

    database: Database
    clock: Clock
    shapes: Shapes
    clients: Clients
    stopped: threading.Event
    """When it is set, no further request begins."""

    def run(self, webhook: Webhook) -> None:
        """Send all that is due, unless another process does; stop at a failure of the receiver."""
        owner = str(ULID())
        try:
            while not self.stopped.is_set() and self._leased(webhook.key, owner) and self._send_some(webhook):
                pass
        finally:
            with self.database.write() as connection:
                receivers.release(connection, webhook.key, owner)

    def _leased(self, key: str, owner: str) -> bool:
        with self.database.write() as connection:
            return receivers.lease(connection, key, owner, self.clock.now())

    def _send_some(self, webhook: Webhook) -> bool:
        """Send one batch; return whether more may follow at once."""
        now = self.clock.now()
        with self.database.read() as connection:
            receiver = receivers.get(connection, webhook.key)
            if receiver.is_resting(now):
                return False
            limit = 1 if receiver.is_failing else MOST
            due = deliveries.due(connection, webhook.key, now, limit)
            built = messages.build(connection, due, self.shapes)
        if not due:
            return False
        sent = self._post_all(webhook, [each for each in built if isinstance(each, Message)])
        broken = [each for each in built if isinstance(each, Failure)]
        self._record(webhook.key, receiver, sent, broken)
        return len(due) == limit or len(sent) + len(broken) < len(due)

    def _post_all(self, webhook: Webhook, ready: Sequence[Message]) -> list[Sent]:
        """Send messages; those about the same session in order, others at the same time."""
        groups: defaultdict[object, list[Message]] = defaultdict(list)
        for message in ready:
            groups[message.about].append(message)
        ends_at, failed = time.monotonic() + BATCH_S, threading.Event()

        def may_go_on() -> bool:
            return not (self.stopped.is_set() or failed.is_set() or time.monotonic() > ends_at)

        def send(group: Sequence[Message]) -> list[Sent]:
            sent: list[Sent] = []
            for message in group:
                if not may_go_on():
                    break
                sent.append((message, posting.post(client, webhook, message, self.clock.now())))
                if sent[-1][1].is_away:
                    failed.set()
            return sent

        client = self.clients.of(webhook)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
            return [each for sent in pool.map(send, groups.values()) for each in sent]

    @retry_on_deadlock
    def _record(self, key: str, receiver: Receiver, sent: Sequence[Sent], broken: Sequence[Failure]) -> None:
        arrived = [message.delivery for message, result in sent if not result.error]
        failures = [Failure(each.delivery, result.error, result.is_final) for each, result in sent if result.error]
        asked_s = max((result.rest_s for _, result in sent), default=0)
        with self.database.write() as connection:
            now = self.clock.now()
            deliveries.confirm(connection, arrived)
            deliveries.postpone(connection, [*failures, *broken], now)
            is_back = any(not result.is_away for _, result in sent)
            if is_back:
                receivers.note_back(connection, key, now if arrived else None)
                if receiver.is_failing:
                    deliveries.hasten(connection, key)
            elif sent:
                deliveries.give_up(connection, key, now)
            rest = max(receivers.REST if sent and not is_back else timedelta(0), timedelta(seconds=asked_s))
            if rest:
                receivers.let_rest(connection, key, now + rest)
