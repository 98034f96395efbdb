"""Finds the times in which nobody was there for the consumer: in the menu, in a queue, on hold, in a dismissed chat.

Source: docs/reference/files.md, Lists in the metadata.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from host.events.journal import Entry
from host.reports.session_metadata.model_lists import ConsumerEvent, Event
from host.sessions.durations import SECOND, Span
from host.sessions.history import Stay

BOUNDS: Mapping[Event, tuple[str, tuple[str, ...]]] = {
    "menu": ("selecting", ("queued", "voicemail", "ended")),
    "dismissed": ("dismissed", ("resumed", "requeued", "ended")),
}
"""The fact that begins an event, and those that end it."""


def consumer_events(
    facts: Sequence[Entry], stays: Iterable[Stay], holds: Iterable[Span], until: datetime
) -> list[ConsumerEvent]:
    """Return these times in order.

    Args:
        facts: Of the session, in order.
        stays: Its waits in queues.
        holds: When the consumer was on hold.
        until: The end of those that go on, for their durations.
    """
    found: list[tuple[Event, Span]] = [("queue", Span(each.started_at, each.ended_at)) for each in stays]
    found += [("hold", each) for each in holds]
    for event, (begin, ends) in BOUNDS.items():
        found += [(event, span) for span in _spans(facts, begin, ends)]
    return [
        ConsumerEvent(
            event=event,
            started_at=span.started_at,
            ended_at=span.ended_at,
            duration=span.length(until) // SECOND,
        )
        for event, span in sorted(found, key=lambda each: each[1].started_at)
    ]


def _spans(facts: Sequence[Entry], begin: str, ends: Sequence[str]) -> Iterator[Span]:
    started_at: datetime | None = None
    for entry in facts:
        if started_at is not None and entry.name in ends:
            yield Span(started_at, entry.at)
            started_at = None
        elif entry.name == begin:
            started_at = entry.at
    if started_at is not None:
        yield Span(started_at, None)
