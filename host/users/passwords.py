"""Passwords: hashed with scrypt, checked in equal time."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from werkzeug.security import check_password_hash, generate_password_hash

from host.errors import TooManyError
from host.refusals import refusals

Result = TypeVar("Result")

METHOD = "scrypt:32768:8:1"
"""Memory and time of one hash, as Werkzeug writes them: n, r, p."""
MAX_LENGTH = 1024
"""Longer texts aren't hashed: hashing them would be a cheap way to keep us busy."""


AT_ONCE = 4
"""Hashes made at the same moment: each takes 17 MB and most of a core."""
MOST_WAITING = 400
WAIT_S = 20.0
FULL = "Too many people are signing in at this moment."


class Slots:
    """So many at once, more wait for their turn. For any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken = 0
        self._waiting = 0

    @contextmanager
    def one(self, most: int) -> Iterator[None]:
        """Hold one of `most` slots.

        Raises:
            TooManyError: None has become free in time, or too many wait already.
        """
        with self._changed:
            self._waiting += 1
            has_one = self._waiting <= MOST_WAITING and self._changed.wait_for(lambda: self._taken < most, WAIT_S)
            self._waiting -= 1
            self._taken += has_one
        if not has_one:
            refusals.note("sign_ins_at_once")
            raise TooManyError.of(FULL, 5)
        try:
            yield
        finally:
            with self._changed:
                self._taken -= 1
                self._changed.notify()


_slots = Slots()


def hash_password(text: str) -> str:
    """Hash a password for storing; salted, so the same text gives another hash each time."""
    return _beside_sockets(generate_password_hash, text, METHOD)


def verify(hashed: str | None, text: str, at_once: int = AT_ONCE) -> bool:
    """Tell whether `text` is the password.

    Takes as long for nobody's password (`None`) as for somebody's, so that the time doesn't tell who exists.

    Raises:
        TooManyError: Too many wait for theirs to be checked.
    """
    with _slots.one(at_once):
        fits = _beside_sockets(check_password_hash, hashed or _nobodys(), text[:MAX_LENGTH])
    return fits and hashed is not None and len(text) <= MAX_LENGTH


def _beside_sockets(work: Callable[..., Result], *args: str) -> Result:
    """Work in a real thread where gevent serves: a tenth of a second would hold up all of the process's sockets."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work(*args)
    from gevent import get_hub  # noqa: PLC0415 - only where it serves

    done: Result = get_hub().threadpool.apply(work, args)
    return done


@cache
def _nobodys() -> str:
    return hash_password("nobody")
