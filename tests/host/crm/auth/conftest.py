from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from host.db.engine import Database
from host.db.tables import users
from tests.host.crm.auth import oauth_server
from tests.host.crm.auth.desk import Desk, connect, crm_settings
from tests.host.crm.auth.oauth_server import OAuthServer


@pytest.fixture
def server() -> Iterator[OAuthServer]:
    with oauth_server.running() as known:
        yield known


@pytest.fixture
def desk(server: OAuthServer, database: Database) -> Desk:
    """A host that isn't connected yet, on each engine in turn."""
    desk = Desk(database, crm_settings(server.url))
    with desk.database.write() as connection:
        admin = {"id": 1, "email": "admin@example.com", "name": "M", "roles": ["admin"]}
        connection.execute(insert(users).values(admin))
    return desk


@pytest.fixture
def connected(desk: Desk) -> Desk:
    """A host that is connected."""
    connect(desk)
    return desk
