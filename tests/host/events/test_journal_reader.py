from collections.abc import Sequence

from sqlalchemy import delete

from host.db.engine import Database
from host.db.tables import journal
from host.events.journal import last_id
from host.events.journal_reader import GIVEN_UP_AFTER_S, Gap, JournalReader
from tests.host.world import World


class Reader:
    """Follows the journal of a world, by a clock that is set."""

    def __init__(self, database: Database) -> None:
        self.now = 0.0
        self._database = database
        with database.read() as connection:
            self._journal = JournalReader(last_id(connection), clock=lambda: self.now)

    def woken(self) -> set[int]:
        """Read once; return the agents who were woken."""
        found: set[int] = set()
        with self._database.engine.connect() as connection:
            self._journal.poll(connection, lambda agents, _sessions: found.update(agents))
        return found


def write(world: World, rows: Sequence[tuple[int, int]]) -> None:
    """Write rows with these ids and agents, as a transaction that commits late does."""
    with world.database.write() as connection:
        for row_id, agent_id in rows:
            values = {"id": row_id, "ulid": f"{row_id:026}", "at": world.clock.now(), "name": "status", "data": {}}
            connection.execute(journal.insert().values(**values, agent_id=agent_id))


def reader(world: World) -> Reader:
    with world.database.write() as connection:
        connection.execute(delete(journal))
    return Reader(world.database)


def test_tells_each_row_once(world: World) -> None:
    following = reader(world)
    write(world, [(1, world.james)])
    assert following.woken() == {world.james}
    assert following.woken() == set()


def test_tells_what_commits_after_later_ids_however_many_lie_between(world: World) -> None:
    following = reader(world)
    write(world, [(5000, world.james)])
    assert following.woken() == {world.james}
    write(world, [(number, world.eve) for number in (1, 2000, 4999)])
    assert following.woken() == {world.eve}
    assert following.woken() == set()


def test_gives_up_what_does_not_come(world: World) -> None:
    following = reader(world)
    write(world, [(3, world.james)])
    assert following.woken() == {world.james}
    following.now = GIVEN_UP_AFTER_S
    assert following.woken() == set()
    write(world, [(1, world.eve)])
    assert following.woken() == set()


def test_what_is_left_of_a_gap() -> None:
    gap = Gap(10, 20, 0.0)
    left = [(piece.first, piece.last) for piece in gap.without([5, 10, 13, 14, 20, 25])]
    assert left == [(11, 12), (15, 19)]
    assert list(gap.without([])) == [gap]
    assert list(Gap(7, 7, 0.0).without([7])) == []
