"""Refuses consumers whom an admin has blocked by address, e-mail or phone."""

import ipaddress

from host import phone
from host.client_address import customer_of
from host.errors import NotAllowedError
from host.settings.document.budgets import Blocked

WORDS = "You can't chat with us from here. If you think that this is a mistake, reach us another way."
"""Doesn't say what is blocked, so that it is harder to evade."""


def check_address(blocked: Blocked, address: str | None) -> None:
    """Refuse a blocked address.

    Args:
        blocked: The blocklist in the settings.
        address: The client's, from the connection or a trusted proxy.

    Raises:
        NotAllowedError: The address is blocked.
    """
    try:
        network = ipaddress.ip_network(customer_of(address))
    except ValueError:
        return
    for each in map(ipaddress.ip_network, blocked.addresses):
        if each.version == network.version and each.overlaps(network):
            raise NotAllowedError(WORDS)


def check_person(blocked: Blocked, *, email: str | None, number: str | None, region: str) -> None:
    """Refuse a blocked e-mail or phone.

    Args:
        blocked: The blocklist in the settings.
        email: As typed.
        number: As typed.
        region: The country of national phone numbers: `US`.

    Raises:
        NotAllowedError: One of them is blocked.
    """
    address = (email or "").strip().lower()
    domain = f"@{address.rpartition('@')[2]}"
    if address and not {address, domain}.isdisjoint(blocked.emails):
        raise NotAllowedError(WORDS)
    if number and any(phone.agree(number, each, region) for each in blocked.phones):
        raise NotAllowedError(WORDS)
