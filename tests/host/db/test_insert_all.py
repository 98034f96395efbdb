from datetime import UTC, datetime

from sqlalchemy import select

from host.db.engine import Database
from host.db.insert_all import insert_all
from host.db.tables import end_users

MANY = 2_500
"""More than one statement takes."""


def test_ids_come_in_the_order_of_the_rows(database: Database) -> None:
    rows = [{"name": f"Ada {number}", "created_at": datetime(2026, 5, 1, tzinfo=UTC)} for number in range(MANY)]
    with database.write() as connection:
        insert_all(connection, end_users, rows[:3])
        ids = insert_all(connection, end_users, rows)
        found = {row.id: row.name for row in connection.execute(select(end_users.c.id, end_users.c.name))}
    assert [found[number] for number in ids] == [row["name"] for row in rows]
