"""Passwords: hashed with scrypt, checked in equal time."""

import sys
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from werkzeug.security import check_password_hash, generate_password_hash

Result = TypeVar("Result")

MAX_LENGTH = 1024
"""Longer texts aren't hashed: hashing them would be a cheap way to keep us busy."""


def hash_password(text: str) -> str:
    """Hash a password for storing; salted, so the same text gives another hash each time."""
    return _beside_sockets(generate_password_hash, text)


def verify(hashed: str | None, text: str) -> bool:
    """Tell whether `text` is the password.

    Takes as long for nobody's password (`None`) as for somebody's, so that the time doesn't tell who exists.
    """
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
