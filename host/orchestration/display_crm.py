"""Checks the display URL of settings that are not saved yet: whether the CRM lets its page be framed by the shell.

Source: docs/reference/lookup-links.md, Display CRM in the portal.
"""

from collections.abc import Iterable

from host import hosts
from host.crm.http.client import GuardedClient
from host.crm.http.ssrf_guard import Policy
from host.lookup import display_page, framing_check
from host.lookup.framing_check import Checked
from host.settings.document.model import Settings

LARGEST_PAGE_BYTES = 1024 * 1024


def policy(settings: Settings, open_custom_urls: Iterable[str] = ()) -> Policy:
    """Return the policy for requests to pages: the hosts of the shell's frames, without the client certificate."""
    return Policy(
        frozenset((*settings.page_hosts(open_custom_urls), *settings.crm.frame_hosts)),
        settings.crm.allow_private_addresses,
        settings.crm.ca_bundle,
    )


def client(policy: Policy) -> GuardedClient:
    """Return a client that is limited to those hosts."""
    return GuardedClient(policy, size_max=LARGEST_PAGE_BYTES)


def check(settings: Settings, framer: str) -> Checked | None:
    """Follow the display URL hop by hop; None if the CRM isn't displayed.

    Makes requests: never call it in a transaction.

    Args:
        settings: The settings as they would be.
        framer: The shell's origin: `https://patchbay.example`.
    """
    if not settings.display_crm.enabled or not settings.display_crm.url:
        return None
    page = display_page.without_agent(settings.display_crm.url)
    allowed = policy(settings)
    if not hosts.is_listed(page, allowed.allowed_hosts):
        return Checked(unknown=f"{hosts.of_url(page)} is not one of crm.page_hosts, so that the shell doesn't show it")
    asked = client(allowed)
    try:
        return framing_check.check(asked, page, [framer], allowed.allowed_hosts)
    finally:
        asked.close()


def words(checked: Checked) -> str:
    """Return the result in one sentence for the admin."""
    if checked.unknown:
        return f"whether the page may be framed is unknown: {checked.unknown}"
    way = f" ({checked.way})" if checked.hops else ""
    if checked.refusal:
        return f"the page does not show in a frame: {checked.refusal}{way}; agents are offered a new window instead"
    return f"the page may be framed{way}"
