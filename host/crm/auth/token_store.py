"""The CRM connection's tokens in the database, encrypted; one refresh at a time over all processes.

A refresh holds a lease; its result is saved only if nobody has saved another since (`version`).
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

_NOBODY: dict[str, Any] = {"lease_owner": None, "lease_until": None}

State = Literal["new", "connected", "needs_reconnect", "disconnected"]


class Cipher(Protocol):
    """Encrypts what is stored; `host.settings.secrets.Secrets`."""

    def encrypt(self, text: str) -> dict[str, str]:
        """Return what to store."""
        ...

    def decrypt(self, stored: dict[str, str]) -> str:
        """Return the text."""
        ...


@dataclass(frozen=True)
class Kept:
    """The connection as it is now."""

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
        """Tell whether somebody refreshes it."""
        return self.lease_until is not None and now < self.lease_until


class TokenStore:
    """Reads and changes the connection; every change is one transaction."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self._database = database
        self._cipher = cipher
        self._clock = clock

    def read(self) -> Kept | None:
        """Return the connection, None when there has never been one."""
        with self._database.read() as connection:
            row = connection.execute(_row()).mappings().one_or_none()
        return self._kept(row) if row else None

    def lease(self, owner: str, fingerprint: str, lasts: timedelta) -> Kept | None:
        """Take the right to refresh; None while somebody else has it.

        Tokens of other settings are dropped.

        Args:
            owner: Never used before.
            fingerprint: Of the settings as they are now.
            lasts: Longer than a token request can take.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            fresh = {"name": NAME, "fingerprint": fingerprint, "state": "new", "version": 0, "updated_at": now}
            connection.execute(
                insert(connection, oauth_tokens).values(fresh).on_conflict_do_nothing(index_elements=["name"])
            )
            kept = self._locked(connection)
            if kept.is_leased(now):
                return None
            if kept.fingerprint != fingerprint:
                values = {**_nothing("new"), "fingerprint": fingerprint, "version": kept.version + 1}
                _change(connection, now, **values, connected_at=None)
            _change(connection, now, lease_owner=owner, lease_until=now + lasts)
            return self._locked(connection)

    def save(self, leased: Kept, granted: Granted) -> bool:
        """Keep what a refresh has brought, before anybody uses it; False when it comes too late."""
        with self._changing(leased) as (connection, kept):
            if kept is None:
                return False
            self._put(connection, kept, granted)
            _release(connection, leased)
            return True

    def fail(self, leased: Kept, reason: str) -> None:
        """Note that the connection needs a person, unless it has changed since the refresh began."""
        with self._changing(leased) as (connection, kept):
            if kept is not None and kept.version == leased.version:
                values = {**_nothing("needs_reconnect"), "reason": reason, "version": kept.version + 1}
                _change(connection, self._clock.now(), **values)
            _release(connection, leased)

    def give_back(self, leased: Kept) -> None:
        """End the lease: the refresh has brought nothing, and the next one may try."""
        with self._database.write() as connection:
            _release(connection, leased)

    def connect(self, fingerprint: str, granted: Granted) -> None:
        """Keep the tokens of a new authorization, whatever there was before."""
        now = self._clock.now()
        fresh = {"name": NAME, "fingerprint": fingerprint, "state": "new", "version": 0, "updated_at": now}
        with self._database.write() as connection:
            connection.execute(
                insert(connection, oauth_tokens).values(fresh).on_conflict_do_nothing(index_elements=["name"])
            )
            kept = self._locked(connection)
            values = _nothing("new") | _NOBODY
            _change(connection, now, **values, fingerprint=fingerprint, version=kept.version, connected_at=now)
            self._put(connection, self._locked(connection), granted)

    def disconnect(self) -> None:
        """Forget the tokens; a refresh that is on its way saves nothing any more."""
        with self._database.write() as connection:
            if connection.execute(_row().with_for_update()).mappings().one_or_none():
                kept = self._locked(connection)
                values = _nothing("disconnected") | _NOBODY
                _change(connection, self._clock.now(), **values, version=kept.version + 1, connected_at=None)

    @contextmanager
    def _changing(self, leased: Kept) -> Iterator[tuple[Connection, Kept | None]]:
        """Open a transaction on what is still the lease's, or has at least not changed since; else on None."""
        with self._database.write() as connection:
            kept = self._locked(connection)
            is_ours = kept.lease_owner == leased.lease_owner or kept.version == leased.version
            yield connection, kept if is_ours else None

    def _put(self, connection: Connection, kept: Kept, granted: Granted) -> None:
        """Write the new pair; what did not come along stays."""
        now = self._clock.now()
        tokens = [granted.access_token, granted.refresh_token or kept.refresh_token]
        # Encrypted while we hold the row: a rotation of the keys comes before or after, never in between.
        values: dict[str, Any] = {
            "state": "connected",
            "reason": None,
            "tokens": self._cipher.encrypt(writing.typed(tokens)),
            "base_url": granted.base_url or kept.base_url or None,
            "version": kept.version + 1,
            "renew_at": now + timedelta(seconds=granted.good_for_s) if granted.good_for_s is not None else None,
            "connected_at": kept.connected_at or now,
        }
        _change(connection, now, **values)

    def _locked(self, connection: Connection) -> Kept:
        return self._kept(connection.execute(_row().with_for_update()).mappings().one())

    def _kept(self, row: RowMapping) -> Kept:
        tokens = lenient.read(self._cipher.decrypt(row["tokens"])) if row["tokens"] else ["", ""]
        return Kept(
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


def base_url(connection: Connection) -> str:
    """Return what `{BASE_URL}` stands for; empty when no token answer has told it."""
    found = connection.execute(select(oauth_tokens.c.base_url).where(oauth_tokens.c.name == NAME)).scalar_one_or_none()
    return found or ""


def _row() -> Any:
    return select(oauth_tokens).where(oauth_tokens.c.name == NAME)


def _change(connection: Connection, now: datetime, **values: Any) -> None:
    connection.execute(update(oauth_tokens).where(oauth_tokens.c.name == NAME).values(**values, updated_at=now))


def _release(connection: Connection, leased: Kept) -> None:
    """End the lease, if it is still this one: whoever has leased it since goes on."""
    mine = (oauth_tokens.c.name == NAME) & (oauth_tokens.c.lease_owner == leased.lease_owner)
    connection.execute(update(oauth_tokens).where(mine).values(**_NOBODY))


def _nothing(state: State) -> dict[str, Any]:
    """Return the columns of a connection without tokens."""
    empty = ("tokens", "reason", "base_url", "renew_at")
    return {"state": state, **dict.fromkeys(empty)}
