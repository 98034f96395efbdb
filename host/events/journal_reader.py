"""Reads new rows of the journal for a bus, and finds the agents and sessions to wake.

PostgreSQL commits ids out of order, and a transaction for ten thousand agents takes ten thousand ids, while others
commit higher ones. So the reader looks for skipped ids until they appear.
"""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from host.db.tables import journal

GIVEN_UP_AFTER_S = 60.0
"""How long the reader looks for a skipped id; it never appears if its transaction was rolled back."""
MOST_GAPS = 50
"""Of more gaps than this the oldest are given up."""

Wake = Callable[[set[int], set[int]], None]
"""Called with the ids of the agents and of the sessions to wake."""


@dataclass(frozen=True)
class Gap:
    """A range of ids that were skipped."""

    first: int
    last: int
    since: float
    """Monotonic, in seconds."""

    def without(self, ids: Sequence[int]) -> "Iterator[Gap]":
        """Yield the parts of the gap that remain after these ids, which are sorted."""
        first = self.first
        for seen in ids[bisect_left(ids, self.first) : bisect_right(ids, self.last)]:
            if first < seen:
                yield Gap(first, seen - 1, self.since)
            first = seen + 1
        if first <= self.last:
            yield Gap(first, self.last, self.since)


class JournalReader:
    """Reads the rows after a first id, each once."""

    def __init__(self, newest: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._newest = newest
        self._clock = clock
        self._gaps: list[Gap] = []

    def poll(self, reader: Connection, wake: Wake) -> None:
        """Read the rows since the last call, and wake the agents and sessions of these rows."""
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
