"""`/shell/can-frame`: tells the shell why a record's page can't be shown in a frame.

The page's address is in the body, since it may contain personal data, and access logs have no bodies.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from host import hosts
from host.crm.http.client import GuardedClient
from host.crm.http.ssrf_guard import Policy
from host.errors import FieldsError
from host.lookup import framing_check
from host.orchestration import display_crm
from host.queues import tree
from host.services import Services
from host.web import inputs
from host.web.current import services
from host.web.security.access import require

EXTENSION = "patchbay_framing"
SANDBOX = (
    "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads "
    "allow-modals allow-storage-access-by-user-activation"
)
"""The `sandbox` of a record's frame: everything except navigating the page around it."""
KEPT = timedelta(minutes=5)
"""How long the result for a host is cached."""

Origins = tuple[str, ...]
Ask = Callable[[str, Origins, Policy], str]


class CachedChecks:
    """Caches the results of framing checks by host.

    Args:
        ask: Takes URL, origins of the pages around it, and policy; returns the reason of a refusal, or an empty text.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._known: dict[tuple[str, Origins, Policy], tuple[datetime, str]] = {}

    def refusal(self, url: str, ancestors: Origins, policy: Policy, now: datetime) -> str:
        """Return why a page can't be framed; empty if it can."""
        key = (hosts.origin_of(url), ancestors, policy)
        with self._lock:
            self._known = {each: known for each, known in self._known.items() if now - known[0] < KEPT}
            if key in self._known:
                return self._known[key][1]
        reason = self._ask(url, ancestors, policy)
        with self._lock:
            self._known[key] = (now, reason)
        return reason


class FramingChecker:
    """Checks with one guarded client, which is replaced when the policy changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: GuardedClient | None = None

    def __call__(self, url: str, ancestors: Origins, policy: Policy) -> str:
        """Ask the page's host."""
        return framing_check.refusal(self._of(policy), url, ancestors, policy.allowed_hosts)

    def _of(self, policy: Policy) -> GuardedClient:
        with self._lock:
            if self._client is None or self._client.policy != policy:
                if self._client is not None:
                    self._client.close()
                self._client = display_crm.client(policy)
            return self._client


def register(state: BlueprintSetupState) -> None:
    """Add the cache of checks to the app."""
    state.app.extensions[EXTENSION] = CachedChecks(FramingChecker())


def can_frame() -> ResponseReturnValue:
    """Answer `{"refusal": ""}`, or with the reason why a page can't be framed.

    The body is `{"url": "https://...", "ancestors": ["https://patchbay.example", "https://crm.example"]}`: the page,
    and the origins of all pages around it that the shell knows. Browsers check each of those.

    Raises:
        FieldsError: The address is on none of the CRM's page hosts.
    """
    require("agent")
    host = services()
    given = inputs.json_body()
    url = given.get("url") if isinstance(given, dict) else None
    policy = policy_of(host)
    if not isinstance(given, dict) or not isinstance(url, str) or not hosts.is_listed(url, policy.allowed_hosts):
        raise FieldsError({"url": "must be the address of a page on one of crm.page_hosts"})
    checks: CachedChecks = current_app.extensions[EXTENSION]
    return {"refusal": checks.refusal(url, _ancestors(host, given), policy, host.clock.now())}


def _ancestors(host: Services, given: dict[str, Any]) -> Origins:
    """Return the ancestors that may embed the shell; the browser allows no others."""
    own = host.config.public_url
    known = {own, hosts.origin_of(request.host_url), *host.settings.current().embedding.allowed_origins}
    told = given.get("ancestors")
    listed = [each for each in told if isinstance(each, str) and each in known] if isinstance(told, list) else []
    return tuple(dict.fromkeys(listed)) or (own,)


def policy_of(host: Services) -> Policy:
    """Return the policy of the check: the hosts of the shell's frames."""
    settings = host.settings.current()
    with host.database.read() as connection:
        queues = [queue.settings.open_custom_url for queue in tree.all(connection)]
    return display_crm.policy(settings, queues)
