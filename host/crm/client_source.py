"""The client that fits the settings as they are now."""

import threading
from typing import Protocol

from host.crm.address import Policy
from host.crm.client import GuardedClient
from host.crm.model import CrmSettings


class ClientSource(Protocol):
    """Gives clients."""

    def of(self, settings: CrmSettings) -> GuardedClient:
        """Return the client for these settings."""
        ...


def policy_of(settings: CrmSettings) -> Policy:
    """Return where requests may go."""
    return Policy(
        frozenset(host.lower() for host in settings.allowed_hosts),
        settings.allow_private_addresses,
        settings.ca_bundle,
        settings.client_certificate,
    )


class Clients:
    """Keeps one client until the policy changes: a kept connection would outlive the permission for it."""

    def __init__(self) -> None:
        self._client: GuardedClient | None = None
        self._lock = threading.Lock()

    def of(self, settings: CrmSettings) -> GuardedClient:
        """Return the client for these settings."""
        policy = policy_of(settings)
        with self._lock:
            if self._client is None or self._client.policy != policy:
                if self._client is not None:
                    self._client.close()
                self._client = GuardedClient(policy)
            return self._client
