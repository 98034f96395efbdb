"""Bring a database to the tables that this version needs.

Safe when several processes start together: the first one migrates, the others wait and find it done.
There is no way back but a backup, so migrations have no downgrade.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from host.db.engine import Database
from host.db.tables import metadata
from host.errors import ConfigError

FOLDER = Path(__file__).with_name("migrations")

# Any number will do, as long as nothing else in the database uses it.
ADVISORY_LOCK = 7_283_105


def upgrade(database: Database) -> None:
    """Migrate to the newest revision; quick when it is there already.

    Raises:
        ConfigError: The database was written by a newer version, or a migration broke its references.
    """
    if is_current(database):
        return
    with _exclusively(database) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in _scripts().walk_revisions()}
        if found is not None and found not in known:
            raise ConfigError(
                f"The database is of a newer version (revision {found}); start that version, or restore a backup."
            )
        command.upgrade(_config(connection), "head")
        if database.is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).fetchone()):
            raise ConfigError(f"The migration left a row of {broken[0]} that refers to nothing; nothing was changed.")


def is_current(database: Database) -> bool:
    """Whether the database is at the newest revision."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return MigrationContext.configure(connection).get_current_revision() == _scripts().get_current_head()


def differences(database: Database) -> list[Any]:
    """List what the tables in the code have and the database has not, or the other way round."""
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts=configuration())
        return list(compare_metadata(context, metadata))


def write_revision(database: Database, message: str) -> None:
    """Write the script that leads from the database, which must be current, to the tables in the code."""
    with _exclusively(database) as connection:
        number = len(list(_scripts().walk_revisions())) + 1
        command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04d}")


def configuration() -> dict[str, Any]:
    """Return how Alembic looks at our database."""
    return {
        "target_metadata": metadata,
        "include_name": _is_ours,
        "render_as_batch": True,  # SQLite alters a table by writing it anew
        "user_module_prefix": "",  # the script template imports our column types
        "transactional_ddl": True,  # so that a migration that fails leaves nothing behind, on SQLite too
    }


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave the job engine's tables alone: they live in the same database."""
    return kind != "table" or (name or "").startswith("pb_")


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER))


@contextmanager
def _exclusively(database: Database) -> Iterator[Connection]:
    """Open a transaction that no other migrating process has beside it."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            # Writing a table anew would trip over references to it; the pragma works outside a transaction only.
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - a pooled connection that is checked out has one
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
                yield connection
        finally:
            connection.invalidate()  # the next one gets its pragmas anew
