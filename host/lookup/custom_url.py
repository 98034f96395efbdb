"""Builds the custom lookup URL of a session: a link to the CRM's own search page.

Source: docs/reference/lookup-links.md, Custom lookup URL.
"""

from collections.abc import Collection

from host.crm.session_facts import record_links
from host.crm.session_facts.record_links import NoLink
from host.crm.settings.crm import CrmSettings
from host.crm.templates.variables import Context, Variables


def build(template: str, context: Context, crm: CrmSettings, listed: Collection[str]) -> str | NoLink:
    """Fill a lookup URL template from one session's facts.

    The result holds personal data: show it to the session's agent, and never store it.

    Args:
        template: `https://crm.example/find?phone={ANI}`; not empty.
        context: The facts.
        crm: Gives the phone format, in its form for searches, and the region.
        listed: Hosts whose pages may be opened.

    Returns:
        The link, or the reason why there is none.
    """
    variables = Variables(context, phone_format=crm.phone_format, region=crm.default_region, for_find=True)
    return record_links.link(template, variables, frozenset(listed))
