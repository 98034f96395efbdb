"""Connections that check where they lead, and tell their call's watchdog which socket to shut.

The check is done on the addresses that are then connected to, so that a name can't change in between.
"""

import socket
import sys
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from host.crm.http.address_guard import Policy, check_address
from host.crm.http.deadline import Call, current_call
from host.crm.http.resolver import AddressInfo, BusyError, Resolver
from host.errors import CrmTimeoutError, CrmUnavailableError

ADDRESSES_TRIED = 3
SAFE_METHODS = frozenset({"GET", "HEAD"})
SURELY_OPEN_S = 1.0
"""How long a kept connection may have been idle and still carry a create; servers keep them for 2 s and more."""


class Dialer:
    """Opens checked sockets for one policy."""

    def __init__(self, policy: Policy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver

    def dial(self, host: str, port: int, call: Call) -> socket.socket:
        """Connect to the first address that answers, after checking all of them.

        Raises:
            CrmAddressError: One of the addresses isn't allowed.
            CrmTimeoutError: The name or the connection took too long.
            CrmUnavailableError: No such name, or nobody listens there.
        """
        found = self._resolve(host, port, call)
        for _, (address, _port) in found:
            check_address(call.endpoint, host, address, self._policy)
        problem: OSError | None = None
        for info in found[:ADDRESSES_TRIED]:
            try:
                return _connect(info, call)
            except OSError as error:
                problem = error
        if isinstance(problem, TimeoutError) or call.is_late:
            raise CrmTimeoutError(call.endpoint, f"no connection to {host} in time", sent=False) from problem
        reason = (problem.strerror if problem else None) or "no address"
        raise CrmUnavailableError(call.endpoint, f"no connection to {host}: {reason}", sent=False) from problem

    def _resolve(self, host: str, port: int, call: Call) -> list[AddressInfo]:
        try:
            return list(self._resolver.addresses(host, port, call.left_s))
        except TimeoutError as error:
            raise CrmTimeoutError(call.endpoint, f"the name {host} was not resolved in time", sent=False) from error
        except BusyError as error:
            raise CrmUnavailableError(call.endpoint, "too many names are being resolved", sent=False) from error
        except OSError as error:
            raise CrmUnavailableError(call.endpoint, f"there is no host named {host}", sent=False) from error


def _connect(info: AddressInfo, call: Call) -> socket.socket:
    family, address = info
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(call.left_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address)
        sock.settimeout(call.left_s)  # a TLS handshake as a whole is bounded by it
    except BaseException:
        sock.close()
        raise
    return sock


class _Checked:
    """What both kinds of connection do differently from the library's own."""

    dialer: Dialer
    host: str
    port: int
    sock: Any
    used_at: float = 0.0
    """When it last sent something; monotonic, in seconds."""

    def request(self, method: str, *args: Any, **kwargs: Any) -> None:
        """Send a request; one that must not be sent twice goes over a connection that can't be stale.

        The other end may be closing a connection that it has kept for a while. A request that is lost so has an
        unknown outcome, which costs a record half a minute.
        """
        if method not in SAFE_METHODS and time.monotonic() - self.used_at > SURELY_OPEN_S:
            self.close()  # type: ignore[attr-defined]
        super().request(method, *args, **kwargs)  # type: ignore[misc]

    def _new_conn(self) -> socket.socket:
        call = _call()
        sock = self.dialer.dial(self._dns_host, self.port, call)  # type: ignore[attr-defined]
        call.uses(sock)
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    def send(self, data: Any) -> None:
        """Note that from here on the CRM may act on what it got."""
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        call = _call()
        call.uses(self.sock)
        call.is_sent = True
        self.used_at = time.monotonic()
        super().send(data)  # type: ignore[misc]


def _call() -> Call:
    call = current_call.get()
    if call is None:
        raise RuntimeError("a connection of the guarded client was used without a call")
    return call


class GuardedAdapter(HTTPAdapter):
    """requests' transport over checked connections."""

    def __init__(self, dialer: Dialer, connections: int) -> None:
        """Make the pools.

        Args:
            dialer: Opens the sockets.
            connections: How many are kept open for each origin.
        """
        http = type("CheckedHttpConnection", (_Checked, HTTPConnection), {"dialer": dialer})
        https = type("CheckedHttpsConnection", (_Checked, HTTPSConnection), {"dialer": dialer})
        self._pools = {
            "http": type("CheckedHttpPool", (HTTPConnectionPool,), {"ConnectionCls": http}),
            "https": type("CheckedHttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": https}),
        }
        super().__init__(pool_connections=16, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Let the library's manager make our pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools
