"""Questions to the database that come at the same moment, answered with one asking for all.

Ten thousand sockets that are woken at once would each want a connection for a dozen queries of their own.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import exc

AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""No question is to blame, and asking for each alone would make all who follow wait as often."""
MOST = 50
"""Questions answered in one go: more would hold up others in a process with greenlets."""

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(eq=False)
class _Asked(Generic[Q, A]):
    question: Q
    told: threading.Event = field(default_factory=threading.Event)
    answers: Sequence[A] = ()
    """One, once it is there."""
    error: Exception | None = None

    def give(self, *answers: A, error: Exception | None = None) -> None:
        self.answers, self.error = answers, error
        self.told.set()


class Batcher(Generic[Q, A]):
    """Asks for all who ask at the same time, in a thread of its own.

    A question is answered from what is in the database after it was asked, never before. (Of its own, because ten
    thousand greenlets that have once been as deep in the database's driver as one has to be keep that much memory.)

    Args:
        answer: Answers several questions, in their order.
        most: How many at a time.
    """

    def __init__(self, answer: Callable[[Sequence[Q]], Sequence[A]], most: int = MOST) -> None:
        self._answer = answer
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Asked[Q, A]] = []
        self._is_asking = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="batcher")

    def submit(self, question: Q) -> A:
        """Return the answer to one question.

        Raises:
            Exception: What `answer` raises for this question alone.
        """
        asked = _Asked[Q, A](question)
        with self._lock:
            self._waiting.append(asked)
            was_asking, self._is_asking = self._is_asking, True
        if not was_asking:
            self._pool.submit(self._ask_all)
        asked.told.wait()
        if asked.error is not None:
            raise asked.error
        return asked.answers[0]

    def _ask_all(self) -> None:
        while batch := self._next():
            self._fill(batch)

    def _next(self) -> Sequence[_Asked[Q, A]]:
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            self._is_asking = bool(batch)
        return batch

    def _fill(self, batch: Sequence[_Asked[Q, A]]) -> None:
        try:
            answers = self._answer([each.question for each in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            if len(batch) == 1 or isinstance(error, AWAY):
                for each in batch:
                    each.give(error=error)
                return
            for each in batch:  # one question that can't be answered must not take the others with it
                self._fill([each])
            return
        for each, answer in zip(batch, answers, strict=True):
            each.give(answer)
