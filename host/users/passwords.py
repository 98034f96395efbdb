"""Hashes passwords with scrypt and verifies them; unknown users take the same time."""

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
"""Longer texts aren't hashed: that would be a cheap way to load the server."""


AT_ONCE = 4
"""Hashes at the same time; each takes 17 MB and most of a core."""
MOST_WAITING = 400
WAIT_S = 20.0
FULL = "Too many people are signing in at this moment."


class Slots:
    """Limits how many hashes run at the same time; further ones wait. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken = 0
        self._waiting = 0

    @contextmanager
    def one(self, most: int) -> Iterator[None]:
        """Hold one of `most` slots.

        Raises:
            TooManyError: No slot became free in time, or too many wait already.
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
    """Hash a password, with a new salt each time."""
    return _in_real_thread(generate_password_hash, text, METHOD)


def verify(hashed: str | None, text: str, at_once: int = AT_ONCE) -> bool:
    """Tell whether `text` is the password.

    It takes as long without a hash (`None`), so that the time doesn't reveal which users exist.

    Raises:
        TooManyError: Too many passwords wait to be checked.
    """
    with _slots.one(at_once):
        fits = _in_real_thread(check_password_hash, hashed or _dummy_hash(), text[:MAX_LENGTH])
    return fits and hashed is not None and len(text) <= MAX_LENGTH


def _in_real_thread(work: Callable[..., Result], *args: str) -> Result:
    """Run `work` in a real thread under gevent: a tenth of a second would block all sockets of the process."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work(*args)
    from gevent import get_hub  # noqa: PLC0415 - only under gevent

    done: Result = get_hub().threadpool.apply(work, args)
    return done


@cache
def _dummy_hash() -> str:
    return hash_password("nobody")
