"""Further company keys of the platform API, in the database: name, scopes, and the hash of the secret.

The first key, from the environment or the data folder (`host.company`), has all scopes and no row.

Source: docs/reference/platform-api.md, Platform API.
"""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from host.db.engine import locked
from host.db.tables import company_keys
from host.errors import ConfigError
from host.users.sign_ins import hash_token, new_token

PREFIX = "company-"
SCOPES = ("read", "write")
MOST_CHARACTERS = 100
KEEP_OLD = timedelta(hours=24)
"""How long an old secret stays valid after it was replaced."""
NOTED_EVERY = timedelta(hours=1)
"""How often the last use of a key is stored."""


@dataclass(frozen=True)
class CompanyKey:
    """One key, without its secret."""

    id: int
    key: str
    """`company-0a1b2c3d4e5f`: the user name."""
    name: str
    """Its owner: `Telephony gateway`."""
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None
    """To the hour."""
    old_until: datetime | None
    """Until when the previous secret is valid."""


def add(connection: Connection, name: str, scopes: Iterable[str], now: datetime) -> tuple[CompanyKey, str]:
    """Add a key; return it with its secret, of which only the hash is stored.

    Raises:
        ConfigError: The name or the scopes are invalid, or the name is used.
    """
    wanted = tuple(scope for scope in SCOPES if scope in set(scopes))
    name = name.strip()
    if not 1 <= len(name) <= MOST_CHARACTERS or not name.isprintable():
        raise ConfigError(f"A key's name has 1 to {MOST_CHARACTERS} printable characters; found {len(name)}.")
    if not wanted:
        raise ConfigError(f"A key needs one of the scopes {' and '.join(SCOPES)}.")
    if name in {each.name for each in all(connection)}:
        raise ConfigError(f"There is a key {name!r} already; choose another name, or renew that one.")
    secret = new_token()
    values = {"key": f"{PREFIX}{secrets.token_hex(6)}", "name": name, "scopes": list(wanted), "created_at": now}
    row = connection.execute(
        insert(company_keys).values(**values, secret_hash=hash_token(secret)).returning(company_keys)
    )
    return _key(row.mappings().one()), secret


def all(connection: Connection) -> Sequence[CompanyKey]:
    """Return the keys, oldest first."""
    return [_key(row) for row in connection.execute(select(company_keys).order_by(company_keys.c.id)).mappings()]


def renew(connection: Connection, key: str, now: datetime, keep: timedelta = KEEP_OLD) -> str | None:
    """Give a key a new secret, and return it; the old one stays valid for `keep`. None: no such key."""
    row = (
        connection.execute(locked(connection, select(company_keys).where(company_keys.c.key == key))).mappings().first()
    )
    if row is None:
        return None
    secret = new_token()
    changed = {"secret_hash": hash_token(secret), "old_hash": row["secret_hash"], "old_until": now + keep}
    connection.execute(update(company_keys).where(company_keys.c.id == row["id"]).values(**changed))
    return secret


def remove(connection: Connection, key: str) -> bool:
    """Delete a key; return whether it existed."""
    return connection.execute(delete(company_keys).where(company_keys.c.key == key)).rowcount == 1


def is_known(connection: Connection, key: str) -> bool:
    """Tell whether there is such a key."""
    return connection.execute(select(company_keys.c.id).where(company_keys.c.key == key)).first() is not None


def find(connection: Connection, key: str, secret: str, now: datetime) -> CompanyKey | None:
    """Return the key if the secret is correct, else None."""
    row = connection.execute(select(company_keys).where(company_keys.c.key == key)).mappings().first()
    if row is None:
        return None
    given = hash_token(secret)
    is_new = hmac.compare_digest(given, row["secret_hash"])
    is_old = hmac.compare_digest(given, row["old_hash"] or "")
    return _key(row) if is_new or (is_old and row["old_until"] > now) else None


def is_to_note(key: CompanyKey, now: datetime) -> bool:
    """Tell whether the use of a key should be stored now."""
    return key.used_at is None or now - key.used_at >= NOTED_EVERY


def note_use(connection: Connection, key: CompanyKey, now: datetime) -> None:
    """Store the time of use, so that admins see which keys are unused."""
    connection.execute(update(company_keys).where(company_keys.c.id == key.id).values(used_at=now))


def _key(row: RowMapping) -> CompanyKey:
    values = {name: row[name] for name in CompanyKey.__dataclass_fields__}
    return CompanyKey(**values | {"scopes": tuple(row["scopes"])})
