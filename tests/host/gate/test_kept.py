"""What JSON columns keep, on both engines."""

import pytest
from sqlalchemy import select, text

from host.db.engine import Database
from host.db.tables import settings
from host.gate.lenient import WideNumber

NOW = "2026-05-01 10:00:00"
WIDE = [WideNumber(digits) for digits in (str(2**53 + 1), str(2**63 - 1), str(2**63), f"-{2**64}", "9" * 400)]


@pytest.mark.parametrize(
    "value", [*WIDE, 12, 2**53, 1.5, "12", str(2**63), "1e999", "", True, [1], {"a": {"$wide": 1}}, {"ids": WIDE}]
)
def test_what_is_kept_comes_back_as_it_was(database: Database, value: object) -> None:
    with database.write() as connection:
        connection.execute(
            text("INSERT INTO pb_settings (section, value, updated_at) VALUES ('x', '{}', :now)"), {"now": NOW}
        )
        connection.execute(settings.update().values(value=value))
        found = connection.execute(select(settings.c.value)).scalar_one()
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        (str(2**53 + 1), str(2**53 + 1)),
        (r'"\ud800"', "\ufffd"),
        (r'{"a\u0000": [1e999]}', {"a\ufffd": ["1e999"]}),
    ],
)
def test_what_earlier_releases_kept_is_repaired(database: Database, stored: str, value: object) -> None:
    row = {"value": stored, "now": NOW}
    with database.write() as connection:
        statement = "INSERT INTO pb_settings (section, value, updated_at) VALUES ('x', CAST(:value AS JSON), :now)"
        plain = statement.replace("CAST(:value AS JSON)", ":value") if database.is_sqlite else statement
        connection.execute(text(plain), row)
        assert connection.execute(select(settings.c.value)).scalar_one() == value
