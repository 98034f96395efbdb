"""Tell by e-mail and password who somebody is, at a limited rate."""

from datetime import datetime

from host.client_address import customer_of
from host.db.engine import Database
from host.users import directory, passwords, throttle
from host.users.directory import User

PER_EMAIL = 5
PER_ADDRESS = 30
WINDOW_S = 300


def authenticate(database: Database, email: str, password: str, address: str, now: datetime) -> User | None:
    """Return the active user whose e-mail and password these are, or None.

    Every try counts before the password is looked at, so that tries made at once can't slip through;
    a good one gives its count back. An unknown e-mail takes as long as a wrong password.

    Args:
        database: Where users and counts are.
        email: As typed.
        password: As typed.
        address: The network address that asks, as the connection or a trusted proxy gives it.
        now: Aware.

    Raises:
        TooManyError: Too many failures for this e-mail or from this address; says how long to wait.
    """
    by_email = f"sign-in:{email.strip().lower()}"
    by_address = f"sign-in:{customer_of(address)}"
    throttle.hit(database, by_address, now, PER_ADDRESS, WINDOW_S)
    throttle.hit(database, by_email, now, PER_EMAIL, WINDOW_S)
    with database.read() as connection:
        user = directory.by_email(connection, email)
        hashed = directory.password_hash(connection, email)
    if not passwords.verify(hashed, password):
        return None
    throttle.forget(database, by_email)
    throttle.give_back(database, by_address)
    return user
