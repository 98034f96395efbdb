"""The CRM card of a session: its account, its record, what happens with them, and what the agent has to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from host.crm.agent_view import status
from host.crm.agent_view.status import Choices, CrmStatus, Page, StepStatus
from host.crm.settings.crm import CrmSettings

NEEDS_ID = ("account", "record")
"""What can only be said to exist with the id that the CRM gave it."""


@dataclass(frozen=True)
class Choice:
    """Another account or record that was found."""

    id: str
    label: str
    url: str | None


@dataclass(frozen=True)
class Trouble:
    """A step that the agent can do something about."""

    step: str
    occurrence: str
    words: str
    can_look_up: bool
    """Whether asking the CRM again makes sense now."""
    can_decide: bool
    """Whether the agent may say whether it exists in the CRM."""

    @property
    def key(self) -> str:
        """Tells it from the others of its session, in the page's ids."""
        known = "".join(character if character.isalnum() else "-" for character in self.occurrence)
        return f"{self.step}-{known}" if known else self.step

    @property
    def needs_id(self) -> bool:
        """Whether "it exists" has to say under which id."""
        return self.step in NEEDS_ID


@dataclass(frozen=True)
class Linked:
    """The account or the record, as far as it is known."""

    step: str
    title: str
    """`Account`."""
    id: str | None
    url: str | None
    words: str
    """What happens with it, or why there is none."""
    trouble: Trouble | None
    choices: tuple[Choice, ...]
    can_create: bool

    @property
    def can_choose(self) -> bool:
        """Whether there is anything else to take."""
        return bool(self.choices) or self.can_create


@dataclass(frozen=True)
class Card:
    """What the agent sees of the CRM."""

    account: Linked
    record: Linked
    events: tuple[Trouble, ...] = ()
    """Comments, updates and uploads that don't work out just now."""

    @property
    def summary(self) -> str:
        """One line for an offer: what is known, or what happens."""
        parts = [f"{part.title} {part.id}." if part.id else part.words for part in (self.account, self.record)]
        return " ".join(dict.fromkeys(parts))


def of_session(connection: Connection, session_id: int, settings: CrmSettings, now: datetime) -> Card:
    """Read the card of one session."""
    known = status.of_session(connection, session_id, settings=settings, now=now)
    return Card(
        account=_linked("account", known.account, known),
        record=_linked("record", known.record, known),
        events=_troubles(known.events),
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
