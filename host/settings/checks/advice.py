"""Warnings about settings that are valid but may not do what the admin expects."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from host.addresses import is_listed, literal_host
from host.crm.settings.auth import OAuth2Auth
from host.crm.templates.references import pieces_of
from host.lookup import display_page
from host.sessions.custom_data import ADVISED_SECRET_BYTES
from host.settings.checks import endpoints, quotes, unsupported
from host.settings.document.model import Document, Settings
from host.settings.problems import path_of

NEEDED_BY_OPEN_CUSTOM_URL = ("ACCOUNT_ID", "PHONE_NUMBER")


def of_file(document: Document, queues: Sequence[Mapping[str, Any]] | None = None) -> list[str]:
    """Return the warnings about a file; each starts with its path.

    Args:
        document: The file, with all settings that it leaves as they are.
        queues: The whole tree as in a file; None: that of the document.
    """
    if queues is None:
        queues = [queue.model_dump(mode="json", by_alias=True) for queue in document.queues]
    return [*_sections(document), *unsupported.of_file(document), *_queues("queues", queues, document.crm.page_hosts)]


def of_settings(settings: Settings, queues: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the warnings about the settings that are stored, as `of_file`."""
    return [*_sections(settings), *_queues("queues", queues, settings.crm.page_hosts)]


def _sections(settings: Settings) -> Iterator[str]:
    yield from _signing(settings)
    yield from _pages(settings)
    yield from _crm(settings)
    yield from unsupported.of_settings(settings)


def _pages(settings: Settings) -> Iterator[str]:
    """Warn about pages that can't open or show, and about variables without a value."""
    display = settings.display_crm
    urls = {"lookup_urls.phone": settings.lookup_urls.phone, "lookup_urls.sdk": settings.lookup_urls.sdk}
    if display.enabled:
        urls["display_crm.url"] = display.url
        if empty := display_page.empty_variables(display.url):
            yield f"display_crm.url: {', '.join(empty)} has no value there; only the agent is known"
    for path, url in urls.items():
        if url and not is_listed(url, settings.page_hosts()):
            yield f"{path}: {literal_host(url)} is not one of crm.page_hosts, so that it can't open"


def _signing(settings: Settings) -> Iterator[str]:
    size = len(settings.company_secret_jwt.get_secret_value().encode())
    if 0 < size < ADVISED_SECRET_BYTES:
        yield f"company_secret_jwt: is {size} bytes long; {ADVISED_SECRET_BYTES} random ones can't be guessed"


def _crm(settings: Settings) -> Iterator[str]:
    crm = settings.crm
    yield from endpoints.missing(crm)
    if crm.type == "none":
        if endpoints.set_in(crm):
            yield 'crm.type: "none", so that the endpoints do nothing; set "custom"'
        return
    if not settings.external_storage.enabled:
        yield "external_storage: off beside a custom CRM; session files go to the CRM by upload_file alone"
    if endpoints.set_in(crm) & set(endpoints.RECORD) and not crm.record_lookup_url:
        yield "crm.record_lookup_url: is empty; a record that is found or created can't pop"
    elif endpoints.set_in(crm) and not (crm.account_lookup_url or crm.record_lookup_url):
        yield "crm.account_lookup_url: is empty; an account that is found or created can't pop"
    yield from _hosts(settings)
    yield from quotes.unquoted(crm)


def _hosts(settings: Settings) -> Iterator[str]:
    crm = settings.crm
    for location, _, endpoint in endpoints.everywhere(crm):
        if not is_listed(endpoint.url, crm.allowed_hosts):
            path, host = path_of((*location, "url")), literal_host(endpoint.url)
            yield f"{path}: {host} is not one of crm.allowed_hosts, so that no request goes there"
    if isinstance(crm.auth, OAuth2Auth):
        url, host = crm.auth.token_url, literal_host(crm.auth.token_url)
        if not is_listed(url, crm.allowed_hosts):
            yield f"crm.auth.token_url: {host} is not one of crm.allowed_hosts, so that no token can be fetched"
    for key in ("account_lookup_url", "record_lookup_url"):
        url = getattr(crm, key)
        if not is_listed(url, settings.page_hosts()):
            yield f"crm.{key}: {literal_host(url)} is not one of crm.page_hosts, so that it can't pop"


def _queues(path: str, queues: Sequence[Mapping[str, Any]], page_hosts: Sequence[str] | None) -> Iterator[str]:
    """Warn about queues; `page_hosts` None: the hosts of their pages are among those that may pop."""
    for index, queue in enumerate(queues):
        here = f"{path}[{index}]"
        yield from unsupported.of_queue(here, queue)
        url = queue["open_custom_url"]
        named = {piece.name for piece in pieces_of(url) if not isinstance(piece, str)}
        lacks = [f"{{{name}}}" for name in NEEDED_BY_OPEN_CUSTOM_URL if name not in named]
        if url and lacks:
            yield f"{here}.open_custom_url: holds no {' and no '.join(lacks)}"
        if url and page_hosts is not None and not is_listed(url, page_hosts):
            yield f"{here}.open_custom_url: {literal_host(url)} is not one of crm.page_hosts, so that it can't pop"
        yield from _queues(f"{here}.queues", queue["queues"], page_hosts)
