"""Connections that check their address and register their socket with the deadline of the request.

The checked address is the one that is connected to, so a name cannot change in between.
"""

import socket
import sys
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from host.crm.http.deadline import PendingRequest, current_request
from host.crm.http.resolver import AddressInfo, BusyError, Resolver
from host.crm.http.ssrf_guard import Policy, check_address
from host.errors import CrmTimeoutError, CrmUnavailableError

ADDRESSES_TRIED = 3
SAFE_METHODS = frozenset({"GET", "HEAD"})
REUSE_MAX_S = 1.0
"""Maximum idle time of a connection that is reused for a create; servers keep idle connections for 2 s or more."""


class Dialer:
    """Opens sockets to checked addresses under one policy."""

    def __init__(self, policy: Policy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver

    def dial(self, host: str, port: int, pending: PendingRequest) -> socket.socket:
        """Connect to the first address that answers, after checking all of them.

        Raises:
            CrmAddressError: One of the addresses is not allowed.
            CrmTimeoutError: The name or the connection took too long.
            CrmUnavailableError: The name does not exist, or no server listens there.
        """
        found = self._resolve(host, port, pending)
        for _, (address, _port) in found:
            check_address(pending.endpoint, host, address, self._policy)
        problem: OSError | None = None
        for info in found[:ADDRESSES_TRIED]:
            try:
                return _connect(info, pending)
            except OSError as error:
                problem = error
        if isinstance(problem, TimeoutError) or pending.is_late:
            raise CrmTimeoutError(pending.endpoint, f"no connection to {host} in time", sent=False) from problem
        reason = (problem.strerror if problem else None) or "no address"
        raise CrmUnavailableError(pending.endpoint, f"no connection to {host}: {reason}", sent=False) from problem

    def _resolve(self, host: str, port: int, pending: PendingRequest) -> list[AddressInfo]:
        try:
            return list(self._resolver.addresses(host, port, pending.left_s))
        except TimeoutError as error:
            raise CrmTimeoutError(pending.endpoint, f"the name {host} was not resolved in time", sent=False) from error
        except BusyError as error:
            raise CrmUnavailableError(pending.endpoint, "too many names are being resolved", sent=False) from error
        except OSError as error:
            raise CrmUnavailableError(pending.endpoint, f"there is no host named {host}", sent=False) from error


def _connect(info: AddressInfo, pending: PendingRequest) -> socket.socket:
    family, address = info
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(pending.left_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address)
        sock.settimeout(pending.left_s)  # bounds the TLS handshake as a whole
    except BaseException:
        sock.close()
        raise
    return sock


class _GuardedConnection:
    """The guarded behaviour of both connection classes."""

    dialer: Dialer
    host: str
    port: int
    sock: Any
    used_at: float = 0.0
    """When it last sent data; monotonic, in seconds."""

    def request(self, method: str, *args: Any, **kwargs: Any) -> None:
        """Send a request; one that must not be sent twice uses a fresh connection.

        The server may be closing a connection that was idle. A request that is lost this way has an unknown outcome,
        which delays a record by half a minute.
        """
        if method not in SAFE_METHODS and time.monotonic() - self.used_at > REUSE_MAX_S:
            self.close()  # type: ignore[attr-defined]
        super().request(method, *args, **kwargs)  # type: ignore[misc]

    def _new_conn(self) -> socket.socket:
        pending = _current_request()
        sock = self.dialer.dial(self._dns_host, self.port, pending)  # type: ignore[attr-defined]
        pending.use_socket(sock)
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    def send(self, data: Any) -> None:
        """Send data; from now on the CRM may act on the request."""
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        pending = _current_request()
        pending.use_socket(self.sock)
        pending.is_sent = True
        self.used_at = time.monotonic()
        super().send(data)  # type: ignore[misc]


def _current_request() -> PendingRequest:
    pending = current_request.get()
    if pending is None:
        raise RuntimeError("a connection of the guarded client was used without a call")
    return pending


class GuardedAdapter(HTTPAdapter):
    """Transport adapter of requests that uses guarded connections."""

    def __init__(self, dialer: Dialer, connections: int) -> None:
        """Create the pools.

        Args:
            dialer: Opens the sockets.
            connections: Maximum of open connections for each origin.
        """
        http = type("CheckedHttpConnection", (_GuardedConnection, HTTPConnection), {"dialer": dialer})
        https = type("CheckedHttpsConnection", (_GuardedConnection, HTTPSConnection), {"dialer": dialer})
        self._pools = {
            "http": type("CheckedHttpPool", (HTTPConnectionPool,), {"ConnectionCls": http}),
            "https": type("CheckedHttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": https}),
        }
        super().__init__(pool_connections=16, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the library create our connection classes."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools
