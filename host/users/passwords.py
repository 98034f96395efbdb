"""Passwords: hashed with scrypt, checked in equal time."""

from functools import cache

from werkzeug.security import check_password_hash, generate_password_hash

MAX_LENGTH = 1024
"""Longer texts aren't hashed: hashing them would be a cheap way to keep us busy."""


def hash_password(text: str) -> str:
    """Hash a password for storing; salted, so the same text gives another hash each time."""
    return generate_password_hash(text)


def verify(hashed: str | None, text: str) -> bool:
    """Tell whether `text` is the password.

    Takes as long for nobody's password (`None`) as for somebody's, so that the time doesn't tell who exists.
    """
    fits = check_password_hash(hashed or _nobodys(), text[:MAX_LENGTH])
    return fits and hashed is not None and len(text) <= MAX_LENGTH


@cache
def _nobodys() -> str:
    return hash_password("nobody")
