"""The section `budgets`: rate limits of consumers, agents and addresses, and blocked consumers."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic import StrictInt as Whole

from host.schema import Section

Limit = Annotated[Whole, Field(ge=1, le=10**9)]


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as error:
        raise ValueError(
            f"found {text!r}; allowed: an address or a network such as 192.0.2.7 or 2001:db8::/32"
        ) from error


def _email_or_domain(text: str) -> str:
    name, at, domain = text.strip().lower().rpartition("@")
    if not at or not domain or "@" in name or any(map(str.isspace, text.strip())):
        raise ValueError(f"found {text!r}; allowed: an e-mail such as james@example.com, or a domain: @example.com")
    return f"{name}@{domain}"


def _phone(text: str) -> str:
    if sum(map(str.isdigit, text)) < 3:
        raise ValueError(f"found {text!r}; allowed: a phone number such as +1 222 333 4444")
    return text.strip()


class Blocked(Section):
    """Consumers who can't start a chat on the consumer page."""

    addresses: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    """Addresses and networks."""
    emails: tuple[Annotated[str, AfterValidator(_email_or_domain)], ...] = ()
    """`james@example.com`, or `@example.com` for all of a domain."""
    phones: tuple[Annotated[str, AfterValidator(_phone)], ...] = ()
    """However written; a national number is one of `crm.default_region`."""


class Budgets(Section):
    """Limits; what exceeds them is refused."""

    chats_per_browser: Limit = 10
    """Begun on the consumer's page, in ten minutes."""
    chats_per_address: Limit = 300
    """The same, by all browsers of one address: an office or a mobile network is one."""
    chats_per_key: Limit = 60_000
    """Calls and chats begun over the platform API, in a minute; per web process."""
    messages_per_minute: Limit = 60
    """Of one consumer on our page; per web process."""
    bytes_per_minute: Limit = 200_000
    """The same, in bytes of text."""
    messages_per_chat: Limit = 5000
    """Of both sides; then the consumer's are refused, by page or platform API."""
    bytes_per_chat: Limit = 5_000_000
    """Of the consumer's text within a day, by page or platform API."""
    agent_acts_per_minute: Limit = 600
    """Messages, answers and clicks of one agent; per web process."""
    sockets_per_chat: Limit = 3
    """Pages that show one consumer's chat; the oldest closes. Per web process, as are those below."""
    sockets_per_agent: Limit = 60
    """Adapters of one agent; the oldest closes."""
    consumer_sockets: Limit = 600
    """Of all consumers together: the rest is for agents."""
    tickets_per_minute: Limit = 60
    """Connections that one consumer's page may ask for."""
    sign_ins_at_once: Limit = 4
    """Passwords that are checked at the same moment, at 17 MB each; more wait."""
    wrong_keys_per_minute: Limit = 20
    """Made-up keys of the platform API, from one address."""
    csp_reports_per_minute: Limit = 600
    """Of browsers, about what a policy of our pages has stopped; more aren't counted."""
    blocked: Blocked = Blocked()
