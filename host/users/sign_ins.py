"""Sign-ins on the server: a random token for the browser, only its hash in the database."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, insert, select

from host.db.tables import sign_ins, users

TOKEN_BYTES = 32


def new_token() -> str:
    """Make 256 random bits, as text that fits a URL or a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return what is stored of a token. A plain hash will do: nobody can guess 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(connection: Connection, user_id: int, now: datetime, session_hours: float) -> str:
    """Sign a user in; give back the token for his browser."""
    token = new_token()
    values = {
        "token_hash": hash_token(token),
        "user_id": user_id,
        "created_at": now,
        "expires_at": now + timedelta(hours=session_hours),
    }
    connection.execute(insert(sign_ins).values(values))
    return token


def find_user_id(connection: Connection, token: str, now: datetime) -> int | None:
    """Return who signed in with this token, while the sign-in lasts and the user is active."""
    query = (
        select(sign_ins.c.user_id)
        .join(users, users.c.id == sign_ins.c.user_id)
        .where(sign_ins.c.token_hash == hash_token(token), sign_ins.c.expires_at > now, users.c.is_active)
    )
    return connection.execute(query).scalar_one_or_none()


def lasting(connection: Connection, token_hashes: Iterable[str], now: datetime) -> set[str]:
    """Return those of these sign-ins that still count; by the hash, which is all that a socket keeps of one."""
    asked = sign_ins.c.token_hash.in_(set(token_hashes))
    return set(connection.execute(select(sign_ins.c.token_hash).where(asked, sign_ins.c.expires_at > now)).scalars())


def has_any(connection: Connection, user_id: int, now: datetime) -> bool:
    """Tell whether the user is signed in anywhere."""
    query = select(exists().where(sign_ins.c.user_id == user_id, sign_ins.c.expires_at > now))
    return bool(connection.execute(query).scalar_one())


def end(connection: Connection, token: str) -> None:
    """End one sign-in; none left is fine too."""
    connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == hash_token(token)))


def end_all(connection: Connection, user_id: int) -> None:
    """Sign the user out everywhere."""
    connection.execute(delete(sign_ins).where(sign_ins.c.user_id == user_id))


def purge(connection: Connection, now: datetime) -> None:
    """Delete what has run out."""
    connection.execute(delete(sign_ins).where(sign_ins.c.expires_at <= now))
