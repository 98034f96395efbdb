"""Links to an account's or a record's page, and which pages may be popped at all.

Source: 30-generic-api.md, Settings (lookup URLs); 75-settings.md, `page_hosts`; 90-quality.md, security 3.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from host import hosts
from host.addresses import literal_host, web_url
from host.crm import urls
from host.crm.quoting import as_text
from host.crm.response import CrmId
from host.crm.variables import Variables


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
    given = frozenset(map(hosts.host_and_port, configured or ()))
    return given or frozenset(host for host in map(literal_host, templates) if host)


def account_link(template: str, variables: Variables, account_id: CrmId, listed: frozenset[str]) -> str | NoLink:
    """Return the address of an account's page."""
    return link(template, variables.with_context(account_id=account_id), listed)


def record_link(template: str, variables: Variables, record_id: CrmId, listed: frozenset[str]) -> str | NoLink:
    """Return the address of a record's page."""
    return link(template, variables.with_context(record_id=record_id), listed)


def attachment_link(template: str, variables: Variables, attachment_id: CrmId | None) -> str | NoLink:
    """Return the address of an uploaded file, by the attachment builder URL; None: nobody told the id."""
    return _filled(template, variables.with_context(attachment_id=attachment_id))


def link(template: str, variables: Variables, listed: frozenset[str]) -> str | NoLink:
    """Return the address of a page that may be popped: http or https, its host on the list."""
    url = _filled(template, variables)
    return url if isinstance(url, NoLink) else checked(url, listed)


def checked(url: str, listed: Collection[str]) -> str | NoLink:
    """Check an address that is to be popped, wherever it came from; its host is in the spelling that browsers use."""
    try:
        url = hosts.in_one_spelling(web_url(url))
    except ValueError:
        return NoLink("it is no http or https address")
    if hosts.is_listed(url, listed):
        return url
    known = ", ".join(sorted(listed)) or "none"
    return NoLink(f"{as_text(hosts.of_url(url))} is not one of the page_hosts ({known})")


def _filled(template: str, variables: Variables) -> str | NoLink:
    if not template:
        return NoLink("no URL is set")
    url = urls.fill(template, variables)
    return url.text if isinstance(url, urls.Url) else NoLink(url.reason)
