"""Provides the client for the current settings."""

import threading
from typing import Protocol

from host.crm.auth.access_tokens import Tokens
from host.crm.auth.signed_client import SignedClient
from host.crm.http.client import GuardedClient
from host.crm.http.ssrf_guard import Policy
from host.crm.settings.crm import CrmSettings


class ClientSource(Protocol):
    """Provides clients."""

    def of(self, settings: CrmSettings) -> SignedClient:
        """Return the client for these settings."""
        ...


def policy_of(settings: CrmSettings) -> Policy:
    """Return where requests may go."""
    return Policy(
        frozenset(settings.allowed_hosts),
        settings.allow_private_addresses,
        settings.ca_bundle,
        settings.client_certificate,
    )


class Clients:
    """Keeps one client until the policy changes, so that no open connection outlives its permission."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        """Keep the source of access tokens.

        Args:
            tokens: Access tokens of OAuth; None: OAuth can't be used.
        """
        self._tokens = tokens
        self._client: GuardedClient | None = None
        self._lock = threading.Lock()

    def of(self, settings: CrmSettings) -> SignedClient:
        """Return the client for these settings; it authenticates by their method."""
        return SignedClient(self._guarded(policy_of(settings)), settings.auth, settings.timeout_s, self._tokens)

    def _guarded(self, policy: Policy) -> GuardedClient:
        with self._lock:
            if self._client is None or self._client.policy != policy:
                if self._client is not None:
                    self._client.close()
                self._client = GuardedClient(policy)
            return self._client
