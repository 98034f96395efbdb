"""Direct access to the engine's tables: find and delete jobs that this host has not written, or all of them.

The rows of `pb_intents` and `pb_jobs` say what is due; the engine only holds the jobs handed over to it.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Select, String, TableClause, column, delete, inspect, or_, select, table, text

from host.db.engine import advisory_lock
from host.jobs.serializer import MARK

OURS = ("pb_", "alembic_version")
SCHEMA = "dbos"
"""The schema of the engine's tables on PostgreSQL; on SQLite they are among ours."""
OF_A_JOB = ("workflow_input", "workflow_output", "operation_outputs", "workflow_status")
DONE = ("SUCCESS", "CANCELLED")
OVER = (*DONE, "ERROR")
AT_A_TIME = 500


def foreign(connection: Connection, names: Sequence[str]) -> list[str]:
    """Return the keys of unfinished jobs that this version has not written, or whose name it does not know."""
    advisory_lock(connection, "foreign jobs")
    mark, name = column("serialization", String), column("name", String)
    is_foreign = or_(mark.is_(None), mark != MARK, name.is_(None), name.not_in(names))
    found = _jobs(connection).where(column("status").not_in(DONE), is_foreign).limit(AT_A_TIME)
    return [str(key) for key in connection.execute(found).scalars()]


def drop(connection: Connection, keys: Sequence[str]) -> None:
    """Delete jobs and the results of their steps."""
    for name in OF_A_JOB:
        connection.execute(delete(_table(connection, name)).where(column("workflow_uuid").in_(keys)))


def unfinished(connection: Connection) -> list[str]:
    """Return the keys of jobs that have not ended; none when the engine has no tables yet."""
    status = _table(connection, "workflow_status")
    if not inspect(connection).has_table(status.name, schema=status.schema):
        return []
    return [str(key) for key in connection.execute(_jobs(connection).where(column("status").not_in(OVER))).scalars()]


def clear(connection: Connection) -> None:
    """Drop all tables of the engine; it creates them again when it starts."""
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
        return
    quote = connection.dialect.identifier_preparer.quote_identifier
    for name in inspect(connection).get_table_names():
        if not name.startswith(OURS):
            connection.execute(text(f"DROP TABLE {quote(name)}".replace(":", r"\:")))


def _jobs(connection: Connection) -> Select[tuple[str]]:
    return select(column("workflow_uuid")).select_from(_table(connection, "workflow_status"))


def _table(connection: Connection, name: str) -> TableClause:
    return table(name, column("workflow_uuid"), schema=None if connection.dialect.name == "sqlite" else SCHEMA)
