"""`/shell/can-frame`: lets the shell say why a record's page doesn't show, instead of an empty frame.

The address comes in the body, since it may hold personal data: bodies stand in no access log.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from crm_shell import framing_check
from host import hosts
from host.crm.http.address_guard import Policy
from host.crm.http.client import GuardedClient
from host.errors import FieldsError
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
"""What a record's page may do in its frame: everything but lead the page around it elsewhere."""
KEPT = timedelta(minutes=5)
"""How long the answer for one host is believed."""
LARGEST_PAGE_BYTES = 1024 * 1024

Framers = tuple[str, ...]
Ask = Callable[[str, Framers, Policy], str]


class Checks:
    """Asks each host once in a while.

    Args:
        ask: Takes URL, the origins of the pages around it, and policy; returns why not, or nothing.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._known: dict[tuple[str, Framers, Policy], tuple[datetime, str]] = {}

    def refusal(self, url: str, framers: Framers, policy: Policy, now: datetime) -> str:
        """Say why a page can't be framed; empty when nothing speaks against it."""
        key = (hosts.origin_of(url), framers, policy)
        with self._lock:
            self._known = {each: known for each, known in self._known.items() if now - known[0] < KEPT}
            if key in self._known:
                return self._known[key][1]
        reason = self._ask(url, framers, policy)
        with self._lock:
            self._known[key] = (now, reason)
        return reason


class Asker:
    """Asks over one guarded client, until the policy changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: GuardedClient | None = None

    def __call__(self, url: str, framers: Framers, policy: Policy) -> str:
        """Ask the host itself."""
        return framing_check.refusal(self._of(policy), url, framers, policy.allowed_hosts)

    def _of(self, policy: Policy) -> GuardedClient:
        with self._lock:
            if self._client is None or self._client.policy != policy:
                if self._client is not None:
                    self._client.close()
                self._client = GuardedClient(policy, size_max=LARGEST_PAGE_BYTES)
            return self._client


def register(state: BlueprintSetupState) -> None:
    """Give the app its checks."""
    state.app.extensions[EXTENSION] = Checks(Asker())


def can_frame() -> ResponseReturnValue:
    """Answer `{"refusal": ""}`, or in words why a page can't show in a frame.

    The body is `{"url": "https://...", "ancestors": ["https://patchbay.example", "https://crm.example"]}`: the page,
    and the origins of all pages around it, as far as the shell knows them. Browsers ask for each of those.

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
    checks: Checks = current_app.extensions[EXTENSION]
    return {"refusal": checks.refusal(url, _framers(host, given), policy, host.clock.now())}


def _framers(host: Services, given: dict[str, Any]) -> Framers:
    """Return the ancestors that may embed the shell: the browser lets no others be there."""
    own = host.config.public_url
    known = {own, hosts.origin_of(request.host_url), *host.settings.current().embedding.allowed_origins}
    told = given.get("ancestors")
    listed = [each for each in told if isinstance(each, str) and each in known] if isinstance(told, list) else []
    return tuple(dict.fromkeys(listed)) or (own,)


def policy_of(host: Services) -> Policy:
    """Return where the check may go: where the shell's frames may, and as nobody: without the client certificate."""
    settings = host.settings.current()
    with host.database.read() as connection:
        queues = [queue.settings.open_custom_url for queue in tree.all(connection)]
    return Policy(
        frozenset((*settings.page_hosts(queues), *settings.crm.frame_hosts)),
        settings.crm.allow_private_addresses,
        settings.crm.ca_bundle,
    )
