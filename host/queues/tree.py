"""The tree of queues in the database: find queues, add and change them, and set their agents.

Source: docs/reference/sessions.md, Queues and routing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from host.db.tables import queue_agents, queues, users
from host.errors import FieldsError
from host.queues.settings import QueueSettings

PATH_SEPARATOR = " / "
MENU_SEPARATOR = "/"


@dataclass(frozen=True)
class Queue:
    """One queue, a menu entry for the consumer."""

    id: int
    name: str
    parent_id: int | None
    lang: str
    """BCP 47."""
    path: tuple[str, ...]
    """From the top: `("Developers", "James")`."""
    settings: QueueSettings


def path_text(queue: Queue) -> str:
    """Return `Developers / James`, as events and pages write it."""
    return PATH_SEPARATOR.join(queue.path)


def menu_path(queue: Queue) -> str:
    """Return `Developers/James`, the value of `{MENU_PATH}`."""
    return MENU_SEPARATOR.join(queue.path)


def all(connection: Connection) -> list[Queue]:
    """List all queues: each parent before its children, siblings in their order."""
    below: dict[int | None, list[Mapping[str, Any]]] = defaultdict(list)
    for each in connection.execute(select(queues).order_by(queues.c.position, queues.c.id)).mappings():
        below[each["parent_id"]].append(dict(each))
    found: list[Queue] = []
    waiting: list[tuple[Mapping[str, Any], tuple[str, ...]]] = [(row, ()) for row in reversed(below[None])]
    while waiting:
        row, above = waiting.pop()
        queue = _queue(row, above)
        found.append(queue)
        waiting += [(child, queue.path) for child in reversed(below[queue.id])]
    return found


def by_id(connection: Connection, queue_id: int) -> Queue | None:
    """Find a queue."""
    return next((queue for queue in all(connection) if queue.id == queue_id), None)


def by_path(connection: Connection, path: str) -> Queue | None:
    """Find the queue at `Developers / James`."""
    names = split_path(path)
    return next((queue for queue in all(connection) if queue.path == names), None)


def leaves(connection: Connection) -> list[Queue]:
    """List the queues without queues below them: consumers choose among these."""
    every = all(connection)
    parents = {queue.parent_id for queue in every}
    return [queue for queue in every if queue.id not in parents]


def split_path(path: str) -> tuple[str, ...]:
    """Return the names of `Developers / James`."""
    return tuple(name.strip() for name in path.split(PATH_SEPARATOR))


def upsert(
    connection: Connection, path: Sequence[str], *, lang: str | None = None, settings: Mapping[str, Any] | None = None
) -> Queue:
    """Add the queue at this path, with missing ones above it, or change the given values.

    Args:
        connection: In a writing transaction.
        path: `("Developers", "James")`.
        lang: None: unchanged; "en" for a new queue.
        settings: Keys of `QueueSettings`, as JSON; others stay unchanged.
    """
    found = _find_or_add(connection, tuple(path))
    changes: dict[str, Any] = {} if lang is None else {"lang": lang}
    if settings:
        stored = connection.execute(select(queues.c.settings).where(queues.c.id == found)).scalar_one()
        changes["settings"] = {**stored, **settings}
    if changes:
        connection.execute(update(queues).where(queues.c.id == found).values(changes))
    row = connection.execute(select(queues).where(queues.c.id == found)).mappings().one()
    return _queue(dict(row), tuple(path)[:-1])


def agent_ids(connection: Connection, queue_id: int) -> list[int]:
    """List the active agents of a queue."""
    query = (
        select(queue_agents.c.user_id)
        .join(users, users.c.id == queue_agents.c.user_id)
        .where(queue_agents.c.queue_id == queue_id, users.c.is_active)
        .order_by(queue_agents.c.user_id)
    )
    return list(connection.execute(query).scalars())


def members(connection: Connection) -> dict[int, list[int]]:
    """Return the ids of the active agents of all queues, by the queues' ids."""
    columns = (queue_agents.c.queue_id, queue_agents.c.user_id)
    query = select(*columns).join(users, users.c.id == queue_agents.c.user_id).where(users.c.is_active)
    found: dict[int, list[int]] = defaultdict(list)
    for queue_id, user_id in connection.execute(query.order_by(*columns)):
        found[queue_id].append(user_id)
    return found


def set_agents(connection: Connection, queue_id: int, user_ids: Iterable[int]) -> None:
    """Replace the agents of a queue."""
    wanted = set(user_ids)
    known = set(connection.execute(select(users.c.id).where(users.c.id.in_(wanted))).scalars())
    if unknown := wanted - known:
        raise FieldsError({"agents": f"found the ids {sorted(unknown)}; allowed: ids of users"})
    connection.execute(delete(queue_agents).where(queue_agents.c.queue_id == queue_id))
    if wanted:
        connection.execute(insert(queue_agents), [{"queue_id": queue_id, "user_id": each} for each in sorted(wanted)])


def _queue(row: Mapping[str, Any], above: tuple[str, ...]) -> Queue:
    return Queue(
        id=row["id"],
        name=row["name"],
        parent_id=row["parent_id"],
        lang=row["lang"],
        path=(*above, row["name"]),
        settings=QueueSettings.model_validate(row["settings"]),
    )


def _find_or_add(connection: Connection, path: tuple[str, ...]) -> int:
    if not path or any(not name.strip() for name in path):
        raise FieldsError(
            {"queue": f"found {PATH_SEPARATOR.join(path)!r}; allowed: names joined by {PATH_SEPARATOR!r}"}
        )
    parent_id: int | None = None
    for name in path:
        parent_id = _find_child(connection, parent_id, name) or _add(connection, parent_id, name)
    assert parent_id is not None  # noqa: S101 - the path has at least one name
    return parent_id


def _find_child(connection: Connection, parent_id: int | None, name: str) -> int | None:
    query = select(queues.c.id).where(queues.c.parent_id.is_not_distinct_from(parent_id), queues.c.name == name)
    return connection.execute(query).scalar_one_or_none()


def _add(connection: Connection, parent_id: int | None, name: str) -> int:
    last = select(func.max(queues.c.position)).where(queues.c.parent_id.is_not_distinct_from(parent_id))
    position = connection.execute(last).scalar_one()
    values: dict[str, Any] = {"parent_id": parent_id, "name": name, "lang": "en", "settings": {}}
    added = connection.execute(insert(queues).values(**values, position=0 if position is None else position + 1))
    key = added.inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row has one
    return int(key[0])
