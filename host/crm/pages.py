"""The CRM's own pages of a session's account and record.

Source: 30-generic-api.md, Settings (lookup URLs).
"""

from collections.abc import Iterable

from host.crm import links
from host.crm.model import CrmSettings
from host.crm.variables import Context, Variables


def account_url(settings: CrmSettings, context: Context) -> str | None:
    """Return the account's page; None when there is none, or it isn't allowed."""
    return _url(settings, settings.account_lookup_url, context) if context.account_id is not None else None


def record_url(settings: CrmSettings, context: Context) -> str | None:
    """Return the record's page; None when there is none, or it isn't allowed."""
    return _url(settings, settings.record_lookup_url, context) if context.record_id is not None else None


def custom_url(settings: CrmSettings, template: str, context: Context, page_hosts: Iterable[str]) -> str | None:
    """Return a queue's page for callers whom nobody knows; it holds personal data: never store it.

    Args:
        settings: For the region.
        template: The queue's `open_custom_url`.
        context: With the temporary account id.
        page_hosts: Hosts whose pages may be popped.
    """
    found = links.link(template, Variables(context, region=settings.default_region), frozenset(page_hosts))
    return found if isinstance(found, str) else None


def _url(settings: CrmSettings, template: str, context: Context) -> str | None:
    hosts = links.page_hosts(settings.page_hosts, (settings.account_lookup_url, settings.record_lookup_url))
    link = links.link(template, Variables(context, region=settings.default_region), hosts)
    return link if isinstance(link, str) else None
