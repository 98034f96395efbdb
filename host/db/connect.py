"""Opens the database for a command, with a clear error when it can't be reached."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from host.db.engine import Database
from host.errors import ConfigError

MOST_CHARACTERS = 200
"""Of the driver's message."""


def open_database(database_url: str) -> Database:
    """Return the database after a first connection.

    Raises:
        ConfigError: The address is invalid, or the database can't be reached; says what to do, never the password.
    """
    try:
        url, database = make_url(database_url), Database(database_url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "DATABASE_URL: found no address of a database; right is postgresql+psycopg://user:password@host:5432/name"
        ) from error
    try:
        database.engine.connect().close()
    except DBAPIError as error:
        database.close()
        raise ConfigError(f"The database {_place(url)} can't be reached: {_reason(error)}. {_advice(url)}") from error
    return database


def _place(url: URL) -> str:
    if url.host is None:
        return url.database or ""
    return f"{url.database} at {url.host}:{url.port or 5432}"


def _reason(error: DBAPIError) -> str:
    said = str(error.orig).strip().splitlines() or [type(error).__name__]
    return said[0].rstrip(". ")[:MOST_CHARACTERS]


def _advice(url: URL) -> str:
    if url.host is None:
        return "Look whether it is a database and this user may write there, or restore a backup."
    return "Start it, or correct DATABASE_URL."
