"""Sign-ins in the database: the browser has a random token, the row its hash."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from host.db.tables import sign_ins, users

TOKEN_BYTES = 32
USED_EVERY = timedelta(minutes=1)
"""How often the use of a sign-in is stored."""
NAME_LENGTH = 16
"""Characters of the hash that identify a sign-in in addresses."""


@dataclass(frozen=True)
class SignIn:
    """A browser in which a user is signed in."""

    token_hash: str
    browser: str
    """`Firefox on Windows`; empty for sign-ins of early releases."""
    created_at: datetime
    used_at: datetime

    @property
    def name(self) -> str:
        """Its id in addresses."""
        return self.token_hash[:NAME_LENGTH]


def new_token() -> str:
    """Return 256 random bits, as text for a URL or a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return the hash that is stored. It needs no salt: nobody can guess 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(connection: Connection, user_id: int, now: datetime, session_hours: float, browser: str = "") -> str:
    """Sign a user in; return the token for their browser."""
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
    """Return the active user of a token whose sign-in has not expired and was used within `idle`; else None."""
    query = (
        select(sign_ins.c.user_id)
        .join(users, users.c.id == sign_ins.c.user_id)
        .where(sign_ins.c.token_hash == hash_token(token), *_lasts(now, idle), users.c.is_active)
    )
    return connection.execute(query).scalar_one_or_none()


def lasting(connection: Connection, token_hashes: Iterable[str], now: datetime) -> set[str]:
    """Return the hashes of those of these sign-ins that have not expired; sockets keep only the hash."""
    asked = sign_ins.c.token_hash.in_(set(token_hashes))
    return set(connection.execute(select(sign_ins.c.token_hash).where(asked, sign_ins.c.expires_at > now)).scalars())


def has_any(connection: Connection, user_id: int, now: datetime, idle: timedelta = timedelta.max) -> bool:
    """Tell whether the user is signed in anywhere."""
    query = select(exists().where(sign_ins.c.user_id == user_id, *_lasts(now, idle)))
    return bool(connection.execute(query).scalar_one())


def of_user(connection: Connection, user_id: int, now: datetime, idle: timedelta) -> list[SignIn]:
    """List the user's valid sign-ins, the last used first."""
    columns = (sign_ins.c[name] for name in SignIn.__dataclass_fields__)
    query = select(*columns).where(sign_ins.c.user_id == user_id, *_lasts(now, idle))
    rows = connection.execute(query.order_by(sign_ins.c.used_at.desc(), sign_ins.c.created_at.desc()))
    return [SignIn(*row) for row in rows]


def is_used(connection: Connection, token: str, now: datetime) -> bool:
    """Tell whether the current use of the sign-in is stored already."""
    query = select(exists().where(sign_ins.c.token_hash == hash_token(token), sign_ins.c.used_at > now - USED_EVERY))
    return bool(connection.execute(query).scalar_one())


def use(connection: Connection, token_hashes: Iterable[str], now: datetime) -> None:
    """Store that these sign-ins are used now."""
    connection.execute(update(sign_ins).where(sign_ins.c.token_hash.in_(set(token_hashes))).values(used_at=now))


def _lasts(now: datetime, idle: timedelta) -> tuple[ColumnElement[bool], ...]:
    lasts = sign_ins.c.expires_at > now
    return (lasts,) if idle == timedelta.max else (lasts, sign_ins.c.used_at > now - idle)


def end_one(connection: Connection, user_id: int, token_hash: str) -> None:
    """End one of the user's sign-ins, if it exists."""
    connection.execute(delete(sign_ins).where(sign_ins.c.user_id == user_id, sign_ins.c.token_hash == token_hash))


def end(connection: Connection, token: str) -> None:
    """End a sign-in, if it exists."""
    connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == hash_token(token)))


def end_all(connection: Connection, user_id: int) -> None:
    """Sign the user out everywhere."""
    connection.execute(delete(sign_ins).where(sign_ins.c.user_id == user_id))


def purge(connection: Connection, now: datetime) -> None:
    """Delete expired sign-ins."""
    connection.execute(delete(sign_ins).where(sign_ins.c.expires_at <= now))
