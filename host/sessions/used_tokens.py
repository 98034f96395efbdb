"""Tokens that may be used once: a row marks a used one."""

from datetime import datetime

from sqlalchemy import Connection, delete

from host.db.tables import used_tokens
from host.db.upsert import insert
from host.errors import FieldsError
from host.sessions.custom_data import UsedToken


def use(connection: Connection, token: UsedToken | None) -> None:
    """Mark a token as used, in the transaction that uses it.

    Raises:
        FieldsError: It was used before.
    """
    if token is None:
        return
    row = {"id_hash": token.id_hash, "expires_at": token.expires_at}
    added = connection.execute(insert(connection, used_tokens).values(**row).on_conflict_do_nothing())
    if added.rowcount != 1:
        raise FieldsError(
            {"custom_data_jwt": "cannot be trusted (its jti has been used); sign a new one for each start"}
        )


def purge(connection: Connection, now: datetime) -> None:
    """Delete tokens that have expired: from then on their `exp` refuses them."""
    connection.execute(delete(used_tokens).where(used_tokens.c.expires_at <= now))
