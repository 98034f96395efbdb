"""Runs pg_dump and pg_restore; the password is passed in the environment, where other users can't see it."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from host.errors import ConfigError

PLACES = "usr/lib/postgresql/*/bin"
"""Where Debian installs versions that aren't in the path."""


def dump(database_url: str, target: Path) -> None:
    """Write the whole database to a file.

    Raises:
        ConfigError: pg_dump is missing or fails.
    """
    _run(database_url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(database_url: str, source: Path) -> None:
    """Replace the content of the database, as a whole or not at all.

    Raises:
        ConfigError: pg_restore is missing or fails.
    """
    options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction")
    name = make_url(database_url).database or ""
    _run(database_url, "pg_restore", *options, f"--dbname={name}", str(source))


def _run(database_url: str, program: str, *arguments: str) -> None:
    command = [str(_find(program)), *arguments]
    done = subprocess.run(command, env=_environment(database_url), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ConfigError(f"{program} failed: {done.stderr.strip()[:500]}")


def _find(program: str) -> Path:
    if found := shutil.which(program):
        return Path(found)
    places = [path for path in Path("/").glob(PLACES) if (path / program).exists()]
    if not places:
        raise ConfigError(
            f"{program} is missing; install PostgreSQL's client programs: apt-get install postgresql-client"
        )
    return max(places, key=lambda path: float(path.parent.name)) / program


def _environment(database_url: str) -> dict[str, str]:
    url = make_url(database_url)
    given = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return {**os.environ, **{name: value for name, value in given.items() if value}}
