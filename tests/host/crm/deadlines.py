"""Virtual deadlines: a request runs into its own when the CRM hangs, at once, and never because a machine is busy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from host.crm.http.answer import Answer
from host.crm.http.client import GuardedClient
from host.crm.http.deadline import PendingRequest, Watchdog

PATIENT_S = 30
"""However busy the machine is, the CRM answers in this time."""

_watched: WeakSet[PendingRequest] = WeakSet()


@contextmanager
def virtual_deadlines() -> Iterator[None]:
    """Let no request of this process end by time alone, but by `expire`."""
    send, watch = GuardedClient.send, Watchdog.watch

    def send_patiently(self: GuardedClient, *args: Any, timeout_s: float = 0, **more: Any) -> Answer:
        return send(self, *args, timeout_s=PATIENT_S, **more)

    def note(self: Watchdog, pending: PendingRequest) -> None:
        _watched.add(pending)

    GuardedClient.send, Watchdog.watch = send_patiently, note  # type: ignore[method-assign]
    yield
    GuardedClient.send, Watchdog.watch = send, watch  # type: ignore[method-assign]
    _watched.clear()


def expire(port: int) -> bool:
    """End the request that comes from this port, as its deadline would; tell whether it is one of this process."""
    found = [pending for pending in list(_watched) if _port(pending) == port]
    for pending in found:
        pending.expire()
    return bool(found)


def _port(pending: PendingRequest) -> int:
    try:
        return int(pending._socket.getsockname()[1]) if pending._socket else 0
    except OSError:
        return 0
