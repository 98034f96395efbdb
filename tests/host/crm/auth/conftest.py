from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from host.db.tables import metadata, users
from tests.host.crm.auth import oauth_server
from tests.host.crm.auth.desk import Desk, connect, crm_settings
from tests.host.crm.auth.oauth_server import OAuthServer


@pytest.fixture
def server() -> Iterator[OAuthServer]:
    with oauth_server.running() as known:
        yield known


@pytest.fixture
def desk(server: OAuthServer, tmp_path: Path) -> Iterator[Desk]:
    """A host that isn't connected yet."""
    desk = Desk(tmp_path, crm_settings(server.url))
    metadata.create_all(desk.database.engine)
    with desk.database.write() as connection:
        admin = {"id": 1, "email": "admin@example.com", "name": "M", "roles": ["admin"]}
        connection.execute(insert(users).values(admin))
    yield desk
    desk.database.close()


@pytest.fixture
def connected(desk: Desk) -> Desk:
    """A host whose admin has pressed "Connect" and granted access."""
    connect(desk)
    return desk
