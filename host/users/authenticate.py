"""Tell by e-mail and password who somebody is, ever more slowly for those who guess.

A browser in which the user has signed in before counts for itself, so that whoever guesses elsewhere slows down
nobody at work; and several hundred people may sign in from one address at the same moment.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from host.client_address import customer_of
from host.db.engine import Database
from host.users import backoff, directory, passwords
from host.users.backoff import Backoff
from host.users.directory import User

BY_DEVICE = Backoff(free=5, longest_s=60)
BY_EMAIL_AND_ADDRESS = Backoff(free=5, longest_s=60)
BY_EMAIL = Backoff(free=50, longest_s=8)
"""From wherever; short, since it slows down the user's own new device as well."""
BY_ADDRESS = Backoff(free=100, longest_s=30)


@dataclass(frozen=True)
class Asker:
    """Where a sign-in comes from."""

    address: str
    """As the connection or a trusted proxy gives it."""
    devices: Mapping[int, str] = field(default_factory=dict)
    """What the browser is called by user id, for those who have signed in there before."""


def authenticate(
    database: Database,
    email: str,
    password: str,
    asker: Asker,
    now: datetime,
    *,
    at_once: int = passwords.AT_ONCE,
    pause: Callable[[float], None] = time.sleep,
) -> User | None:
    """Return the active user whose e-mail and password these are, or None.

    A try counts before the password is looked at, so that tries made at once can't slip through; a good one
    starts the count again. An unknown e-mail takes as long as a wrong password.

    Args:
        database: Where users and counts are.
        email: As typed.
        password: As typed.
        asker: Where they come from.
        now: Aware.
        at_once: How many passwords are looked at at the same moment.
        pause: Waits so many seconds.

    Raises:
        TooManyError: Too many were wrong, or too many are looked at; says how long to wait.
    """
    with database.read() as connection:
        user = directory.by_email(connection, email)
        hashed = directory.password_hash(connection, email)
    tries = Tries(email.strip().lower(), asker, user)
    with database.write() as connection:
        wait_s = tries.begin(connection, now)
    if wait_s:
        pause(wait_s)
    is_right = passwords.verify(hashed, password, at_once)
    with database.write() as connection:
        tries.end(connection, now, is_right=is_right)
    return user if is_right else None


class Tries:
    """What counts one try: its own keys before, those that many share only if it was wrong."""

    def __init__(self, email: str, asker: Asker, user: User | None) -> None:
        device = asker.devices.get(user.id) if user else None
        customer = customer_of(asker.address)
        if device:
            self.own = {f"sign-in:{email} on {device}": BY_DEVICE}
            self.shared: dict[str, Backoff] = {}
        else:
            self.own = {f"sign-in:{email} from {customer}": BY_EMAIL_AND_ADDRESS}
            self.shared = {f"sign-in:{email}": BY_EMAIL, f"sign-in:{customer}": BY_ADDRESS}

    def begin(self, connection: Connection, now: datetime) -> float:
        """Return for how long to wait, and count."""
        wait_s = max(backoff.wait_s(connection, key, now, rule) for key, rule in {**self.own, **self.shared}.items())
        for key in self.own:
            backoff.count(connection, key, now + timedelta(seconds=wait_s))
        return wait_s

    def end(self, connection: Connection, now: datetime, *, is_right: bool) -> None:
        """Forget a right one, and count a wrong one for the others."""
        for key in self.own if is_right else ():
            backoff.forget(connection, key)
        for key in () if is_right else self.shared:
            backoff.count(connection, key, now)
