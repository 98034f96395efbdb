"""Rules about webhooks: each URL once, and none that leads inside without permission.

Source: docs/webhooks.md, Settings.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from host import hosts
from host.addresses import is_plain_http
from host.crm.http.ssrf_guard import Reach, reach_of
from host.settings.problems import Location
from host.webhooks.settings import Webhook

Problem = tuple[Location, str]

SWITCH = '"allow_private_addresses": true'
PLAIN_HTTP = f"found http; allowed: https, http to localhost, or http with {SWITCH}"


def problems(webhooks: tuple[Webhook, ...]) -> Iterator[Problem]:
    """Yield the problems of URLs."""
    seen: set[str] = set()
    for index, webhook in enumerate(webhooks):
        here: Location = ("webhooks", index, "url")
        host = urlsplit(webhook.url).hostname or ""
        reach = _reach(host)
        if webhook.url in seen:
            yield here, "found twice; allowed: each URL once"
        elif reach is Reach.NEVER:
            yield here, f"found {host}, which no request may go to; allowed: another host"
        elif hosts.is_loopback(host) or webhook.allow_private_addresses:
            pass
        elif is_plain_http(webhook.url):
            yield here, PLAIN_HTTP
        elif reach is Reach.PRIVATE:
            yield here, f"found the private address {host}; allowed: a public one, or any with {SWITCH}"
        seen.add(webhook.url)


def _reach(host: str) -> Reach:
    """Return what is known without asking for the name's address."""
    try:
        return reach_of(host)
    except ValueError:
        return Reach.PUBLIC
