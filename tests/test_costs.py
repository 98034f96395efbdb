"""What makes a test slow is marked, so that `make quick` leaves it out."""

from pathlib import Path

import pytest

from host.db.engine import Database
from tests import costs


def test_only_the_test_on_postgresql_is_marked(database: Database, request: pytest.FixtureRequest) -> None:
    is_marked = request.node.get_closest_marker("postgresql") is not None
    assert is_marked == (not database.is_sqlite)


def test_a_module_that_uses_a_helper_with_processes_starts_processes() -> None:
    from tests.host.jobs import workers

    assert costs._starts_processes({"workers": workers})
    assert costs._starts_processes({"Workers": workers.Workers})
    assert not costs._starts_processes({"Path": Path, "Database": Database})
