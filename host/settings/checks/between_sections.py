"""Rules between the parts of a settings file."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from host import hosts
from host.addresses import is_plain_http, shortened, without_variables
from host.crm.settings.auth import OAuth2Auth
from host.crm.settings.crm import CrmSettings
from host.sessions.custom_data import LEAST_SECRET_BYTES
from host.settings.checks import credentials, endpoints, field_mappings, webhooks
from host.settings.document.model import Document, QueueEntry, Settings
from host.settings.problems import Location

Problem = tuple[Location, str]

PLAIN_HTTP = 'found http; allowed: https, or http with "allow_private_addresses": true'
LOOPBACK_HTTP = "found http; allowed: https, and http only to localhost"


def of_parts(document: Document) -> Iterator[Problem]:
    """Yield the problems of single parts."""
    yield from _plain_http(document.crm)
    yield from credentials.problems(document.crm)
    yield from _whole_seconds(document.crm)
    yield from endpoints.misplaced(document.crm)
    yield from endpoints.unreadable(document.crm)
    yield from _loopback_only(document)
    yield from _switched_on(document)
    yield from _twice(document)
    yield from _short_secret(document)
    yield from field_mappings.problems(document.field_mappings, document.crm)
    yield from webhooks.problems(document.webhooks)


def _short_secret(settings: Settings) -> Iterator[Problem]:
    size = len(settings.company_secret_jwt.get_secret_value().encode())
    if 0 < size < LEAST_SECRET_BYTES:
        yield ("company_secret_jwt",), f"found {size} bytes; allowed: {LEAST_SECRET_BYTES} bytes or more, or none"


def of_whole(document: Document) -> Iterator[Problem]:
    """Yield what the file as a whole lacks."""
    yield from endpoints.out_of_order(document.crm)


def _whole_seconds(crm: CrmSettings) -> Iterator[Problem]:
    """Checked on import only, so that stored values stay valid."""
    timeouts: list[tuple[Location, float]] = [(("crm",), crm.timeout_s)]
    timeouts += [(location, endpoint.timeout_s) for location, _, endpoint in endpoints.everywhere(crm)]
    for location, seconds in timeouts:
        if seconds != int(seconds):
            yield (*location, "timeout_s"), f"found {seconds}; allowed: a whole number of seconds, 1 to 10"


def _plain_http(crm: CrmSettings) -> Iterator[Problem]:
    if crm.allow_private_addresses:
        return
    urls: list[tuple[Location, str]] = []
    for location, _, endpoint in endpoints.everywhere(crm):
        urls.append(((*location, "url"), endpoint.url))
        if endpoint.if_match:
            urls.append(((*location, "if_match", "url"), endpoint.if_match.url))
    if isinstance(crm.auth, OAuth2Auth):
        urls += [
            (("crm", "auth", "authorization_url"), crm.auth.authorization_url),
            (("crm", "auth", "token_url"), crm.auth.token_url),
        ]
    yield from ((location, PLAIN_HTTP) for location, url in urls if is_plain_http(url))


def _loopback_only(settings: Settings) -> Iterator[Problem]:
    storage = settings.external_storage
    urls: tuple[tuple[Location, str], ...] = (
        (("external_storage", "gcs", "endpoint_url"), storage.gcs.endpoint_url),
        (("external_storage", "s3", "endpoint_url"), storage.s3.endpoint_url),
        (("sign_in", "oidc", "issuer"), settings.sign_in.oidc.issuer),
        (("adapter_source", "base_url"), settings.adapter_source.base_url or ""),
    )
    for location, url in urls:
        if is_plain_http(url) and not hosts.is_loopback(urlsplit(without_variables(url)).hostname or ""):
            yield location, LOOPBACK_HTTP
    if settings.smtp.security == "none" and not hosts.is_loopback(settings.smtp.host):
        found = f'found "none" with the host {shortened(settings.smtp.host)}'
        yield ("smtp", "security"), f"{found}; allowed: starttls or tls, and none only to localhost"


def _switched_on(settings: Settings) -> Iterator[Problem]:
    if settings.display_crm.enabled and not settings.display_crm.url:
        yield ("display_crm", "url"), 'is empty; needed: the page to show, or "enabled": false'
    storage = settings.external_storage
    needed = {
        "sftp": ("host", storage.sftp.host),
        "gcs": ("bucket", storage.gcs.bucket),
        "s3": ("bucket", storage.s3.bucket),
    }
    key, value = needed.get(storage.backend, ("", "given"))
    if storage.enabled and not value:
        yield ("external_storage", storage.backend, key), f'is empty; needed by "backend": "{storage.backend}"'
    if storage.enabled and storage.backend == "sftp" and not storage.sftp.username:
        yield ("external_storage", "sftp", "username"), 'is empty; needed by "backend": "sftp"'
    auth = settings.crm.auth
    if isinstance(auth, OAuth2Auth) and auth.grant == "authorization_code" and not auth.authorization_url:
        yield ("crm", "auth", "authorization_url"), 'is missing; needed by "grant": "authorization_code"'


def _twice(document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, user in enumerate(document.users):
        if user.email.lower() in seen:
            yield ("users", index, "email"), f"found {shortened(user.email)} twice; allowed: each user once"
        seen.add(user.email.lower())
    yield from _queues_twice((), document.queues)


def _queues_twice(location: Location, queues: tuple[QueueEntry, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, queue in enumerate(queues):
        here = (*location, "queues", index)
        if queue.name in seen:
            yield (*here, "name"), f"found {shortened(queue.name)} twice; allowed: each name once under one queue"
        seen.add(queue.name)
        yield from _queues_twice(here, queue.queues)
