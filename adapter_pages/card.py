"""The CRM card of a session: its account, its record, and what happens with them, in words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from host.crm import status
from host.crm.model import CrmSettings
from host.crm.status import Page, StepStatus


@dataclass(frozen=True)
class Linked:
    """The account or the record, as far as it is known."""

    step: str
    """`account`, `record`: what "Look up again" looks up."""
    title: str
    """`Account`."""
    id: str | None
    url: str | None
    words: str
    """What happens with it, or why there is none."""
    can_look_up: bool
    """Whether asking the CRM again makes sense now."""


@dataclass(frozen=True)
class Card:
    """What the agent sees of the CRM."""

    account: Linked
    record: Linked

    @property
    def summary(self) -> str:
        """One line for an offer: what is known, or what happens."""
        parts = [f"{part.title} {part.id}." if part.id else part.words for part in (self.account, self.record)]
        return " ".join(dict.fromkeys(parts))


def of_session(connection: Connection, session_id: int, settings: CrmSettings, now: datetime) -> Card:
    """Read the card of one session."""
    known = status.of_session(connection, session_id, settings=settings, now=now)
    steps = {step.step: step for step in known.steps}
    return Card(
        account=_linked("account", known.account, steps.get("account")),
        record=_linked("record", known.record, steps.get("record")),
    )


def _linked(step: str, page: Page | None, planned: StepStatus | None) -> Linked:
    return Linked(
        step=step,
        title=step.capitalize(),
        id=str(page.id) if page else None,
        url=page.url if page else None,
        words=planned.words if planned else "" if page else "No CRM is set up.",
        can_look_up=planned is not None and planned.can_look_up_again,
    )
