"""Checks e-mail and password at sign-in, with growing waits after wrong tries.

A browser in which the user has signed in before has a counter of its own, so guesses from elsewhere do not slow down
the user. Several hundred people may sign in from one address at the same time.
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
"""From all addresses; short, because it slows down a new device of the user as well."""
BY_ADDRESS = Backoff(free=100, longest_s=30)


@dataclass(frozen=True)
class SignInClient:
    """Where a sign-in comes from."""

    address: str
    """As the connection or a trusted proxy gives it."""
    devices: Mapping[int, str] = field(default_factory=dict)
    """User id to the browser's device name, for users who have signed in there before."""


def authenticate(
    database: Database,
    email: str,
    password: str,
    client: SignInClient,
    now: datetime,
    *,
    at_once: int = passwords.AT_ONCE,
    pause: Callable[[float], None] = time.sleep,
) -> User | None:
    """Return the active user whose e-mail and password these are, or None.

    A try counts before the password is checked, so that simultaneous tries can't evade the count; a correct password
    resets it. An unknown e-mail takes as long as a wrong password.

    Args:
        database: Holds users and counts.
        email: As typed.
        password: As typed.
        client: Where the sign-in comes from.
        now: Aware.
        at_once: How many passwords are checked at the same time.
        pause: Waits the given seconds.

    Raises:
        TooManyError: Too many tries were wrong, or too many passwords are being checked; says how long to wait.
    """
    with database.read() as connection:
        user = directory.by_email(connection, email)
        hashed = directory.password_hash(connection, email)
    tries = Tries(email.strip().lower(), client, user)
    with database.write() as connection:
        wait_s = tries.begin(connection, now)
    if wait_s:
        pause(wait_s)
    is_right = passwords.verify(hashed, password, at_once)
    with database.write() as connection:
        tries.end(connection, now, is_right=is_right)
    return user if is_right else None


class Tries:
    """The counters of one try: its own count before the check, shared ones only after a wrong password."""

    def __init__(self, email: str, client: SignInClient, user: User | None) -> None:
        device = client.devices.get(user.id) if user else None
        customer = customer_of(client.address)
        if device:
            self.own = {f"sign-in:{email} on {device}": BY_DEVICE}
            self.shared: dict[str, Backoff] = {}
        else:
            self.own = {f"sign-in:{email} from {customer}": BY_EMAIL_AND_ADDRESS}
            self.shared = {f"sign-in:{email}": BY_EMAIL, f"sign-in:{customer}": BY_ADDRESS}

    def begin(self, connection: Connection, now: datetime) -> float:
        """Count the try; return how long to wait, in seconds."""
        wait_s = max(backoff.wait_s(connection, key, now, rule) for key, rule in {**self.own, **self.shared}.items())
        for key in self.own:
            backoff.count(connection, key, now + timedelta(seconds=wait_s))
        return wait_s

    def end(self, connection: Connection, now: datetime, *, is_right: bool) -> None:
        """Reset the count after a correct password; count a wrong one in the shared counters."""
        for key in self.own if is_right else ():
            backoff.forget(connection, key)
        for key in () if is_right else self.shared:
            backoff.count(connection, key, now)
