"""One entry of the settings section `webhooks`.

Source: docs/reference/settings.md, `webhooks`.
"""

import hashlib
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr
from pydantic import StrictBool as Switch

from host import hosts
from host.addresses import web_url
from host.crm.http.ssrf_guard import Policy
from host.schema import Secret, Section
from host.webhooks import signature
from host.webhooks.event_types import EventName

MOST_WEBHOOKS = 20
"""Each has threads of its own in the worker."""
LEAST_BYTES, MOST_BYTES = 24, 64
ADVICE = (
    f"allowed: whsec_ and {LEAST_BYTES} to {MOST_BYTES} random bytes as base64; "
    'this makes one: echo "whsec_$(openssl rand -base64 32)"'
)


def _signing_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    try:
        size = len(signature.key_of(text))
    except ValueError as error:
        raise ValueError(f"found a text that is no base64; {ADVICE}") from error
    if not LEAST_BYTES <= size <= MOST_BYTES:
        raise ValueError(f"found {f'{size} bytes' if text else 'no secret'}; {ADVICE}")
    return secret


class Webhook(Section):
    """A system that is told what happens, by POST; 20 at most, each `url` once."""

    url: Annotated[str, AfterValidator(web_url)]
    """https, or http to localhost."""
    secret: Annotated[Secret, AfterValidator(_signing_secret)]
    """Signs what is sent: `whsec_` and 24 to 64 random bytes as base64."""
    events: tuple[EventName, ...] = ()
    """Empty: all."""
    allow_private_addresses: Switch = False
    """Lets it be in the private network, also by http."""

    @property
    def key(self) -> str:
        """What its deliveries are known by; another URL is another webhook."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:32]

    @property
    def host(self) -> str:
        """Its host, which may be shown: the rest of the URL may be secret."""
        return hosts.of_url(self.url)

    @property
    def policy(self) -> Policy:
        """Where its requests may go: to its own host only."""
        is_local = hosts.is_loopback(urlsplit(self.url).hostname or "")
        return Policy(frozenset({self.host}), allow_private_addresses=self.allow_private_addresses or is_local)

    def wants(self, event: EventName) -> bool:
        """Tell whether it is told events of this type."""
        return not self.events or event in self.events
