"""The data folder: create it, and check that this user can use it before anything is written.

A folder or file of another user would otherwise fail later, with a different message in each part of the host.
"""

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

from host.errors import ConfigError

OURS = (
    "patchbay.db",
    "patchbay.db-wal",
    "patchbay.db-shm",
    "secret-keys",
    "company-key.json",
    "serve.lock",
    "worker.lock",
    "starter-crm",
)
"""Files of a data folder; the first process that needs one writes it."""
ELSEWHERE = "or choose another folder with --data or PATCHBAY_DATA"


def make(folder: Path) -> None:
    """Make the folder, with mode 700, unless it exists.

    Raises:
        ConfigError: It is a file, can't be made, or belongs to another user; says what to do.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ConfigError(f"Data folder {folder}: {problem(folder)}") from error
    except OSError as error:
        raise ConfigError(
            f"Data folder {folder}: it can't be made ({error.strerror}) by {_name(os.geteuid())}. "
            f"Make it and give it to that user, {ELSEWHERE}."
        ) from error
    if reason := problem(folder):
        raise ConfigError(f"Data folder {folder}: {reason}")


def problem(folder: Path) -> str:
    """Return why an existing folder can't be used, and what to do; empty when it can."""
    if not folder.is_dir():
        return f"a file is in its place. Move the file, {ELSEWHERE}."
    for path in _not_ours(folder):
        owner, we = _name(path.stat().st_uid), _name(os.geteuid())
        if owner == we:
            return f"{we} can't read and write {path}. Run `chmod -R u+rwX {folder}`, {ELSEWHERE}."
        return (
            f"{path} belongs to {owner}, and {we} can't use it. Run this as {owner}, "
            f"give the folder away (chown -R {we} {folder}), {ELSEWHERE}."
        )
    return ""


def find(folder: Path) -> None:
    """Check a folder that must exist.

    Raises:
        ConfigError: It doesn't exist, isn't a data folder, or can't be used.
    """
    if not folder.is_dir():
        raise ConfigError(f"There is no data folder {folder}. `patchbay init` makes one; or give the right --data.")
    make(folder)
    others = sorted(path.name for path in folder.iterdir())
    if others and not set(others) & set(OURS):
        raise ConfigError(
            f"{folder} is no data folder: it holds {others[0]} and nothing of ours. Give the right --data."
        )


def _not_ours(folder: Path) -> Iterator[Path]:
    """Yield the folder or files that this user can't read and write."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield folder
        return
    for path in (folder / name for name in OURS):
        needed = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
        if path.exists() and not os.access(path, needed):
            yield path


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
