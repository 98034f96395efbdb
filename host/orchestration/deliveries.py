"""Lists the steps in the CRM that failed or wait, and failed jobs, for admins and supervisors.

Nothing is personal: sessions by id, steps by name, answers of the CRM without what was sent.
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
    """One step in the CRM that failed, waits or is repeated."""

    intent: Intent
    channel: str
    state: State
    """`elsewhere`: it waits for another CRM than the settings name."""
    words: str
    """`The CRM does not answer (create_account, timed out after 5 s). Next try in 8 s.`."""

    @property
    def is_undecided(self) -> bool:
        """Whether its outcome is unknown: it may be in the CRM."""
        return self.intent.sent_at is not None

    @property
    def needs_id(self) -> bool:
        """Whether "it exists" needs an id."""
        return self.intent.step in {"account", "record"}


@dataclass(frozen=True)
class DeliveryReport:
    """Everything that needs attention."""

    deliveries: list[Delivery]
    """Those that wait for a person come first."""
    jobs: list[FailedJob]
    count: int
    """All deliveries; not all may be listed."""
    broken: list[FailedItem] = field(default_factory=list)
    """Deliveries whose rows can't be shown."""
    unshown: list[NotedItem] = field(default_factory=list)
    """Items that could not be shown or sent elsewhere."""
    crm: str = ""
    """The key of the CRM that the settings name; empty: none."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """Key of each other CRM for which work waits, to its number of steps."""


def report(connection: Connection, now: datetime, crm: CrmIdentity) -> DeliveryReport:
    """Return everything that needs attention.

    Args:
        connection: A reading one will do.
        now: For the times of the next tries.
        crm: The CRM that the settings name; steps of another one wait.
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
    """Count the deliveries."""
    return connection.execute(select(func.count()).select_from(intents).where(_is_in_trouble(crm))).scalar_one()


def sessions_waiting_for(connection: Connection, crm_key: str) -> list[int]:
    """List the sessions with unfinished work in a CRM."""
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
        NotFoundError: There is no such step.
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
