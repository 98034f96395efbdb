"""Links to an account's or a record's page, and which pages may be popped at all.

Source: 30-generic-api.md, Settings (lookup URLs); 75-settings.md, `page_hosts`; 90-quality.md, security 3.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from host.addresses import literal_host, web_url
from host.crm import urls
from host.crm.quoting import as_text
from host.crm.response import CrmId
from host.crm.variables import Variables

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class NoLink:
    """Why there is no link; without personal data."""

    reason: str


def page_hosts(configured: Iterable[str] | None, templates: Iterable[str]) -> frozenset[str]:
    """Return the hosts whose pages may be popped.

    Args:
        configured: The setting; None or nothing in it = the hosts that stand literally in `templates`.
        templates: Lookup, display and open custom URLs.
    """
    given = frozenset(host.lower() for host in configured or ())
    return given or frozenset(host for host in map(literal_host, templates) if host)


def account_link(template: str, variables: Variables, account_id: CrmId, hosts: frozenset[str]) -> str | NoLink:
    """Return the address of an account's page."""
    return link(template, variables.with_context(account_id=account_id), hosts)


def record_link(template: str, variables: Variables, record_id: CrmId, hosts: frozenset[str]) -> str | NoLink:
    """Return the address of a record's page."""
    return link(template, variables.with_context(record_id=record_id), hosts)


def attachment_link(template: str, variables: Variables, attachment_id: CrmId) -> str | NoLink:
    """Return the address of an uploaded file, by the attachment builder URL."""
    return _filled(template, variables.with_context(attachment_id=attachment_id))


def link(template: str, variables: Variables, hosts: frozenset[str]) -> str | NoLink:
    """Return the address of a page that may be popped: http or https, its host on the list."""
    url = _filled(template, variables)
    return url if isinstance(url, NoLink) else checked(url, hosts)


def checked(url: str, hosts: frozenset[str]) -> str | NoLink:
    """Check an address that is to be popped, wherever it came from."""
    try:
        parts = urlsplit(web_url(url))
        port = parts.port
    except ValueError:
        return NoLink("it is no http or https address")
    host = parts.hostname or ""
    bare = f"[{host}]" if ":" in host else host
    named = {bare} if port in {None, _PORTS[parts.scheme]} else set()
    named.add(f"{bare}:{port or _PORTS[parts.scheme]}")
    if named & hosts:
        return url
    known = ", ".join(sorted(hosts)) or "none"
    return NoLink(f"{as_text(parts.netloc)} is not one of the page_hosts ({known})")


def _filled(template: str, variables: Variables) -> str | NoLink:
    if not template:
        return NoLink("no URL is set")
    url = urls.fill(template, variables)
    return url.text if isinstance(url, urls.Url) else NoLink(url.reason)
