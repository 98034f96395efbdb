"""Keys for rate limits by client address: one text for all addresses of one customer.

A customer of an IPv6 provider has a /64 at least, and each connection comes from another port.
"""

import ipaddress
import re

NOBODY = "unknown"
"""The key when there is no address: a proxy hides it, or the socket has none."""
CUSTOMER_BITS = 64
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d*)?|(?P<v4>[\d.]+):\d*")


def customer_of(address: str | None) -> str:
    """Return the text that all addresses of one customer share.

    Args:
        address: As a connection or a trusted proxy gives it, with a port or without.

    Returns:
        ``192.0.2.7`` of ``192.0.2.7:50123`` and ``::ffff:192.0.2.7``; ``2001:db8:0:1::/64`` of
        ``[2001:db8:0:1::7]:50123``; `NOBODY` when it is no address.
    """
    text = (address or "").strip()
    if found := _WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"] or ""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return NOBODY
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if inner := _ipv4_of(parsed):
        return str(inner)
    return str(ipaddress.ip_network((int(parsed), CUSTOMER_BITS), strict=False))


def _ipv4_of(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address embeds: such addresses of all customers share a few /64."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
