"""The CRM's own page that the shell shows in its first tab: the display URL, filled in for the agent who looks at it.

Source: docs/reference/lookup-links.md, Display CRM in the portal.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from host.addresses import without_variables
from host.crm.session_facts import record_links
from host.crm.session_facts.record_links import NoLink
from host.crm.templates import url_template
from host.crm.templates.references import Reference, pieces_of
from host.crm.templates.variables import Context, Variables
from host.users.directory import User

VARIABLES = ("AGENT_ID", "AGENT_CUSTOM_ID", "AGENT_EMAIL", "BASE_URL")
"""The variables that have a value without a session."""


def url(template: str, agent: User, now: datetime, listed: Collection[str], *, base_url: str = "") -> str | NoLink:
    """Fill the display URL for an agent.

    Args:
        template: `display_crm.url`; not empty.
        agent: Who looks at the page.
        now: The current time.
        listed: Hosts whose pages may show.
        base_url: The API's address from the token answer; empty: there is none.
    """
    context = Context(
        session_id=0,
        channel="chat",
        now=now,
        agent_id=agent.id,
        agent_number=agent.agent_number or "",
        agent_email=agent.email,
        base_url=base_url,
    )
    variables = Variables(context)

    def value(reference: Reference) -> Any:
        return variables(reference) if reference.name in VARIABLES else None

    filled = url_template.fill(template, value)
    if isinstance(filled, url_template.NoUrl):
        return NoLink(filled.reason)
    return record_links.checked(filled.text, listed)


def without_agent(template: str) -> str:
    """Return the display URL with a harmless value for each variable, to ask its host whether it may be framed."""
    return without_variables(template)


def empty_variables(template: str) -> list[str]:
    """Return the variables that never have a value in the display URL: `{ANI}`."""
    pieces = (piece for piece in pieces_of(template) if isinstance(piece, Reference))
    return [str(piece) for piece in pieces if piece.name not in VARIABLES]
