"""One-time OAuth states: each belongs to one authorization of one sign-in, and expires after ten minutes.

Source: RFC 9700; docs/reference/generic-api.md, Authentication.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_

from host.db.tables import oauth_states
from host.users.sign_ins import hash_token, new_token

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class PendingAuthorization:
    """The authorization that belongs to a redeemed state."""

    fingerprint: str
    verifier: Any
    """Encrypted; None without PKCE."""


@dataclass(frozen=True)
class Requester:
    """The admin who pressed "Connect", and their sign-in."""

    user_id: int
    sign_in_hash: str


def begin(
    connection: Connection, now: datetime, *, fingerprint: str, verifier: Any, requester: Requester | None
) -> str:
    """Store a new authorization; return its nonce.

    Args:
        connection: In a write transaction.
        now: The time.
        fingerprint: Of the settings.
        verifier: Encrypted; None without PKCE.
        requester: None: it begins on the command line, and any signed-in admin may finish it.
    """
    purge(connection, now)
    nonce = new_token()
    values = {
        "nonce_hash": hash_token(nonce),
        "purpose": "crm" if requester else "cli",
        "user_id": requester.user_id if requester else None,
        "sign_in_hash": requester.sign_in_hash if requester else None,
        "fingerprint": fingerprint,
        "verifier": verifier,
        "expires_at": now + LIFETIME,
    }
    connection.execute(insert(oauth_states).values(values))
    return nonce


def redeem(connection: Connection, nonce: str, now: datetime, *, sign_in_hash: str) -> PendingAuthorization | None:
    """Redeem a state once; None when it is unknown, used, expired or of another sign-in."""
    columns = oauth_states.c
    is_mine = or_(columns.purpose == "cli", and_(columns.purpose == "crm", columns.sign_in_hash == sign_in_hash))
    using = (
        delete(oauth_states)
        .where(columns.nonce_hash == hash_token(nonce), is_mine)
        .returning(columns.fingerprint, columns.verifier, columns.expires_at)
    )
    row = connection.execute(using).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return PendingAuthorization(row.fingerprint, row.verifier)


def purge(connection: Connection, now: datetime) -> None:
    """Delete expired states."""
    connection.execute(delete(oauth_states).where(oauth_states.c.expires_at <= now))
