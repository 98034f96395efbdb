"""One-time tickets, with which a socket or a pop-up window authenticates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert

from host.db.tables import tickets
from host.users.sign_ins import hash_token, new_token

TTL_S = 30


@dataclass(frozen=True)
class Ticket:
    """A ticket that was redeemed."""

    purpose: str
    """`socket`, `consumer`, `popup`."""
    user_id: int | None
    session_id: int | None
    bound_to: str | None
    """A frame's nonce."""
    sign_in: str | None = None
    """The hash of the sign-in for which it was issued."""


def issue(
    connection: Connection,
    purpose: str,
    now: datetime,
    *,
    user_id: int | None = None,
    session_id: int | None = None,
    bound_to: str | None = None,
    sign_in: str | None = None,
    ttl_s: int = TTL_S,
) -> str:
    """Issue a ticket for one use within `ttl_s` seconds; return its token."""
    token = new_token()
    values = {
        "token_hash": hash_token(token),
        "purpose": purpose,
        "user_id": user_id,
        "session_id": session_id,
        "bound_to": bound_to,
        "sign_in": sign_in,
        "expires_at": now + timedelta(seconds=ttl_s),
    }
    connection.execute(insert(tickets).values(values))
    return token


def redeem(
    connection: Connection, token: str, purpose: str, now: datetime, bound_to: str | None = None
) -> Ticket | None:
    """Redeem a ticket; of simultaneous tries only the one that deletes the row succeeds.

    Returns:
        None for a ticket that is unknown, used, expired, for another purpose or bound to something else.
    """
    columns = tickets.c
    using = (
        delete(tickets)
        .where(
            columns.token_hash == hash_token(token),
            columns.purpose == purpose,
            columns.bound_to.is_not_distinct_from(bound_to),
        )
        .returning(*(columns[name] for name in (*Ticket.__dataclass_fields__, "expires_at")))
    )
    row = connection.execute(using).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return Ticket(row.purpose, row.user_id, row.session_id, row.bound_to, row.sign_in)


def redeem_each(connection: Connection, tokens: Iterable[str], purpose: str, now: datetime) -> dict[str, Ticket]:
    """Redeem several tickets that are bound to nothing; return the valid ones by token."""
    columns = tickets.c
    hashes = {hash_token(token): token for token in tokens}
    using = (
        delete(tickets)
        .where(columns.token_hash.in_(hashes), columns.purpose == purpose, columns.bound_to.is_(None))
        .returning(*(columns[name] for name in (*Ticket.__dataclass_fields__, "token_hash", "expires_at")))
    )
    return {
        hashes[row.token_hash]: Ticket(row.purpose, row.user_id, row.session_id, row.bound_to, row.sign_in)
        for row in connection.execute(using)
        if row.expires_at > now
    }


def purge(connection: Connection, now: datetime) -> None:
    """Delete expired tickets."""
    connection.execute(delete(tickets).where(tickets.c.expires_at <= now))
