"""What is new in the journal, for a bus: whom it concerns.

PostgreSQL commits ids out of order, and a transaction that tells ten thousand agents takes ten thousand ids
that others overtake: what was left out is looked for until it comes.
"""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from host.db.tables import journal

GIVEN_UP_AFTER_S = 60.0
"""For so long an id that was left out is looked for; it never comes when its transaction was rolled back."""
MOST_GAPS = 50
"""Of more the oldest are given up."""

Wake = Callable[[set[int], set[int]], None]
"""Called with the ids of the agents and of the sessions that something happened to."""


@dataclass(frozen=True)
class Gap:
    """Ids that have not been seen, though later ones have."""

    first: int
    last: int
    since: float
    """Of our process's clock."""

    def without(self, ids: Sequence[int]) -> "Iterator[Gap]":
        """Yield what is left of it once these ids, in order, have been seen."""
        first = self.first
        for seen in ids[bisect_left(ids, self.first) : bisect_right(ids, self.last)]:
            if first < seen:
                yield Gap(first, seen - 1, self.since)
            first = seen + 1
        if first <= self.last:
            yield Gap(first, self.last, self.since)


class JournalReader:
    """Reads the journal from where it stood at first, each row once."""

    def __init__(self, newest: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._newest = newest
        self._clock = clock
        self._gaps: list[Gap] = []

    def poll(self, reader: Connection, wake: Wake) -> None:
        """Wake whoever has news since the last time."""
        late = (journal.c.id.between(gap.first, gap.last) for gap in self._gaps)
        new = select(journal.c.id, journal.c.agent_id, journal.c.session_id).where(
            or_(journal.c.id > self._newest, *late)
        )
        rows = reader.execute(new.order_by(journal.c.id)).all()
        reader.rollback()
        self._note([row.id for row in rows])
        if rows:
            wake(
                {row.agent_id for row in rows if row.agent_id is not None},
                {row.session_id for row in rows if row.session_id is not None},
            )

    def _note(self, ids: Sequence[int]) -> None:
        now = self._clock()
        spans = list(self._gaps)
        if ids and ids[-1] > self._newest:
            spans.append(Gap(self._newest + 1, ids[-1], now))
            self._newest = ids[-1]
        recent = (span for span in spans if now - span.since < GIVEN_UP_AFTER_S)
        self._gaps = [piece for span in recent for piece in span.without(ids)][-MOST_GAPS:]
