"""What has not gone to the CRM as it should, and jobs that have failed: for people who look after the host.

Nothing personal: sessions by number, steps by name, what the CRM answered without what was sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from host.crm.agent_view import status_words
from host.crm.intents.intents import OPEN, Intent, read
from host.crm.session_facts.crm_identity import CrmIdentity
from host.db.tables import intents, sessions
from host.errors import NotFoundError
from host.jobs import job_rows
from host.jobs.job_rows import FailedJob
from host.reports import failed_items
from host.reports.failed_items import FailedItem, NotedItem, attempt

AT_MOST = 200

State = Literal["failed", "waiting", "retrying", "elsewhere"]
_ORDER: tuple[State, ...] = ("waiting", "failed", "elsewhere", "retrying")


@dataclass(frozen=True)
class Delivery:
    """One step of a session's work in the CRM that is in trouble."""

    intent: Intent
    channel: str
    state: State
    """`elsewhere`: it waits for another CRM than the settings name."""
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
class DeliveryReport:
    """All that needs a look."""

    deliveries: list[Delivery]
    """What waits for a person first."""
    jobs: list[FailedJob]
    count: int
    """Of deliveries; there may be more than are listed."""
    broken: list[FailedItem] = field(default_factory=list)
    """Deliveries that can't be shown."""
    unshown: list[NotedItem] = field(default_factory=list)
    """What could not be shown or told elsewhere."""
    crm: str = ""
    """The key of the CRM that the settings name; empty: none."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """The key of each other CRM for which work waits, to the number of steps."""


def report(connection: Connection, now: datetime, crm: CrmIdentity) -> DeliveryReport:
    """List what is in trouble.

    Args:
        connection: Any.
        now: Until when what waits is counted.
        crm: The CRM that the settings name: what is planned for another one waits.
    """
    joined = select(intents, sessions.c.channel).join(sessions, sessions.c.id == intents.c.session_id)
    query = joined.where(_is_in_trouble(crm))
    first = intents.c.state.in_(OPEN), intents.c.id
    rows = connection.execute(query.order_by(*first).limit(AT_MOST)).mappings()

    def shown(row: RowMapping) -> Delivery:
        return _delivery(read(row), row["channel"], now, crm)

    made = [attempt("delivery", row["id"], row["session_id"], partial(shown, row)) for row in rows]
    found = [each for each in made if isinstance(each, Delivery)]
    found.sort(key=lambda each: _ORDER.index(each.state))
    return DeliveryReport(
        found,
        job_rows.failed(connection, AT_MOST),
        count(connection, crm),
        broken=[each for each in made if isinstance(each, FailedItem)],
        unshown=failed_items.listed(connection),
        crm=crm.key,
        elsewhere=_count_elsewhere(connection, crm),
    )


def count(connection: Connection, crm: CrmIdentity) -> int:
    """Count the steps in trouble."""
    return connection.execute(select(func.count()).select_from(intents).where(_is_in_trouble(crm))).scalar_one()


def sessions_waiting_for(connection: Connection, crm_key: str) -> list[int]:
    """List the sessions of a CRM whose work isn't done."""
    unfinished = (intents.c.crm_key == crm_key) & (intents.c.state != "done")
    rows = connection.execute(select(intents.c.session_id).where(unfinished).distinct())
    return sorted(rows.scalars())


def _count_elsewhere(connection: Connection, crm: CrmIdentity) -> dict[str, int]:
    unfinished = (intents.c.state != "done") & ~crm.owns_work(intents.c.crm_key)
    query = select(intents.c.crm_key, func.count()).where(unfinished).group_by(intents.c.crm_key)
    return dict(connection.execute(query).all())


def find(connection: Connection, intent_id: int) -> Intent:
    """Return a step.

    Raises:
        NotFoundError: There is none such.
    """
    row = connection.execute(select(intents).where(intents.c.id == intent_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no delivery {intent_id}.")
    return read(row)


def _is_in_trouble(crm: CrmIdentity) -> ColumnElement[bool]:
    cannot_go_on = or_(intents.c.tries > 0, ~crm.owns_work(intents.c.crm_key))
    return or_(intents.c.state.in_(("failed", "waiting")), and_(intents.c.state.in_(OPEN), cannot_go_on))


def _delivery(intent: Intent, channel: str, now: datetime, crm: CrmIdentity) -> Delivery:
    if intent.crm_key is not None and not crm.owns(intent.crm_key):
        return Delivery(intent, channel, "elsewhere", status_words.words_of_other(intent))
    state = status_words.state_of(intent, now)
    shown: State = "waiting" if state == "waiting" else "failed" if state == "failed" else "retrying"
    return Delivery(intent, channel, shown, status_words.words_of(intent, state, now))
