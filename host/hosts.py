"""Hosts and origins in the spelling that browsers use, so that they can be compared as texts.

`https://Bücher.Example.:443/x` has the host `xn--bcher-kva.example`. All functions raise ValueError for a text that
is not a host.
"""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import idna

DEFAULT_PORTS = {"http": 80, "https": 443}
LARGEST_PORT = 65535

_AUTHORITY = re.compile(r"(?:\[(?P<address>[^\[\]]*)\]|(?P<name>[^:\[\]@]*))(?::(?P<port>[0-9]{1,5}))?")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")


def name(host: str) -> str:
    """Return a host's name or address without a port: ``crm.example``, ``[::1]``; the brackets may be missing."""
    bare = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    return _address(bare) if ":" in bare else _name(bare)


@lru_cache(maxsize=4096)
def host_and_port(text: str) -> str:
    """Return ``crm.example`` or ``crm.example:443``; a port is kept if it is given."""
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no host")
    host = _name(found["name"]) if found["address"] is None else _address(found["address"])
    return host if found["port"] is None else f"{host}:{_port(found['port'])}"


def without_port(text: str) -> str:
    """Return ``crm.example`` for ``crm.example`` and ``crm.example:8443``."""
    return re.sub(r":[0-9]+$", "", host_and_port(text))


@lru_cache(maxsize=4096)
def of_url(url: str) -> str:
    """Return the host of a URL, ``crm.example`` or ``crm.example:8443``, without the scheme's default port."""
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError(f"{parts.scheme!r} is neither http nor https")
    return host_and_port(parts.netloc).removesuffix(f":{DEFAULT_PORTS[parts.scheme]}")


def origin_of(url: str) -> str:
    """Return the origin of a URL as browsers write it: ``https://crm.example``."""
    return f"{urlsplit(url).scheme}://{of_url(url)}"


def is_same_origin(one: str, other: str) -> bool:
    """Tell whether two URLs have the same origin; False when one of them is no URL."""
    try:
        return origin_of(one) == origin_of(other)
    except ValueError:
        return False


def is_listed(url: str, hosts: Iterable[str]) -> bool:
    """Tell whether a URL's host is in a list; an entry without a port means the scheme's default port.

    Args:
        url: `https://crm.example/x`.
        hosts: `crm.example`, `localhost:8001`, in any spelling.
    """
    try:
        found = of_url(url)
    except ValueError:
        return False
    ways = {found}
    if not _has_port(found):
        ways.add(f"{found}:{DEFAULT_PORTS[urlsplit(url).scheme]}")
    return any(host_and_port(host) in ways for host in hosts)


def in_one_spelling(url: str) -> str:
    """Return the URL with its host in this spelling and the rest unchanged."""
    parts: SplitResult = urlsplit(url)
    start = url.index("//") + 2
    return f"{parts.scheme}://{of_url(url)}{url[start + len(parts.netloc) :]}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, so that plain http is secure."""
    try:
        found = name(host)
    except ValueError:
        return False
    if found == "localhost" or found.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(found.strip("[]")).is_loopback
    except ValueError:
        return False


def reachable(bind: str) -> str:
    """Return the address under which this machine itself reaches what listens on `bind`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104 - compared


def _name(text: str) -> str:
    host = text.lower() if text.isascii() else _in_ascii(text)
    host = host.removesuffix(".")
    if not _NAME.fullmatch(host) or ".." in host:
        raise ValueError(f"{text!r} is no host")
    return host


def _in_ascii(text: str) -> str:
    """Write an international name as browsers send it."""
    try:
        return idna.encode(text, uts46=True, std3_rules=True).decode()
    except idna.IDNAError as error:
        raise ValueError(f"{text!r} is no host: {error}") from error


def _address(text: str) -> str:
    if "%" in text:
        raise ValueError(f"{text!r} is an address of one machine's network card")
    return f"[{ipaddress.IPv6Address(text)}]"


def _port(text: str) -> int:
    if int(text) not in range(1, LARGEST_PORT + 1):
        raise ValueError(f"{text} is no port")
    return int(text)


def _has_port(host: str) -> bool:
    return re.search(r":[0-9]+$", host) is not None
