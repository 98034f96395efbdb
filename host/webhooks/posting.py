"""Posts one message to one webhook: signs it, and says what the answer means.

Source: docs/webhooks.md, Retries.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from host.crm.http.client import GuardedClient
from host.crm.response.classify import retry_after_s
from host.errors import CrmError
from host.webhooks import signature
from host.webhooks.messages import Message
from host.webhooks.settings import Webhook

TIMEOUT_S = 15.0
"""For the whole request."""
GONE = 410
ABOUT_THE_MESSAGE = frozenset({400, 409, GONE, 413, 422})
"""Statuses that say nothing about other messages."""


@dataclass(frozen=True)
class Result:
    """What became of a message."""

    error: str = ""
    """Empty: it has arrived. Safe to show."""
    is_final: bool = False
    """Whether the receiver says that it will never take it."""
    is_away: bool = False
    """Whether the receiver would take no other message now either."""
    rest_s: float = 0
    """How long the receiver asks to wait."""


class Clients:
    """Keeps a client for each webhook, so that no receiver uses up the requests of another one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str, GuardedClient] = {}

    def of(self, webhook: Webhook) -> GuardedClient:
        """Return the client of a webhook; another one when its policy has changed."""
        with self._lock:
            client = self._clients.get(webhook.key)
            if client is None or client.policy != webhook.policy:
                if client is not None:
                    client.close()
                client = self._clients[webhook.key] = GuardedClient(webhook.policy)
            return client

    def keep(self, keys: Collection[str]) -> None:
        """Close the clients of other webhooks."""
        with self._lock:
            for key in self._clients.keys() - set(keys):
                self._clients.pop(key).close()


def post(client: GuardedClient, webhook: Webhook, message: Message, now: datetime) -> Result:
    """Send a message; any 2xx confirms it.

    Args:
        now: The time of this try.
    """
    sent_at = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": signature.sign(webhook.secret.get_secret_value(), message.id, sent_at, message.body),
    }
    try:
        answer = client.send(
            "webhook", "POST", webhook.url, headers=headers, body=message.body, timeout_s=TIMEOUT_S, redirects=True
        )
    except CrmError as error:
        return Result(error.reason, is_away=True)
    if 200 <= answer.status < 300:
        return Result()
    hint = "; redirects are not followed" if 300 <= answer.status < 400 else ""
    return Result(
        f"answered {answer.status}{hint}",
        is_final=answer.status == GONE,
        is_away=answer.status not in ABOUT_THE_MESSAGE,
        rest_s=retry_after_s(answer, now) or 0,
    )
