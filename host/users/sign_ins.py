"""Sign-ins on the server: a random token for the browser, only its hash in the database."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from host.db.tables import sign_ins, users

TOKEN_BYTES = 32
USED_EVERY = timedelta(minutes=1)
"""How exactly it is noted when a sign-in was used."""
NAME_LENGTH = 16
"""How much of the hash names a sign-in to its user."""


@dataclass(frozen=True)
class SignIn:
    """One browser in which somebody is signed in."""

    token_hash: str
    browser: str
    """`Firefox on Windows`; empty when it was made before this was noted."""
    created_at: datetime
    used_at: datetime

    @property
    def name(self) -> str:
        """What it is called in addresses."""
        return self.token_hash[:NAME_LENGTH]


def new_token() -> str:
    """Make 256 random bits, as text that fits a URL or a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return what is stored of a token. A plain hash will do: nobody can guess 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(connection: Connection, user_id: int, now: datetime, session_hours: float, browser: str = "") -> str:
    """Sign a user in; give back the token for his browser."""
    token = new_token()
    values = {
        "token_hash": hash_token(token),
        "user_id": user_id,
        "created_at": now,
        "expires_at": now + timedelta(hours=session_hours),
        "used_at": now,
        "browser": browser,
    }
    connection.execute(insert(sign_ins).values(values))
    return token


def find_user_id(connection: Connection, token: str, now: datetime, idle: timedelta = timedelta.max) -> int | None:
    """Return who signed in with this token, while the sign-in lasts, was used within `idle`, and the user is active."""
    query = (
        select(sign_ins.c.user_id)
        .join(users, users.c.id == sign_ins.c.user_id)
        .where(sign_ins.c.token_hash == hash_token(token), *_lasts(now, idle), users.c.is_active)
    )
    return connection.execute(query).scalar_one_or_none()


def lasting(connection: Connection, token_hashes: Iterable[str], now: datetime) -> set[str]:
    """Return those of these sign-ins that still count; by the hash, which is all that a socket keeps of one."""
    asked = sign_ins.c.token_hash.in_(set(token_hashes))
    return set(connection.execute(select(sign_ins.c.token_hash).where(asked, sign_ins.c.expires_at > now)).scalars())


def has_any(connection: Connection, user_id: int, now: datetime, idle: timedelta = timedelta.max) -> bool:
    """Tell whether the user is signed in anywhere."""
    query = select(exists().where(sign_ins.c.user_id == user_id, *_lasts(now, idle)))
    return bool(connection.execute(query).scalar_one())


def of_user(connection: Connection, user_id: int, now: datetime, idle: timedelta) -> list[SignIn]:
    """List the user's sign-ins that last, the one used last first."""
    columns = (sign_ins.c[name] for name in SignIn.__dataclass_fields__)
    query = select(*columns).where(sign_ins.c.user_id == user_id, *_lasts(now, idle))
    rows = connection.execute(query.order_by(sign_ins.c.used_at.desc(), sign_ins.c.created_at.desc()))
    return [SignIn(*row) for row in rows]


def is_used(connection: Connection, token: str, now: datetime) -> bool:
    """Tell whether it is noted already that the sign-in is used now."""
    query = select(exists().where(sign_ins.c.token_hash == hash_token(token), sign_ins.c.used_at > now - USED_EVERY))
    return bool(connection.execute(query).scalar_one())


def use(connection: Connection, token_hashes: Iterable[str], now: datetime) -> None:
    """Note that these sign-ins are used."""
    connection.execute(update(sign_ins).where(sign_ins.c.token_hash.in_(set(token_hashes))).values(used_at=now))


def _lasts(now: datetime, idle: timedelta) -> tuple[ColumnElement[bool], ...]:
    lasts = sign_ins.c.expires_at > now
    return (lasts,) if idle == timedelta.max else (lasts, sign_ins.c.used_at > now - idle)


def end_one(connection: Connection, user_id: int, token_hash: str) -> None:
    """End one of the user's; none left is fine too."""
    connection.execute(delete(sign_ins).where(sign_ins.c.user_id == user_id, sign_ins.c.token_hash == token_hash))


def end(connection: Connection, token: str) -> None:
    """End one sign-in; none left is fine too."""
    connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == hash_token(token)))


def end_all(connection: Connection, user_id: int) -> None:
    """Sign the user out everywhere."""
    connection.execute(delete(sign_ins).where(sign_ins.c.user_id == user_id))


def purge(connection: Connection, now: datetime) -> None:
    """Delete what has run out."""
    connection.execute(delete(sign_ins).where(sign_ins.c.expires_at <= now))
