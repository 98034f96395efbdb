"""Items that could not be shown or sent: one bad row must not hide the others, and people are told of it.

Each row of a list, chat on a desk and event of a stream is built by `attempt`. A failure is stored once, for
`/portal/deliveries` and for the agent of the session.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, delete, select
from sqlalchemy.exc import DBAPIError

from host.db.engine import Database
from host.db.tables import unshown
from host.db.upsert import insert

KEPT_FOR = timedelta(days=30)
AT_MOST = 200

Made = TypeVar("Made")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FailedItem:
    """An item that could not be built."""

    what: str
    """`event New_Chat`, `chat on the desk`."""
    about_id: int
    """The id of the event, session or step."""
    session_id: int | None
    error: str
    """The error's type; its text may be personal."""

    @property
    def key(self) -> str:
        """Its unique key."""
        return f"{self.what}:{self.about_id}"

    @property
    def title(self) -> str:
        """Return `Event New_Chat 45`."""
        return f"{self.what[:1].upper()}{self.what[1:]} {self.about_id}"


@dataclass(frozen=True)
class NotedItem:
    """A failed item that was stored."""

    id: int
    item: FailedItem
    at: datetime


def attempt(what: str, about_id: int, session_id: int | None, make: Callable[[], Made]) -> Made | FailedItem:
    """Return the result of `make`, or a FailedItem when it raises.

    Raises:
        DBAPIError: The database failed, which is not the fault of the item.
    """
    try:
        return make()
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - the outermost edge of one item: the others are built
        return FailedItem(what, about_id, session_id, type(error).__name__)


def note(database: Database, found: Sequence[FailedItem], now: datetime) -> None:
    """Store the failed items that are new; call it outside of other transactions."""
    if not found:
        return
    items = {item.key: item for item in found}
    with database.read() as connection:
        known = set(connection.execute(select(unshown.c.key).where(unshown.c.key.in_(items))).scalars())
    if not (fresh := [item for key, item in items.items() if key not in known]):
        return
    with database.write() as connection:
        connection.execute(delete(unshown).where(unshown.c.at < now - KEPT_FOR))
        for item in fresh:
            row = {"key": item.key, "what": item.what, "about_id": item.about_id, "error": item.error[:64], "at": now}
            statement = insert(connection, unshown).values(session_id=item.session_id, **row)
            connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]))
            log.warning("%s %s cannot be shown: %s", item.what, item.about_id, item.error)


def listed(connection: Connection) -> list[NotedItem]:
    """Return the stored items, newest first."""
    rows = connection.execute(select(unshown).order_by(unshown.c.id.desc()).limit(AT_MOST))
    return [NotedItem(row["id"], _item(row), row["at"]) for row in rows.mappings()]


def of_sessions(connection: Connection, session_ids: Collection[int]) -> list[FailedItem]:
    """Return the stored items of some sessions."""
    rows = connection.execute(select(unshown).where(unshown.c.session_id.in_(session_ids)).order_by(unshown.c.id))
    return [_item(row) for row in rows.mappings()]


def dismiss(connection: Connection, noted_id: int) -> None:
    """Delete a stored item; it comes back when it fails again."""
    connection.execute(delete(unshown).where(unshown.c.id == noted_id))


def _item(row: RowMapping) -> FailedItem:
    return FailedItem(row["what"], row["about_id"], row["session_id"], row["error"])
