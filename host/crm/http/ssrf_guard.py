"""Address guard (SSRF protection): requests go only to allowed hosts, and never to forbidden address ranges.

All addresses of a name are checked when the connection is made: the name may resolve to another address after an
earlier check (DNS rebinding). `ipaddress.is_global` alone is not enough: in Python 3.11 it is true for multicast,
NAT64 and 6to4 addresses.

Source: docs/reference/generic-api.md, Addresses.
"""

import ipaddress
from dataclasses import dataclass
from enum import IntEnum

from urllib3.util import Url, parse_url

from host import hosts
from host.errors import CrmAddressError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
"""Deprecated; operating systems treat these addresses differently."""
IPV4_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
IPV4_TRANSLATED = ipaddress.IPv6Network("::ffff:0:0:0/96")
CARRYING_IPV4 = (*NAT64, IPV4_COMPATIBLE, IPV4_MAPPED, IPV4_TRANSLATED)
"""Their last 32 bits are an IPv4 address; the translator may be inside the private network."""
ISATAP = frozenset({0x00005EFE, 0x02005EFE})
"""The third of the four words of an ISATAP address; the fourth is the IPv4 address that it tunnels to."""
SITE_LOCAL = ipaddress.IPv6Network("fec0::/10")
NEVER_ROUTED = tuple(
    ipaddress.IPv6Network(network) for network in ("3fff::/20", "5f00::/16", "2001:db8::/32", "100::/64")
)
"""Documentation, segment routing and discard-only ranges; whether Python knows them depends on its version."""
RELAYS_6TO4 = ipaddress.IPv4Network("192.88.99.0/24")
METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
    )
)


class Reach(IntEnum):
    """Class of an address; a higher value needs more permission."""

    PUBLIC = 0
    PRIVATE = 1
    NEVER = 2


@dataclass(frozen=True)
class Policy:
    """Where requests may go. Hashable, since each connection pool belongs to one policy."""

    allowed_hosts: frozenset[str]
    """`crm.example` (its scheme's own port only) or `localhost:8001`."""
    allow_private_addresses: bool = False
    ca_bundle: str = ""
    """Path of a PEM file; "" = the usual authorities."""
    client_certificate: str = ""
    """Path of a PEM file with key and certificate; "" = none."""


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port that a request goes to."""

    scheme: str
    host: str
    """Normalized; IPv6 addresses in brackets."""
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def reach_of(text: str) -> Reach:
    """Classify an address.

    Args:
        text: `127.0.0.1`, `fe80::1%eth0`.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    own = _reach(address)
    inner = _embedded(address)
    return own if inner is None else max(own, _reach(inner))


def check_address(endpoint: str, host: str, address: str, policy: Policy) -> None:
    """Refuse an address that the policy doesn't allow.

    Raises:
        CrmAddressError: The address is link-local, multicast or metadata; or private, and private ones are not allowed.
    """
    reach = reach_of(address)
    if reach is Reach.NEVER:
        raise CrmAddressError(endpoint, f"{host} leads to {address}, which no request may go to")
    if reach is Reach.PRIVATE and not policy.allow_private_addresses:
        raise CrmAddressError(
            endpoint, f"{host} leads to the private address {address}; switch allow_private_addresses on if it should"
        )


def check_url(endpoint: str, url: str, policy: Policy) -> Origin:
    """Return the origin of a URL, if requests may go there.

    Raises:
        CrmAddressError: The URL is not http(s), has user information, is plain http where that is not allowed, or its
            host is not on the list.
    """
    origin = _origin(endpoint, parse_url(url))
    if origin.scheme == "http" and not policy.allow_private_addresses:
        raise CrmAddressError(endpoint, f"http to {origin.host}: use https (http needs allow_private_addresses)")
    if not hosts.is_listed(str(origin), policy.allowed_hosts):
        known = ", ".join(sorted(policy.allowed_hosts)) or "none"
        raise CrmAddressError(endpoint, f"{hosts.of_url(str(origin))} is not one of the allowed_hosts ({known})")
    return origin


def _origin(endpoint: str, url: Url) -> Origin:
    scheme = (url.scheme or "").lower()
    if scheme not in hosts.DEFAULT_PORTS or not url.host:
        raise CrmAddressError(endpoint, "its URL does not start with https:// and a host")
    if url.auth is not None:
        raise CrmAddressError(endpoint, "its URL holds user information before the host")
    try:
        host = hosts.name(url.host)
    except ValueError as error:
        raise CrmAddressError(endpoint, "its URL does not start with https:// and a host") from error
    return Origin(scheme, host, url.port or hosts.DEFAULT_PORTS[scheme])


def _reach(address: Address) -> Reach:
    if address in METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return Reach.NEVER
    if not address.is_global or _is_translated(address):
        return Reach.PRIVATE
    return Reach.PUBLIC


def _is_translated(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address in RELAYS_6TO4
    inside = (*CARRYING_IPV4, SITE_LOCAL, *NEVER_ROUTED)
    return bool(address.sixtofour or address.teredo or _isatap(address)) or any(address in each for each in inside)


def _isatap(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address in an ISATAP address, else None."""
    word = int(address) >> 32 & 0xFFFFFFFF
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if word in ISATAP else None


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside a mapped, compatible, NAT64, 6to4, ISATAP or Teredo address, else None."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if any(address in network for network in CARRYING_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or _isatap(address) or (address.teredo[1] if address.teredo else None)
