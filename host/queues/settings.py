"""The settings of one queue, besides its name, language and agents.

Source: docs/reference/settings.md, queues.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic import StrictBool as Switch
from pydantic import StrictInt as Whole

from host.addresses import email_or_empty, template_url_or_empty
from host.schema import Section

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")


def _span(span: tuple[str, str]) -> tuple[str, str]:
    for time in span:
        if not _TIME.fullmatch(time):
            raise ValueError(f'found {time!r}; allowed: a time such as "09:00", up to "24:00"')
    if span[0] >= span[1]:
        raise ValueError(f"found {span[0]} to {span[1]}; the end has to be later than the start")
    return span


BusinessHours = Mapping[Day, tuple[Annotated[tuple[str, str], AfterValidator(_span)], ...]]
NotNegative = Annotated[Whole, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]


class QueueEmailOutcome(Section):
    """The queue's setting of the outcome e-mail."""

    enabled: Switch = False
    address: Annotated[str, AfterValidator(email_or_empty)] = ""
    """Empty: no mail."""


class QuickReply(Section):
    """A text that an agent sends with one click."""

    name: Text
    text: Text


class QueueSettings(Section):
    """One queue's settings; durations are in seconds unless the name says otherwise."""

    offer_time_s: Annotated[Whole, Field(ge=1, le=3600)] = 20
    open_custom_url: Annotated[str, AfterValidator(template_url_or_empty)] = ""
    email_outcome: QueueEmailOutcome = QueueEmailOutcome()
    dispositions: tuple[Text, ...] = ()
    max_wrap_up_s: NotNegative = 60
    record_calls: Switch = True
    retention_days: NotNegative = 0
    """0: kept for ever."""
    business_hours: BusinessHours | None = None
    """In the time zone of the settings; null: always open."""
    closed_message: str = ""
    max_waiting: NotNegative = 0
    """0: no limit."""
    quick_replies: tuple[QuickReply, ...] = ()
    survey: tuple[Text, ...] = ()
    service_level_s: Annotated[Whole, Field(ge=1)] = 30
