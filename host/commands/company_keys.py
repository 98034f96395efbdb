"""`patchbay keys add | list | renew | remove`: the company keys of the platform API."""

from collections.abc import Iterable
from datetime import timedelta

from host import company
from host.clock import SystemClock
from host.config import Config
from host.db.engine import Database
from host.errors import ConfigError
from host.users import company_keys


def add(database: Database, name: str, scopes: Iterable[str]) -> list[str]:
    """Add a key; return lines for the terminal with its secret, which is shown only here.

    Raises:
        ConfigError: The name or a scope can't be used.
    """
    with database.write() as connection:
        made, secret = company_keys.add(connection, name, scopes, SystemClock().now())
    return [
        f"{made.name} may {_may(made.scopes)}. Its secret is shown only now:",
        f"  key     {made.key}",
        f"  secret  {secret}",
    ]


def listed(database: Database, config: Config) -> list[str]:
    """Return a line for each key."""
    where = "PATCHBAY_COMPANY_KEY" if config.company_key else company.FILE
    first = company.company_key(config)
    lines = [f"{first.key}  the first  may {_may(company_keys.SCOPES)}  in {where}"]
    with database.read() as connection:
        for each in company_keys.all(connection):
            used = f"last used {each.used_at:%Y-%m-%d %H:%M} UTC" if each.used_at else "never used"
            old = f"  old secret until {each.old_until:%Y-%m-%d %H:%M} UTC" if _is_ahead(each) else ""
            lines.append(f"{each.key}  {each.name}  may {_may(each.scopes)}  {used}{old}")
    return lines


def renew(database: Database, config: Config, key: str, keep_hours: int) -> list[str]:
    """Give a key another secret; return lines for the terminal.

    Raises:
        ConfigError: There is no such key, or it comes from the environment.
    """
    if key == company.company_key(config).key:
        company.renew(config)
        return [
            f"{key} has another secret, in {config.data / company.FILE}.",
            "Restart the host: until then the old one is good.",
        ]
    with database.write() as connection:
        secret = company_keys.renew(connection, key, SystemClock().now(), timedelta(hours=keep_hours))
    if secret is None:
        raise ConfigError(f"There is no key {key!r}; `patchbay keys list` names them.")
    return [f"{key} has another secret, shown only now; the old one is good for {keep_hours} h.", f"  secret  {secret}"]


def remove(database: Database, key: str) -> str:
    """Delete a key; return a line for the terminal.

    Raises:
        ConfigError: There is no such key here.
    """
    with database.write() as connection:
        if company_keys.remove(connection, key):
            return f"{key} is gone."
    raise ConfigError(f"There is no key {key!r} to remove; the first one can be renewed.")


def _may(scopes: Iterable[str]) -> str:
    return " and ".join(scopes)


def _is_ahead(key: company_keys.CompanyKey) -> bool:
    return key.old_until is not None and key.old_until > SystemClock().now()
