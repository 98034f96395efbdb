"""Stores the OAuth tokens in the database, encrypted; a lease allows one refresh at a time across processes.

The result of a refresh is saved only if no other result was saved meanwhile (`version`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, cast

from sqlalchemy import Connection, RowMapping, select, update

from host.clock import Clock
from host.crm.auth.oauth_grants import Granted, is_sendable
from host.db.engine import Database
from host.db.tables import oauth_tokens
from host.db.upsert import insert
from host.gate import lenient, writing

NAME = "crm"
STATES = ("new", "connected", "needs_reconnect", "disconnected")

_NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_until": None}

State = Literal["new", "connected", "needs_reconnect", "disconnected"]


class Cipher(Protocol):
    """Encrypts the stored tokens; see `host.settings.secrets.Secrets`."""

    def encrypt(self, text: str) -> dict[str, str]:
        """Return the encrypted text as JSON."""
        ...

    def decrypt(self, stored: dict[str, str]) -> str:
        """Return the text."""
        ...


@dataclass(frozen=True)
class StoredConnection:
    """The connection as the database has it."""

    fingerprint: str
    state: State
    version: int
    reason: str = ""
    base_url: str = ""
    renew_at: datetime | None = None
    connected_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)

    def is_usable(self, now: datetime) -> bool:
        """Tell whether its access token can be sent."""
        return self.state == "connected" and bool(self.access_token) and (self.renew_at is None or now < self.renew_at)

    def is_leased(self, now: datetime) -> bool:
        """Tell whether a refresh is in progress."""
        return self.lease_until is not None and now < self.lease_until


class TokenStore:
    """Reads and changes one connection; every change is one transaction."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock, name: str = NAME) -> None:
        """Keep the dependencies.

        Args:
            database: Stores the tokens.
            cipher: Encrypts them.
            clock: The time.
            name: Of the connection; each has a row of its own.
        """
        self._name = name
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def read(self) -> StoredConnection | None:
        """Return the connection; None when there was never one."""
        with self._database.read() as connection:
            row = connection.execute(self._row()).mappings().one_or_none()
        return self._connection_of(row) if row else None

    def lease(self, owner: str, fingerprint: str, lasts: timedelta) -> StoredConnection | None:
        """Take the lease for a refresh; None while another owner has it.

        Tokens of other settings are deleted.

        Args:
            owner: A new unique text.
            fingerprint: Of the current settings.
            lasts: Longer than a token request can take.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            fresh = {"name": self._name, "fingerprint": fingerprint, "state": "new", "version": 0, "updated_at": now}
            connection.execute(
                insert(connection, oauth_tokens).values(fresh).on_conflict_do_nothing(index_elements=["name"])
            )
            stored = self._lock_row(connection)
            if stored.is_leased(now):
                return None
            if stored.fingerprint != fingerprint:
                values = {**_without_tokens("new"), "fingerprint": fingerprint, "version": stored.version + 1}
                self._change(connection, now, **values, connected_at=None)
            self._change(connection, now, lease_owner=owner, lease_until=now + lasts)
            return self._lock_row(connection)

    def save(self, leased: StoredConnection, granted: Granted) -> bool:
        """Save the result of a refresh before its tokens are used; False when it is too late."""
        with self._change_leased(leased) as (connection, stored):
            if stored is None:
                return False
            self._write_tokens(connection, stored, granted)
            self._release(connection, leased)
            return True

    def fail(self, leased: StoredConnection, reason: str) -> None:
        """Mark the connection as needing a person, unless it has changed since the refresh began."""
        with self._change_leased(leased) as (connection, stored):
            if stored is not None and stored.version == leased.version:
                values = {**_without_tokens("needs_reconnect"), "reason": reason, "version": stored.version + 1}
                self._change(connection, self._clock.now(), **values)
            self._release(connection, leased)

    def release(self, leased: StoredConnection) -> None:
        """Release the lease; it may be released already."""
        with self._database.write() as connection:
            self._release(connection, leased)

    def connect(self, fingerprint: str, granted: Granted) -> None:
        """Store the tokens of a new authorization; they replace the previous ones."""
        now = self._clock.now()
        fresh = {"name": self._name, "fingerprint": fingerprint, "state": "new", "version": 0, "updated_at": now}
        with self._database.write() as connection:
            connection.execute(
                insert(connection, oauth_tokens).values(fresh).on_conflict_do_nothing(index_elements=["name"])
            )
            stored = self._lock_row(connection)
            values = _without_tokens("new") | _NO_LEASE
            self._change(connection, now, **values, fingerprint=fingerprint, version=stored.version, connected_at=now)
            self._write_tokens(connection, self._lock_row(connection), granted)

    def disconnect(self) -> None:
        """Delete the tokens; the result of a refresh in progress is not saved."""
        with self._database.write() as connection:
            if connection.execute(self._row().with_for_update()).mappings().one_or_none():
                stored = self._lock_row(connection)
                values = _without_tokens("disconnected") | _NO_LEASE
                self._change(connection, self._clock.now(), **values, version=stored.version + 1, connected_at=None)

    @contextmanager
    def _change_leased(self, leased: StoredConnection) -> Iterator[tuple[Connection, StoredConnection | None]]:
        """Open a transaction with the connection; with None when the lease is lost and the connection has changed."""
        with self._database.write() as connection:
            stored = self._lock_row(connection)
            is_ours = stored.lease_owner == leased.lease_owner or stored.version == leased.version
            yield connection, stored if is_ours else None

    def _write_tokens(self, connection: Connection, stored: StoredConnection, granted: Granted) -> None:
        """Write the new tokens; values that the answer lacks are stored."""
        now = self._clock.now()
        tokens = [granted.access_token, granted.refresh_token or stored.refresh_token]
        # Encrypted while the row is locked, so that no key rotation can happen in between.
        values: dict[str, Any] = {
            "state": "connected",
            "reason": None,
            "tokens": self._cipher.encrypt(writing.typed(tokens)),
            "base_url": granted.base_url or stored.base_url or None,
            "version": stored.version + 1,
            "renew_at": now + timedelta(seconds=granted.good_for_s) if granted.good_for_s is not None else None,
            "connected_at": stored.connected_at or now,
        }
        self._change(connection, now, **values)

    def _lock_row(self, connection: Connection) -> StoredConnection:
        return self._connection_of(connection.execute(self._row().with_for_update()).mappings().one())

    def _connection_of(self, row: RowMapping) -> StoredConnection:
        tokens = lenient.read(self._cipher.decrypt(row["tokens"])) if row["tokens"] else ["", ""]
        return StoredConnection(
            fingerprint=row["fingerprint"],
            state=cast("State", row["state"]),
            version=row["version"],
            reason=row["reason"] or "",
            base_url=row["base_url"] or "",
            renew_at=row["renew_at"],
            connected_at=row["connected_at"],
            lease_owner=row["lease_owner"],
            lease_until=row["lease_until"],
            access_token=tokens[0] if is_sendable(tokens[0]) else "",
            refresh_token=tokens[1],
        )

    def _row(self) -> Any:
        return select(oauth_tokens).where(oauth_tokens.c.name == self._name)

    def _change(self, connection: Connection, now: datetime, **values: Any) -> None:
        connection.execute(
            update(oauth_tokens).where(oauth_tokens.c.name == self._name).values(**values, updated_at=now)
        )

    def _release(self, connection: Connection, leased: StoredConnection) -> None:
        """Release this lease; a newer lease of another owner stays."""
        mine = (oauth_tokens.c.name == self._name) & (oauth_tokens.c.lease_owner == leased.lease_owner)
        connection.execute(update(oauth_tokens).where(mine).values(**_NO_LEASE))


def base_url(connection: Connection) -> str:
    """Return the value of `{BASE_URL}`; empty when no token answer had one."""
    found = connection.execute(select(oauth_tokens.c.base_url).where(oauth_tokens.c.name == NAME)).scalar_one_or_none()
    return found or ""


def _without_tokens(state: State) -> dict[str, Any]:
    """Return the columns of a connection without tokens."""
    empty = ("tokens", "reason", "base_url", "renew_at")
    return {"state": state, **dict.fromkeys(empty)}
