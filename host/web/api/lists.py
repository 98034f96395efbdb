"""Lists sessions for the platform API: filters, order, pages.

The header `Link` (RFC 8288) has the addresses of the other pages, `X-Total` the number of sessions on all pages.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field
from sqlalchemy import ColumnElement, Connection, func, select

from host.db.tables import sessions
from host.errors import FieldsError
from host.queues import tree
from host.schema import Section
from host.sessions import repository
from host.sessions.lifecycle import MACHINES
from host.web.api import responses
from host.web.api.models import A_TIME, Moment
from host.web.api.operations import Answer, Asked
from host.web.current import services

_BLANK_FOR_PLUS = re.compile(r" (\d\d:?\d\d)$")


def _time(value: object) -> object:
    """Restore a `+` that the address contained without quoting."""
    if not isinstance(value, str) or not re.match(r"\d{4}-", value):
        raise ValueError(f"found {value!r}; allowed: a time such as 2026-05-01T10:00:00Z")
    return _BLANK_FOR_PLUS.sub(r"+\1", value)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Time = Annotated[Moment, BeforeValidator(_time, json_schema_input_type=A_TIME)]


def _statuses(channel: str) -> tuple[str, ...]:
    actions = MACHINES[channel].values()
    return tuple(sorted({name for action in actions for name in (*action.sources, action.target)}))


class ListQuery(Section):
    """The query parameters of a list."""

    page: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=500)] = 100
    sort_column: Literal["id", "created_at", "updated_at", "queued_at", "connected_at", "ends_at", "status"] = "id"
    sort_direction: Annotated[Literal["ASC", "DESC"], BeforeValidator(_upper)] = "ASC"
    status: str | None = None
    queue: str | None = None
    """`Developers / James`; includes the queues below it."""
    created_from: Time | None = Field(default=None, alias="created_at[from]")
    created_to: Time | None = Field(default=None, alias="created_at[to]")
    updated_from: Time | None = Field(default=None, alias="updated_at[from]")
    updated_to: Time | None = Field(default=None, alias="updated_at[to]")


class CallsQuery(ListQuery):
    """The query parameters of `GET /calls`."""

    status: Literal[_statuses("call")] | None = None  # type: ignore[valid-type]


class ChatsQuery(ListQuery):
    """The query parameters of `GET /chats`."""

    status: Literal[_statuses("chat")] | None = None  # type: ignore[valid-type]


LIST_HEADERS = {"X-Total": "Number of sessions on all pages", "Link": "Addresses of the other pages (RFC 8288)"}


def answer(asked: Asked[CallsQuery] | Asked[ChatsQuery], channel: str) -> Answer:
    """Answer with a page of the requested calls or chats.

    Raises:
        FieldsError: A filter is unknown or invalid.
    """
    query = asked.body
    with services().database.read() as connection:
        matches = _matches(connection, channel, query)
        total = connection.execute(select(func.count()).select_from(sessions).where(matches)).scalar_one()
        found = repository.page(connection, matches, _order(query), offset=_offset(query), limit=query.per_page)
        made = responses.shapes(connection, found)
    headers = {"X-Total": str(total), "Link": ", ".join(_links(asked, total))}
    return Answer(responses.told(made), headers=headers)


def _matches(connection: Connection, channel: str, query: ListQuery) -> ColumnElement[bool]:
    matches = sessions.c.channel == channel
    if query.status is not None:
        matches &= sessions.c.status == query.status
    if query.queue is not None:
        matches &= sessions.c.queue_id.in_(_queue_ids(connection, query.queue))
    for column, since, until in (
        (sessions.c.created_at, query.created_from, query.created_to),
        (sessions.c.updated_at, query.updated_from, query.updated_to),
    ):
        for bound in _bounds(column, since, until):
            matches &= bound
    return matches


def _bounds(
    column: ColumnElement[datetime], since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of a time range that includes both ends."""
    if since is not None:
        yield column >= since
    if until is not None:
        yield column <= until


def _queue_ids(connection: Connection, path: str) -> list[int]:
    names, every = tree.split_path(path), tree.all(connection)
    ids = [queue.id for queue in every if queue.path[: len(names)] == names]
    if not ids:
        known = ", ".join(map(tree.path_text, every))
        raise FieldsError({"queue": f"found {path!r}; known are {known}"})
    return ids


def _order(query: ListQuery) -> Sequence[ColumnElement[object]]:
    columns = dict.fromkeys((query.sort_column, "id"))
    return [sessions.c[name].desc() if query.sort_direction == "DESC" else sessions.c[name].asc() for name in columns]


def _offset(query: ListQuery) -> int:
    return (query.page - 1) * query.per_page


def _links(asked: Asked[CallsQuery] | Asked[ChatsQuery], total: int) -> Iterator[str]:
    query = asked.body
    last = max(1, -(-total // query.per_page))
    pages = {"first": 1, "prev": query.page - 1, "next": query.page + 1, "last": last}
    for name, page in pages.items():
        if 1 <= page <= last:
            address = f"{services().config.public_url}{asked.path}?{urlencode({**asked.given, 'page': page})}"
            yield f'<{address}>; rel="{name}"'
