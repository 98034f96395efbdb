"""Encrypts and decrypts stored secrets; each is stored as `{"fernet": "<token>"}`.

The keys come from the environment, newest first, or from a file in the data folder that only its owner may read.
"""

import os
import secrets as random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from host.errors import ConfigError
from host.private_files import write_private

TOKEN = "fernet"  # noqa: S105 - the key in the stored JSON, not a secret
KEY_FILE = "secret-keys"
OWNER_ONLY = 0o600


class Secrets:
    """Encrypts with the newest key, decrypts with any.

    Args:
        read_keys: Returns the keys, newest first; called again when no key fits, because another process may have
            added one.
        replace_keys: Stores other keys; None: the keys come from the environment.
    """

    def __init__(
        self, read_keys: Callable[[], Sequence[str]], replace_keys: Callable[[Sequence[str]], None] | None = None
    ) -> None:
        self._read_keys = read_keys
        self._replace_keys = replace_keys
        self._fernet = _fernet(read_keys())

    @classmethod
    def of(cls, keys: Sequence[str], data: Path) -> "Secrets":
        """Use the keys of the environment, else those of the key file, which is made on first use."""
        if keys:
            return cls(lambda: keys)
        path = data / KEY_FILE
        return cls(lambda: _read_or_make(path), lambda changed: _replace(path, changed))

    def encrypt(self, text: str) -> dict[str, str]:
        """Return the value to store for a secret."""
        self._fernet = _fernet(self._read_keys())
        return {TOKEN: self._fernet.encrypt(text.encode()).decode()}

    def decrypt(self, stored: dict[str, str]) -> str:
        """Return a secret's text.

        Raises:
            ConfigError: None of the keys fits.
        """
        token = stored[TOKEN].encode()
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            self._fernet = _fernet(self._read_keys())
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken as error:
            raise ConfigError(
                "no secret key fits what is stored; give the keys that it was stored with in PATCHBAY_SECRET_KEYS, "
                f"or put the file {KEY_FILE} back into the data folder"
            ) from error

    def decrypt_all(self, value: Any) -> Any:
        """Return JSON with all its encrypted secrets as plain text."""
        return mapped(value, self.decrypt)

    def encrypt_again(self, value: Any) -> Any:
        """Return JSON with all its encrypted secrets under the newest key."""
        return mapped(value, lambda stored: self.encrypt(self.decrypt(stored)))

    def add_key(self) -> bool:
        """Add a new key before the others; return False when the keys come from the environment."""
        if self._replace_keys is None:
            return False
        self._replace_keys([Fernet.generate_key().decode(), *self._read_keys()])
        return True

    def drop_old_keys(self) -> None:
        """Keep only the newest key; call it after everything was encrypted again."""
        if self._replace_keys is not None:
            self._replace_keys(self._read_keys()[:1])


def is_token(value: object) -> bool:
    """Tell whether a value is an encrypted secret."""
    return isinstance(value, dict) and value.keys() == {TOKEN} and isinstance(value[TOKEN], str)


def tokens_in(value: Any) -> int:
    """Count the encrypted secrets in JSON."""
    if is_token(value):
        return 1
    if isinstance(value, dict):
        return sum(map(tokens_in, value.values()))
    return sum(map(tokens_in, value)) if isinstance(value, list) else 0


def mapped(value: Any, change: Callable[[dict[str, str]], Any]) -> Any:
    """Return JSON with every encrypted secret replaced by `change` of it."""
    if is_token(value):
        return change(value)
    if isinstance(value, dict):
        return {key: mapped(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [mapped(each, change) for each in value]
    return value


def _fernet(keys: Sequence[str]) -> MultiFernet:
    made = []
    for number, key in enumerate(keys, start=1):
        try:
            made.append(Fernet(key))
        except ValueError as error:
            raise ConfigError(f"secret key number {number} is none; right is 32 bytes as URL-safe base64") from error
    return MultiFernet(made)


def _read_or_make(path: Path) -> list[str]:
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{random.token_hex(8)}")
        _replace(fresh, [Fernet.generate_key().decode()])
        try:
            os.link(fresh, path)  # fails if another process was faster: then use its keys
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    if path.stat().st_mode & 0o077:
        path.chmod(OWNER_ONLY)
    keys = path.read_text().split()
    if not keys:
        raise ConfigError(f"the file {path.name} in the data folder is empty; put its keys back")
    return keys


def _replace(path: Path, keys: Sequence[str]) -> None:
    write_private(path, "".join(f"{key}\n" for key in keys))
