from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from host.db.engine import Database
from host.db.tables import tickets as table
from host.users import tickets
from host.users.tickets import Ticket


def test_a_ticket_is_good_once(database: Database, now: datetime) -> None:
    with database.write() as connection:
        token = tickets.issue(connection, "socket", now, user_id=7)
        assert tickets.redeem(connection, token, "socket", now) == Ticket("socket", 7, None, None)
        assert tickets.redeem(connection, token, "socket", now) is None


def test_of_many_at_once_one_gets_it(database: Database, now: datetime) -> None:
    with database.write() as connection:
        token = tickets.issue(connection, "consumer", now, session_id=103646)

    def use(_turn: int) -> Ticket | None:
        with database.write() as connection:
            return tickets.redeem(connection, token, "consumer", now)

    with ThreadPoolExecutor(8) as pool:
        used = [ticket for ticket in pool.map(use, range(16)) if ticket]
    assert used == [Ticket("consumer", None, 103646, None)]


@pytest.mark.parametrize(
    ("purpose", "bound_to", "later_s"),
    [("consumer", "nonce", 0), ("socket", "other", 0), ("socket", None, 0), ("socket", "nonce", 30)],
)
def test_wrong_purpose_or_frame_or_too_late_is_refused(
    database: Database, now: datetime, purpose: str, bound_to: str | None, later_s: int
) -> None:
    with database.write() as connection:
        token = tickets.issue(connection, "socket", now, user_id=7, bound_to="nonce")
        assert tickets.redeem(connection, token, purpose, now + timedelta(seconds=later_s), bound_to) is None


def test_somebody_elses_wrong_try_does_not_use_it_up(database: Database, now: datetime) -> None:
    with database.write() as connection:
        token = tickets.issue(connection, "popup", now, user_id=7, bound_to="nonce")
        tickets.redeem(connection, token, "popup", now, "forged")
        assert tickets.redeem(connection, token, "popup", now, "nonce")


def test_purging_deletes_what_nobody_used(database: Database, now: datetime) -> None:
    with database.write() as connection:
        tickets.issue(connection, "socket", now)
        tickets.issue(connection, "socket", now, ttl_s=60)
        tickets.purge(connection, now + timedelta(seconds=30))
        assert len(connection.execute(select(table)).all()) == 1


def test_of_several_tickets_the_good_ones_are_used_up(database: Database, now: datetime) -> None:
    with database.write() as connection:
        good = tickets.issue(connection, "socket", now, user_id=7, sign_in="hash")
        late = tickets.issue(connection, "socket", now - timedelta(seconds=30), user_id=8)
        bound = tickets.issue(connection, "socket", now, user_id=9, bound_to="nonce")
        other = tickets.issue(connection, "consumer", now, session_id=103646)
        given = [good, late, bound, other, "made up"]
        assert tickets.redeem_each(connection, given, "socket", now) == {good: Ticket("socket", 7, None, None, "hash")}
        assert tickets.redeem_each(connection, given, "socket", now) == {}
