"""The first company key of the platform API, from the environment or the data folder."""

import secrets
from dataclasses import dataclass, field

from host.config import Config
from host.errors import ConfigError
from host.gate import strict, writing
from host.private_files import write_private

FILE = "company-key.json"


@dataclass(frozen=True)
class CompanyKey:
    """User name and password of the platform API."""

    key: str
    secret: str = field(repr=False)


def company_key(config: Config) -> CompanyKey:
    """Return the key from the environment, else from the data folder; make one when there is none."""
    if config.company_key:
        return CompanyKey(config.company_key, config.company_secret)
    path = config.data / FILE
    if not path.exists():
        _write(config, f"company-{secrets.token_hex(4)}")
    return CompanyKey(**strict.read(path.read_text(encoding="utf-8")))


def renew(config: Config) -> None:
    """Give the data folder's key another secret; a running host uses it after a restart.

    Raises:
        ConfigError: The key comes from the environment.
    """
    if config.company_key:
        raise ConfigError("This key comes from the environment; change PATCHBAY_COMPANY_SECRET there.")
    _write(config, company_key(config).key)


def _write(config: Config, key: str) -> None:
    made = {"key": key, "secret": secrets.token_urlsafe(32)}
    write_private(config.data / FILE, writing.text(made) + "\n")
