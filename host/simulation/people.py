"""Adds the agents and queues of a simulation to the database; takes the agents out of service afterwards."""

from collections.abc import Sequence

from host.db.engine import Database
from host.queues import tree
from host.simulation.plan import QUEUES
from host.users import directory

SETTINGS = {"offer_time_s": 10, "max_wrap_up_s": 4, "dispositions": ["Solved"]}
"""Of the queues: short times, so that missed offers and forgotten wrap-ups don't hold the simulation up."""
MAX_CHATS = 3


def email(number: int) -> str:
    """Return the e-mail of an agent: `sim-1@example.com` is the first."""
    return f"sim-{number + 1}@example.com"


def add(database: Database, count: int, password: str | None) -> list[int]:
    """Add the agents and the queues, or put them into service again; return the agents' ids.

    Args:
        database: Of the host.
        count: How many agents.
        password: Of all of them; None: they get none, as in benchmarks.
    """
    with database.write() as connection:
        given: directory.UserFields = {"roles": ["agent"], "max_chats": MAX_CHATS, "is_active": True}
        if password is not None:
            given["password"] = password
        ids = [directory.upsert(connection, email(number), **given).id for number in range(count)]
        for path in QUEUES:
            queue = tree.upsert(connection, path, settings=SETTINGS)
            tree.set_agents(connection, queue.id, ids)
    return ids


def retire(database: Database, count: int) -> None:
    """Deactivate the agents, so that nobody can sign in as one of them."""
    with database.write() as connection:
        for number in range(count):
            directory.upsert(connection, email(number), is_active=False)


def queue_ids(paths: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    """Return the ids of `QUEUES`, in their order.

    Args:
        paths: Path and id of all queues: `("Simulation / A", 7)`.
    """
    by_path = dict(paths)
    return tuple(by_path[" / ".join(path)] for path in QUEUES)
