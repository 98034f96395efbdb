"""Builds the CRM card of a session: account, record, their state, and decisions that the agent has to make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from host.crm.agent_view import status
from host.crm.agent_view.status import Choices, CrmStatus, Page, StepStatus
from host.crm.settings.crm import CrmSettings

NEEDS_ID = ("account", "record")
"""Steps for which "It exists" needs the id in the CRM."""


@dataclass(frozen=True)
class Choice:
    """Another account or record that was found."""

    id: str
    label: str
    url: str | None


@dataclass(frozen=True)
class Trouble:
    """A step with a problem that the agent can act on."""

    step: str
    occurrence: str
    words: str
    can_look_up: bool
    """Whether the step can be tried again now."""
    can_decide: bool
    """Whether the agent may decide that it exists or doesn't exist in the CRM."""

    @property
    def key(self) -> str:
        """Unique within the session; part of element ids on the page."""
        known = "".join(character if character.isalnum() else "-" for character in self.occurrence)
        return f"{self.step}-{known}" if known else self.step

    @property
    def needs_id(self) -> bool:
        """Whether "It exists" needs the id in the CRM."""
        return self.step in NEEDS_ID


@dataclass(frozen=True)
class Linked:
    """The state of the account or the record."""

    step: str
    title: str
    """`Account`."""
    id: str | None
    url: str | None
    words: str
    """Its state in words, or why there is none."""
    trouble: Trouble | None
    choices: tuple[Choice, ...]
    can_create: bool

    @property
    def can_choose(self) -> bool:
        """Whether the agent can choose another one."""
        return bool(self.choices) or self.can_create


@dataclass(frozen=True)
class Card:
    """What the agent sees of the CRM."""

    account: Linked
    record: Linked
    events: tuple[Trouble, ...] = ()
    """Comments, updates and uploads with a problem."""
    is_empty: bool = False
    """Whether nothing was asked of a CRM for this session."""

    @property
    def summary(self) -> str:
        """One line for an offer: account and record, or their state."""
        parts = [f"{part.title} {part.id}." if part.id else part.words for part in (self.account, self.record)]
        return " ".join(dict.fromkeys(parts))


def of_session(connection: Connection, session_id: int, settings: CrmSettings, now: datetime) -> Card:
    """Read the card of one session."""
    known = status.of_session(connection, session_id, settings=settings, now=now)
    return Card(
        account=_linked("account", known.account, known),
        record=_linked("record", known.record, known),
        events=_troubles(known.events),
        is_empty=not (known.account or known.record or known.steps or known.events),
    )


def _linked(step: str, page: Page | None, known: CrmStatus) -> Linked:
    planned = next((each for each in known.steps if each.step == step), None)
    choices = known.choices.get(step, Choices())
    return Linked(
        step=step,
        title=step.capitalize(),
        id=str(page.id) if page else None,
        url=page.url if page else None,
        words=planned.words if planned else "" if page else "No CRM is set up.",
        trouble=_trouble(planned) if planned and planned.can_look_up_again else None,
        choices=tuple(Choice(str(other.id), other.label, other.url) for other in choices.others),
        can_create=choices.can_create,
    )


def _troubles(events: Sequence[StepStatus]) -> tuple[Trouble, ...]:
    return tuple(_trouble(event) for event in events)


def _trouble(planned: StepStatus) -> Trouble:
    can_decide = planned.can_send_again
    can_look_up = planned.can_look_up_again and (planned.step in NEEDS_ID or not can_decide)
    return Trouble(planned.step, planned.occurrence, planned.words, can_look_up, can_decide)
