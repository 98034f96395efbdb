"""The database."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from host.db.engine import Database


def test_an_error_does_not_repeat_the_values(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'patchbay.db'}")

    with pytest.raises(OperationalError) as caught, database.read() as connection:
        connection.execute(text("SELECT :phone FROM nowhere"), {"phone": "+12125550101"})

    assert "+12125550101" not in str(caught.value)
    database.close()
