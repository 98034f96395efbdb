"""The engine's tables, looked at without the engine: which of its rows aren't ours, and how to do without them.

Our own rows (`pb_intents`, `pb_jobs`) say what is due; the engine only holds what has been handed over to it.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Select, String, TableClause, column, delete, inspect, or_, select, table, text

from host.db.engine import advisory_lock
from host.jobs.serializer import MARK

OURS = ("pb_", "alembic_version")
SCHEMA = "dbos"
"""Where the engine's tables are on PostgreSQL; on SQLite they stand beside ours."""
OF_A_JOB = ("workflow_input", "workflow_output", "operation_outputs", "workflow_status")
DONE = ("SUCCESS", "CANCELLED")
OVER = (*DONE, "ERROR")
AT_A_TIME = 500


def foreign(connection: Connection, names: Sequence[str]) -> list[str]:
    """Return the keys of jobs that aren't done and that this version hasn't written, or can't know."""
    advisory_lock(connection, "foreign jobs")
    mark, name = column("serialization", String), column("name", String)
    is_foreign = or_(mark.is_(None), mark != MARK, name.is_(None), name.not_in(names))
    found = _jobs(connection).where(column("status").not_in(DONE), is_foreign).limit(AT_A_TIME)
    return [str(key) for key in connection.execute(found).scalars()]


def drop(connection: Connection, keys: Sequence[str]) -> None:
    """Delete jobs, and what they have done so far."""
    for name in OF_A_JOB:
        connection.execute(delete(_table(connection, name)).where(column("workflow_uuid").in_(keys)))


def unfinished(connection: Connection) -> list[str]:
    """Return the keys of jobs that were handed over and aren't over; none where no engine has ever been."""
    status = _table(connection, "workflow_status")
    if not inspect(connection).has_table(status.name, schema=status.schema):
        return []
    return [str(key) for key in connection.execute(_jobs(connection).where(column("status").not_in(OVER))).scalars()]


def clear(connection: Connection) -> None:
    """Drop whatever is the engine's; it makes its tables anew when it starts."""
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
