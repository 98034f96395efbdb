"""Resolves host names under a deadline.

`getaddrinfo` can't be interrupted (a stalled one took 8 s). It runs in a few threads of its own, and the calling
thread stops waiting at its deadline.
"""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

AddressInfo = tuple[socket.AddressFamily, tuple[str, int]]
Lookup = Callable[[str, int], Sequence[AddressInfo]]

KEEP_S = 10.0
THREADS_MAX = 8


class BusyError(Exception):
    """All threads of the resolver are busy."""


@dataclass(frozen=True)
class _CacheEntry:
    answer: Future[Sequence[AddressInfo]]
    asked_at: float


def system_lookup(host: str, port: int) -> Sequence[AddressInfo]:
    """Ask the operating system.

    Raises:
        OSError: The name does not exist.
    """
    found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    return [(family, (str(address[0]), int(address[1]))) for family, _, _, _, address in found]


class Resolver:
    """Resolves names in a few threads and caches the answers for a short time."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup
        self._cache: dict[tuple[str, int], _CacheEntry] = {}
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(THREADS_MAX)

    def addresses(self, host: str, port: int, within_s: float) -> Sequence[AddressInfo]:
        """Return all addresses of a name.

        Raises:
            TimeoutError: No answer within `within_s` seconds.
            BusyError: Too many names are being looked up.
            OSError: The name does not exist.
        """
        return self._ask((host, port)).result(timeout=within_s)

    def _ask(self, name: tuple[str, int]) -> Future[Sequence[AddressInfo]]:
        with self._lock:
            known = self._cache.get(name)
            if known is not None and (not known.answer.done() or self._is_fresh(known)):
                return known.answer
            if not self._slots.acquire(blocking=False):
                raise BusyError
            answer: Future[Sequence[AddressInfo]] = Future()
            self._cache[name] = _CacheEntry(answer, time.monotonic())
        threading.Thread(target=self._run, args=(name, answer), name="crm-resolver", daemon=True).start()
        return answer

    def _is_fresh(self, known: _CacheEntry) -> bool:
        return known.answer.exception() is None and time.monotonic() - known.asked_at < KEEP_S

    def _run(self, name: tuple[str, int], answer: Future[Sequence[AddressInfo]]) -> None:
        try:
            answer.set_result(self._lookup(*name))
        except (OSError, UnicodeError) as error:  # UnicodeError: a label that is too long
            answer.set_exception(error if isinstance(error, OSError) else OSError("not a host name"))
        finally:
            self._slots.release()
