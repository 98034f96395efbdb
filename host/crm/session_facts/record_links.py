"""Builds the links to the pages of accounts and records, and checks which pages may pop.

Source: docs/reference/lookup-links.md, Pages that may pop.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from host import hosts
from host.addresses import literal_host, web_url
from host.crm.settings.crm import CrmSettings
from host.crm.templates import url_template
from host.crm.templates.quoting import as_text
from host.crm.templates.variables import Context, Variables
from host.sessions.model import CrmId


@dataclass(frozen=True)
class NoLink:
    """The reason why there is no link; without personal data."""

    reason: str


def page_hosts(configured: Iterable[str] | None, templates: Iterable[str]) -> frozenset[str]:
    """Return the hosts whose pages may be popped.

    Args:
        configured: The setting; None or empty: the literal hosts of `templates`.
        templates: Lookup, display and open custom URLs.
    """
    given = frozenset(map(hosts.host_and_port, configured or ()))
    return given or frozenset(host for host in map(literal_host, templates) if host)


def attachment_link(template: str, variables: Variables, attachment_id: CrmId | None) -> str | NoLink:
    """Return the address of an uploaded file, by the attachment builder URL; the id may be unknown (None)."""
    return _fill(template, variables.with_context(attachment_id=attachment_id))


def link(template: str, variables: Variables, listed: frozenset[str]) -> str | NoLink:
    """Return the address of a page that may pop: http or https, with a listed host."""
    url = _fill(template, variables)
    return url if isinstance(url, NoLink) else checked(url, listed)


def checked(url: str, listed: Collection[str]) -> str | NoLink:
    """Check an address before it pops, from any source; return it with its host normalized as in browsers."""
    try:
        url = hosts.in_one_spelling(web_url(url))
    except ValueError:
        return NoLink("it is no http or https address")
    if hosts.is_listed(url, listed):
        return url
    known = ", ".join(sorted(listed)) or "none"
    return NoLink(f"{as_text(hosts.of_url(url))} is not one of the page_hosts ({known})")


def account_url(settings: CrmSettings, context: Context) -> str | None:
    """Return the account's page; None when there is none, or it is not allowed."""
    return _page(settings, settings.account_lookup_url, context) if context.account_id is not None else None


def record_url(settings: CrmSettings, context: Context) -> str | None:
    """Return the record's page; None when there is none, or it is not allowed."""
    return _page(settings, settings.record_lookup_url, context) if context.record_id is not None else None


def custom_url(settings: CrmSettings, template: str, context: Context, listed: Collection[str]) -> str | None:
    """Return a queue's page for unknown callers; it holds personal data: never store it.

    Args:
        settings: For the region.
        template: The queue's `open_custom_url`.
        context: With the temporary account id.
        listed: Hosts whose pages may be popped.
    """
    found = link(template, Variables(context, region=settings.default_region), frozenset(listed))
    return found if isinstance(found, str) else None


def _page(settings: CrmSettings, template: str, context: Context) -> str | None:
    listed = page_hosts(settings.page_hosts, (settings.account_lookup_url, settings.record_lookup_url))
    return custom_url(settings, template, context, listed)


def _fill(template: str, variables: Variables) -> str | NoLink:
    if not template:
        return NoLink("no URL is set")
    url = url_template.fill(template, variables)
    return url.text if isinstance(url, url_template.Url) else NoLink(url.reason)
