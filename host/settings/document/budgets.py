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
    """`james@example.com`, or `@example.com` for a whole domain."""
    phones: tuple[Annotated[str, AfterValidator(_phone)], ...] = ()
    """In any spelling; a number without a country code belongs to `crm.default_region`."""


class Budgets(Section):
    """Limits; what exceeds them is refused."""

    chats_per_browser: Limit = 10
    """Chats that one browser may start on the consumer page, in ten minutes."""
    chats_per_address: Limit = 300
    """The same for all browsers of one address; a whole office or mobile network may have one address."""
    chats_per_key: Limit = 60_000
    """Calls and chats that one company key may start with the platform API, in a minute; per web process."""
    messages_per_minute: Limit = 60
    """Messages of one consumer on the consumer page; per web process."""
    bytes_per_minute: Limit = 200_000
    """The same in bytes of text."""
    files_per_minute: Limit = 20
    """Files that are sent in one chat, by both sides; per web process."""
    notices_per_minute: Limit = 240
    """What the page of one chat tells of typing and reading; per web process."""
    messages_per_chat: Limit = 5000
    """Messages of both sides; above it, the consumer's messages are refused, from page and platform API."""
    bytes_per_chat: Limit = 5_000_000
    """Bytes of the consumer's text within a day, from page and platform API."""
    agent_acts_per_minute: Limit = 600
    """Messages, answers and clicks of one agent; per web process."""
    sockets_per_chat: Limit = 3
    """Open pages with the same consumer's chat; of more the oldest closes. Per web process, as the limits below."""
    sockets_per_agent: Limit = 60
    """Open adapters of one agent; of more the oldest closes."""
    consumer_sockets: Limit = 600
    """Open pages of all consumers together; the remaining connections are for agents."""
    tickets_per_minute: Limit = 60
    """Connections that the page of one chat may request."""
    sign_ins_at_once: Limit = 4
    """Passwords that are checked at the same time, with 17 MB each; further ones wait."""
    wrong_keys_per_minute: Limit = 20
    """Requests of one address with a wrong company key."""
    csp_reports_per_minute: Limit = 600
    """Reports of browsers about violations of the content security policy; further ones are not counted."""
    blocked: Blocked = Blocked()
