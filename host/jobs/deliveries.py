"""What has not gone to the CRM as it should, and jobs that have failed: for people who look after the host.

Nothing personal: sessions by number, steps by name, what the CRM answered without what was sent.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from host.crm import status_words
from host.crm.intents import OPEN, Intent, read
from host.db.tables import intents, sessions
from host.errors import NotFoundError
from host.jobs import due
from host.jobs.due import FailedJob

AT_MOST = 200

State = Literal["failed", "waiting", "retrying"]
_ORDER: tuple[State, ...] = ("waiting", "failed", "retrying")


@dataclass(frozen=True)
class Delivery:
    """One step of a session's work in the CRM that is in trouble."""

    intent: Intent
    channel: str
    state: State
    words: str
    """What is wrong and follows: `The CRM does not answer (create_account, timed out after 5 s). Next try in 8 s.`."""

    @property
    def is_undecided(self) -> bool:
        """Whether nobody knows if it is in the CRM."""
        return self.intent.sent_at is not None

    @property
    def needs_id(self) -> bool:
        """Whether "it exists" has to say under which id."""
        return self.intent.step in {"account", "record"}


@dataclass(frozen=True)
class Troubles:
    """All that needs a look."""

    deliveries: list[Delivery]
    """What waits for a person first."""
    jobs: list[FailedJob]
    count: int
    """Of deliveries; there may be more than are listed."""


def troubles(connection: Connection, now: datetime) -> Troubles:
    """List what is in trouble."""
    query = select(intents, sessions.c.channel).join(sessions, sessions.c.id == intents.c.session_id).where(_trouble())
    first = intents.c.state.in_(OPEN), intents.c.id
    rows = connection.execute(query.order_by(*first).limit(AT_MOST)).mappings()
    found = [_delivery(read(row), row["channel"], now) for row in rows]
    found.sort(key=lambda each: _ORDER.index(each.state))
    return Troubles(found, due.failed(connection, AT_MOST), count(connection))


def count(connection: Connection) -> int:
    """Count the steps in trouble."""
    return connection.execute(select(func.count()).select_from(intents).where(_trouble())).scalar_one()


def find(connection: Connection, intent_id: int) -> Intent:
    """Return a step.

    Raises:
        NotFoundError: There is none such.
    """
    row = connection.execute(select(intents).where(intents.c.id == intent_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no delivery {intent_id}.")
    return read(row)


def _trouble() -> ColumnElement[bool]:
    is_retried = and_(intents.c.state.in_(OPEN), intents.c.tries > 0)
    return or_(intents.c.state.in_(("failed", "waiting")), is_retried)


def _delivery(intent: Intent, channel: str, now: datetime) -> Delivery:
    state = status_words.state_of(intent, now)
    shown: State = "waiting" if state == "waiting" else "failed" if state == "failed" else "retrying"
    return Delivery(intent, channel, shown, status_words.words_of(intent, state, now))
