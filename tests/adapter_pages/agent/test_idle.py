"""An open adapter counts as use, so that no working agent is signed out as idle."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from host.db.tables import sign_ins as table
from host.users import sign_ins, tickets
from tests.adapter_pages.live import LiveHost

IDLE = timedelta(minutes=60)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LiveHost]:
    made = LiveHost(tmp_path)
    yield made
    made.stop()


def test_an_open_adapter_keeps_its_own_sign_in_and_no_other(host: LiveHost) -> None:
    working, left = host.sign_in(host.james), host.sign_in(host.james)
    with host.services.database.write() as connection:
        bound = sign_ins.hash_token(working)
        ticket = tickets.issue(connection, "socket", host.clock.now(), user_id=host.james, sign_in=bound)
    with host.adapter(host.james, ticket=ticket) as page:
        for _ in range(3):
            host.later(50 * 60)
            host.services.hub.wake_all()
            page.wait(lambda: _used_at(host, working) == host.clock.now(), "the sign-in noted as used")
        with host.services.database.read() as connection:
            assert sign_ins.find_user_id(connection, working, host.clock.now(), IDLE) == host.james
            assert sign_ins.find_user_id(connection, left, host.clock.now(), IDLE) is None


def _used_at(host: LiveHost, token: str) -> object:
    with host.services.database.read() as connection:
        query = select(table.c.used_at).where(table.c.token_hash == sign_ins.hash_token(token))
        return connection.execute(query).scalar_one()
