"""Migrates a database to the tables of this version.

Several processes may start together: the first one migrates, the others wait. Migrations have no downgrade; to go back,
restore a backup.
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

# Any number that nothing else in the database uses.
ADVISORY_LOCK = 7_283_105


def upgrade(database: Database) -> None:
    """Migrate to the newest revision; quick when there is nothing to do.

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
    """Tell whether the database is at the newest revision."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return MigrationContext.configure(connection).get_current_revision() == _scripts().get_current_head()


def differences(database: Database) -> list[Any]:
    """List the differences between the tables in the code and the database."""
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts=configuration())
        return list(compare_metadata(context, metadata))


def write_revision(database: Database, message: str) -> None:
    """Write the migration from the database, which must be current, to the tables in the code."""
    with _exclusively(database) as connection:
        number = len(list(_scripts().walk_revisions())) + 1
        command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04d}")


def configuration() -> dict[str, Any]:
    """Return the options for Alembic."""
    return {
        "target_metadata": metadata,
        "include_name": _is_ours,
        "render_as_batch": True,  # SQLite alters a table by copying it
        "user_module_prefix": "",  # the script template imports our column types
        "transactional_ddl": True,  # so that a migration that fails leaves nothing behind, on SQLite too
    }


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether a table is ours; the job engine's tables are in the same database."""
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
    """Open a transaction while no other process migrates."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            # Copying a table would break references to it; the pragma works outside a transaction only.
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - a pooled connection that is checked out has one
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
                yield connection
        finally:
            connection.invalidate()  # a new connection sets its pragmas again
